import { rm } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { amount } from "../../src/core/values/amount.ts";
import { height } from "../../src/core/values/height.ts";
import { formatRecoveryWords } from "../../src/core/values/recovery-words.ts";
import { deriveAccount, deriveAddress } from "../../src/core/wallet/keys.ts";
import { callRpc, startDevnet } from "../support/devnet.ts";
import { buildApp } from "./support/build-app.ts";
import { copyFilledDevnet } from "./support/kept-fill.ts";
import type { KnownPayment } from "./support/many-outputs.ts";
import { opensslCandidate } from "./support/openssl-speed.ts";
import { readRanges } from "./support/read-ranges.ts";
import {
  balancesOf,
  newestBalance,
  recordBalances,
  recordEveryStart,
  type BalanceSeen,
} from "./support/record-balances.ts";
import { UnwatchedBrowser } from "./support/unwatched-browser.ts";
import { WorkerMemory } from "./support/worker-memory.ts";

const SEED = new Uint8Array(32).fill(9);
const PAYMENT_COUNT = 200;
const ADDRESS_COUNT = 5;
/** The coins among so many outputs at the end of the chain are those a person waits for first. */
const NEWEST_OUTPUTS = 10_000;
const LARGE = 1_000_000;
/** Those of one payment share a D, and a wallet agrees on one key for both. */
const OUTPUTS_PER_KEY = 2;
const OPENSSL_SECONDS = 2;
const RESTORE_TIMEOUT_MS = 900_000;
const POLL_MS = 500;
/** Whoever has just typed 24 words looks at them before the tap. */
const READING_MS = 2_000;
const WARM_RUNS = 5;

interface RestoreFigures {
  readonly bytesPerOutput: number;
  readonly restoreS: number;
  readonly firstSpendableS: number;
  readonly newestSpendableS: number;
  readonly receivedMb: number;
  readonly memoryMb: number;
  readonly warmMs: number;
  readonly warmMsMax: number;
}

const curve = createNobleBackend();
const { view } = deriveAccount(curve, SEED, 0);
const PAYMENTS: readonly KnownPayment[] = Array.from({ length: PAYMENT_COUNT }, (_, index) => ({
  to: deriveAddress(curve, view, index % ADDRESS_COUNT),
  amount: amount(BigInt(1_000 + index)),
}));
const sumOf = (payments: readonly KnownPayment[]): bigint => payments.reduce((sum, each) => sum + each.amount, 0n);
const seconds = (ms: number): number => Math.round(ms / 100) / 10;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The figures of `npm run bench -- restore`: the app in Chromium with the noble backend, one real node on loopback. */
export async function runBench(say: (line: string) => void): Promise<object> {
  say(`${cpus().length} cores of ${cpus()[0]?.model ?? "unknown kind"}, Node.js ${process.version}`);
  const begunMs = performance.now();
  await buildApp();
  say(`the app is built: ${seconds(performance.now() - begunMs)} s`);
  const small = await fillAndRestore(100_000, say);
  const native = opensslCandidate(say);
  const rates = [await native.round(OPENSSL_SECONDS)];
  const large = await fillAndRestore(LARGE, say);
  rates.push(await native.round(OPENSSL_SECONDS));
  // One restore has one round; what the machine gives OpenSSL before and after it tells what kind of hour it was.
  const perSecond = Math.max(...rates.map((rate) => rate?.perCpuSecond ?? 0));
  const keyAgreementsS = LARGE / OUTPUTS_PER_KEY / (perSecond * cpus().length);
  if (perSecond > 0) say(`native OpenSSL would take ${seconds(1_000 * keyAgreementsS)} s for the key agreements alone`);
  say(`${seconds(performance.now() - begunMs)} s in all`);
  return {
    bytes_per_output: large.bytesPerOutput,
    restore_100k_s: small.restoreS,
    restore_1m_s: large.restoreS,
    restore_1m_vs_openssl_keys: perSecond > 0 ? Math.round((100 * keyAgreementsS) / large.restoreS) / 100 : undefined,
    first_spendable_s: large.firstSpendableS,
    warm_balance_ms: large.warmMs,
    memory_mb: large.memoryMb,
    newest_10k_spendable_s: large.newestSpendableS,
    warm_balance_ms_max: large.warmMsMax,
    received_mb: large.receivedMb,
    load: loadavg()[0],
  };
}

