import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { FORMAT_VERSION } from "../../src/node/storage/migrate-database.ts";
import type { Devnet } from "../support/devnet.ts";
import { ValidatorProcesses } from "../support/validator-processes.ts";
import { measureIdle } from "./chain/measure-idle.ts";
import { measureRestart } from "./chain/measure-restarts.ts";
import { measureSnapshot } from "./chain/measure-snapshot.ts";
import { Offers } from "./chain/offer-payments.ts";
import { preparePayments, readPayments, VALIDATORS } from "./chain/prepare-payments.ts";
import { watchBlocks, type SeenBlock } from "./chain/watch-blocks.ts";
import type { BenchOptions } from "./support/bench-arguments.ts";
import { CleanUp } from "./support/clean-up.ts";
import { startBenchDevnet } from "./support/bench-devnet.ts";
import { copyKept } from "./support/kept-fill.ts";
import { secondsBetween, threadTimes, type CpuTimes } from "./support/process-time.ts";

const SECONDS = 60;
/** More than is asked for, so that a chain that keeps up shows it. */
const OFFERED_PER_S = 120;
/** While validators are killed and started again. */
const RESTART_OFFERED_PER_S = 20;
const RESTARTS = 3;
const RESTART_SECONDS_MAX = 60;
/** What was offered last may take this long to become final. */
const TAIL_MS = 5_000;
const SNAPSHOT_OUTPUTS = 200_000;
/** Of a whole run: with a week's payout in them. */
const IDLE_DAYS = 7;
/** Raised whenever the payments come out otherwise than before. */
const PREPARED_VERSION = 1;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface LoadFigures {
  readonly tx_per_s: number;
  readonly final_ms_p50: number;
  readonly final_ms_p99: number;
  readonly offered_per_s: number;
  readonly refused: number;
  readonly cpu_ms_per_tx: number;
}

/**
 * The figures of `npm run bench -- chain`: private payments of two outputs on four validator processes, which share this
 * machine with whoever hands them in; validators killed and started again meanwhile; a node that joins by a snapshot;
 * and what an idle one grows by. Payments were made beforehand; each is handed in at one validator, goes through the stem
 * and gossip, and is final once the first validator says so.
 */
export async function runBench(say: (line: string) => void, options: BenchOptions = {}): Promise<object> {
  const seconds = options.seconds ?? SECONDS;
  say(`${cpus().length} cores of ${cpus()[0]?.model ?? "unknown kind"}, Node.js ${process.version}`);
  const cleanUp = new CleanUp();
  try {
    const loaded = await underLoad(seconds, cleanUp, say);
    const load = loadavg()[0];
    const snapshot = await measureSnapshot(SNAPSHOT_OUTPUTS, cleanUp, say);
    const days = Math.ceil((IDLE_DAYS * seconds) / SECONDS);
    const idle = await measureIdle({ days, cleanUp, say });
    return {
      ...loaded,
      idle_mb_per_day: Math.round(1_000 * idle.mbPerDay) / 1_000,
      snapshot_200k_s: snapshot.seconds,
      snapshot_joiner_cpu_s: snapshot.joinerCpuS,
      idle_held_mb: idle.heldMb,
      idle_days: days,
      load,
    };
  } finally {
    await cleanUp.run();
  }
}

async function underLoad(
  seconds: number,
  cleanUp: CleanUp,
  say: (line: string) => void,
): Promise<LoadFigures & { readonly restart_ms: number }> {
  const count = Math.ceil(OFFERED_PER_S * seconds + RESTART_OFFERED_PER_S * RESTART_SECONDS_MAX);
  const directory = await mkdtemp(join(tmpdir(), "stegos-chain-"));
  const removed = cleanUp.add(() => rm(directory, { recursive: true, force: true }));
  try {
    const name = `chain-${count}-${VALIDATORS}-${FORMAT_VERSION}-${PREPARED_VERSION}`;
    await copyKept({ name, copy: directory, say, make: (folder) => preparePayments(folder, count, say) });
    const payments = await readPayments(directory);
    const { devnet, stopped } = await startBenchDevnet(directory, cleanUp);
    const processes = new ValidatorProcesses(devnet);
    const ended = cleanUp.add(() => processes.end());
    try {
      const offers = new Offers(
        devnet.file.validators.map(({ rpc }) => rpc),
        payments,
      );
      const load = await measureLoad(devnet, processes, offers, seconds, say);
      const restarts = await measureRestarts(devnet, processes, offers, say);
      return { ...load, restart_ms: Math.max(...restarts) };
    } finally {
      await ended();
      await stopped();
    }
  } finally {
    await removed();
  }
}

