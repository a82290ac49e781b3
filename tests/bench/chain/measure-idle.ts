import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { NETWORK_PARAMS } from "../../../src/core/params/network-params.ts";
import { openLevelStore } from "../../../src/node/storage/level-store.ts";
import type { StoreSizes } from "../../../src/node/storage/store-sizes.ts";
import type { CleanUp } from "../support/clean-up.ts";
import { IdleChain } from "./idle-chain.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A day's blocks and a day's window are full by then, and what leaves them has been given back a few times. */
const SETTLE_MS = 6 * 60 * 60 * 1_000;
/**
 * How long the payload window is here. What a full window loses in an hour it gains in the next, however long it is, so
 * its length is no part of growth; main's fourteen days would have to be filled first.
 */
const WINDOW_DAYS = 1;

export interface IdleRun {
  /** How many days are measured once the window is full; seven see one payout to everybody who validates. */
  readonly days: number;
  readonly windowDays?: number;
  readonly cleanUp: CleanUp;
  readonly say: (line: string) => void;
}

export interface IdleGrowth {
  readonly mbPerDay: number;
  /** On disk at the end, in MB. */
  readonly heldMb: number;
}

/** A moment and the bytes of all files of the database then. */
export interface DiskSample {
  readonly atMs: number;
  readonly bytes: number;
}

/**
 * What an idle node's folder grows by in a day at main's parameters: simulated days through the real state, database and
 * pruner. Sampled at each end of an epoch, when the node has just pruned, as the files are: with what is deleted but not
 * yet given back, and with the log that the database writes ahead, which comes and goes by some MB.
 */
export async function measureIdle({ days, windowDays = WINDOW_DAYS, cleanUp, say }: IdleRun): Promise<IdleGrowth> {
  const directory = await mkdtemp(join(tmpdir(), "stegos-idle-"));
  const ended = cleanUp.add(() => rm(directory, { recursive: true, force: true }));
  const store = await openLevelStore(directory);
  const params = { ...NETWORK_PARAMS.main, payloadTtlMs: windowDays * DAY_MS };
  const chain = await IdleChain.begin(store, await openBackend(buildKernel), params);
  try {
    const begun = chain.now;
    const measuredFrom = begun + windowDays * DAY_MS + SETTLE_MS;
    const until = measuredFrom + days * DAY_MS;
    const samples: DiskSample[] = [];
    let saidDay = 0;
    while (chain.now < until) {
      await chain.runEpoch();
      const sizes = await store.sizes();
      const sample = { atMs: chain.now, bytes: totalOf(sizes) };
      if (chain.now >= measuredFrom) samples.push(sample);
      const day = Math.floor((chain.now - begun) / DAY_MS);
      if (day === saidDay) continue;
      saidDay = day;
      const phase = chain.now < measuredFrom ? "filling the windows" : "measuring";
      say(
        `idle day ${day}, ${phase}: ${megabytes(sample.bytes)} MB, block ${chain.tip.header.height}; ${textOf(sizes)}`,
      );
    }
    const growth = { mbPerDay: growthPerDay(samples) / 1e6, heldMb: megabytes(samples.at(-1)!.bytes) };
    say(`idle: ${growth.mbPerDay.toFixed(3)} MB a day over ${days} days, ${samples.length} samples`);
    return growth;
  } finally {
    await chain.stop();
    await store.close();
    await ended();
  }
}

/** Slope of the line that lies nearest to the samples, in bytes a day: no single sample decides. */
export function growthPerDay(samples: readonly DiskSample[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
  const [meanAt, meanBytes] = [mean(samples.map(({ atMs }) => atMs)), mean(samples.map(({ bytes }) => bytes))];
  let [above, below] = [0, 0];
  for (const { atMs, bytes } of samples) {
    above += (atMs - meanAt) * (bytes - meanBytes);
    below += (atMs - meanAt) ** 2;
  }
  return (above / below) * DAY_MS;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;
const totalOf = (sizes: StoreSizes): number => Object.values(sizes).reduce((sum, each) => sum + each, 0);
const textOf = (sizes: StoreSizes): string =>
  Object.entries(sizes)
    .filter(([, bytes]) => bytes >= 5_000)
    .map(([name, bytes]) => `${name} ${megabytes(bytes)}`)
    .join(", ");