async function fillAndRestore(liveCount: number, say: (line: string) => void): Promise<RestoreFigures> {
  const directory = await copyFilledDevnet({ liveCount, payments: PAYMENTS, say });
  try {
    return await measureRestore(directory, liveCount, say);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Restores the wallet of {@link PAYMENTS} from a filled devnet, which is stopped in the end but stays. */
async function measureRestore(
  directory: string,
  liveCount: number,
  say: (line: string) => void,
): Promise<RestoreFigures> {
  const before = loadavg()[0]!.toFixed(1);
  const devnet = await startDevnet({ directory });
  let isRunning = true;
  const stop = async (): Promise<void> => {
    if (isRunning) await devnet.stop();
    isRunning = false;
  };
  let browser: UnwatchedBrowser | undefined;
  try {
    const [validator] = devnet.file.validators;
    const { height: top } = await callRpc<{ readonly height: number }>(validator!.rpc, "status");
    const read = await readRanges(validator!.addresses[0]!, height(Math.max(0, top - 1)));
    const bytesPerOutput = Math.round((100 * read.bytes) / read.liveOutputs) / 100;
    say(`${read.liveOutputs} live outputs in ranges of ${read.bytes} bytes: ${bytesPerOutput} each`);
    browser = await UnwatchedBrowser.arrive();
    await browser.goto(`${devnet.url}/?lang=en`);
    const restored = await restoreOnce(browser, liveCount, say);
    // The page with the data it has used is the app's own; it counts blocks and buckets as well.
    await browser.goto(`${devnet.url}/me/settings?lang=en`);
    await browser.see('[data-testid="data-used"][data-received]');
    const received = Number(await browser.attribute('[data-testid="data-used"]', "data-received"));
    await browser.goto(`${devnet.url}/?lang=en`);
    await browser.see('[data-testid="sync-state"][data-state="live"]', 60_000);
    await browser.close();
    await stop();
    const warm = await measureWarm(browser, devnet.url);
    const receivedMb = Math.round(received / 1e5) / 10;
    say(`load ${before} before, ${loadavg()[0]!.toFixed(1)} after; ${receivedMb} MB received in all`);
    return { bytesPerOutput, ...restored, receivedMb, ...warm };
  } finally {
    await browser?.leave();
    await stop();
  }
}

async function restoreOnce(
  browser: UnwatchedBrowser,
  liveCount: number,
  say: (line: string) => void,
): Promise<Pick<RestoreFigures, "restoreS" | "firstSpendableS" | "newestSpendableS" | "memoryMb">> {
  const memory = await WorkerMemory.watch(browser);
  await browser.tap("onboard-restore");
  await browser.type("restore-phrase", formatRecoveryWords(SEED));
  await recordBalances(browser);
  await sleep(READING_MS);
  await browser.tap("restore-submit");
  const total = sumOf(PAYMENTS);
  const newest = PAYMENTS.filter((_, index) => (index / PAYMENT_COUNT) * liveCount >= liveCount - NEWEST_OUTPUTS);
  const deadline = performance.now() + RESTORE_TIMEOUT_MS;
  let seen: readonly BalanceSeen[] = [];
  const isComplete = ({ total: shown, isRestoring }: BalanceSeen): boolean => shown === Number(total) && !isRestoring;
  let toldAt = 0;
  while (!seen.some(isComplete)) {
    if (performance.now() > deadline)
      throw new Error(`not restored in time: ${JSON.stringify(await newestBalance(browser))}`);
    await sleep(POLL_MS);
    // The newest alone: reading all of them each time would take from what is measured.
    const last = await newestBalance(browser);
    if (last !== undefined && isComplete(last)) seen = await balancesOf(browser);
    if (last !== undefined && last.atMs > toldAt + 10_000) {
      toldAt = last.atMs;
      say(`${seconds(last.atMs)} s: ${last.counts} load ${loadavg()[0]!.toFixed(1)}`);
    }
  }
  memory.stop();
  if (memory.samples === 0) throw new Error("nothing is known of the client worker's memory");
  const atMs = (holds: (each: BalanceSeen) => boolean): number => seconds(seen.find(holds)!.atMs);
  const figures = {
    restoreS: atMs(isComplete),
    firstSpendableS: atMs(({ usable }) => usable > 0),
    newestSpendableS: atMs(({ usable }) => usable >= Number(sumOf(newest))),
    memoryMb: Math.round(memory.peak / 1e5) / 10,
  };
  say(`${liveCount} outputs: ${JSON.stringify(figures)}`);
  return figures;
}

/** The browser opens the app anew and no node is there: until the stored balance shows. */
async function measureWarm(
  browser: UnwatchedBrowser,
  url: string,
): Promise<Pick<RestoreFigures, "warmMs" | "warmMsMax">> {
  const times: number[] = [];
  await browser.open();
  await recordEveryStart(browser);
  // The first start of a browser is its own business.
  for (let run = 0; run <= WARM_RUNS; run++) {
    await browser.goto(`${url}/?lang=en`);
    await browser.see('[data-testid="home-balance"][data-total]');
    await sleep(POLL_MS);
    const seen = await balancesOf(browser);
    const shown = seen.find(({ total }) => total === Number(sumOf(PAYMENTS)));
    if (run > 0) times.push(shown!.atMs);
  }
  times.sort((left, right) => left - right);
  await browser.close();
  return { warmMs: Math.round(times[Math.floor(times.length / 2)]!), warmMsMax: Math.round(times.at(-1)!) };
}