async function measureLoad(
  devnet: Devnet,
  processes: ValidatorProcesses,
  offers: Offers,
  seconds: number,
  say: (line: string) => void,
): Promise<LoadFigures> {
  const finish = watchBlocks(devnet.file.validators[0]!.rpc);
  await sleep(1_000);
  const pids = devnet.file.validators.map((_, index) => processes.pidOf(index));
  const before = await timesOf(pids);
  const begun = performance.now();
  await offers.run(OFFERED_PER_S, AbortSignal.timeout(1_000 * seconds));
  const offered = offers.offered;
  const ended = performance.now();
  await sleep(TAIL_MS);
  const cpuSeconds = secondsBetween(before, await timesOf(pids));
  await offers.settled();
  const blocks = await finish();
  const waits = waitsOf(blocks, offers);
  const inTime = blocks.filter(({ seenAt }) => seenAt <= ended).reduce((sum, { txids }) => sum + txids.length, 0);
  const refused = [...offers.refusals.values()].reduce((sum, each) => sum + each, 0);
  for (const [reason, times] of offers.refusals) say(`refused ${times} times: ${reason}`);
  const figures = {
    tx_per_s: Math.round((10_000 * inTime) / (ended - begun)) / 10,
    final_ms_p50: quantile(waits, 0.5),
    final_ms_p99: quantile(waits, 0.99),
    offered_per_s: Math.round((10_000 * offered) / (ended - begun)) / 10,
    refused,
    cpu_ms_per_tx: Math.round((10_000 * cpuSeconds) / Math.max(1, waits.length)) / 10,
  };
  const full = Math.max(...blocks.map(({ txids }) => txids.length));
  say(`${offered} offered in ${Math.round((ended - begun) / 1_000)} s, ${inTime} of them final by then`);
  say(`${waits.length} final ${TAIL_MS / 1_000} s later, in ${blocks.length} blocks, at most ${full} in one`);
  say(`processor time of all validators: ${cpuSeconds.toFixed(1)} s, ${figures.cpu_ms_per_tx} ms a payment`);
  say(`load ${loadavg()[0]!.toFixed(1)}: ${JSON.stringify(figures)}`);
  return figures;
}

async function timesOf(pids: readonly number[]): Promise<CpuTimes> {
  const times = await Promise.all(pids.map((pid) => threadTimes(pid)));
  return new Map(times.flatMap((each) => [...(each ?? [])]));
}

/** From when each was due to be handed in to when it was known to be final, sorted. */
function waitsOf(blocks: readonly SeenBlock[], offers: Offers): readonly number[] {
  const waits = blocks.flatMap(({ seenAt, txids }) =>
    txids.flatMap((txid) => {
      const offeredAt = offers.offeredAt(txid);
      return offeredAt === undefined ? [] : [seenAt - offeredAt];
    }),
  );
  return waits.sort((left, right) => left - right);
}

/** null where nothing became final. */
function quantile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
}

async function measureRestarts(
  devnet: Devnet,
  processes: ValidatorProcesses,
  offers: Offers,
  say: (line: string) => void,
): Promise<readonly number[]> {
  const over = new AbortController();
  const running = offers.run(RESTART_OFFERED_PER_S, over.signal);
  const times: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart++) {
    times.push(await measureRestart(devnet, processes, 1 + restart));
    say(`validator ${1 + restart} votes again ${times.at(-1)} ms after its start`);
  }
  over.abort();
  await running;
  return times;
}
