import { wrap } from "comlink";
import { cryptoJobs } from "../../../src/client/crypto/crypto-jobs.ts";
import { CryptoPool } from "../../../src/client/crypto/crypto-pool.ts";
import { openCryptoWorker } from "../../../src/client/crypto/open-crypto-worker.ts";
import { tagCount } from "../../../src/core/wallet/scan-tags.ts";
import { sumOfWork, workFor, type WorkDone } from "../support/work.ts";
import { rangeJob, scanningKeys } from "./tag-job.ts";
import type { WorkGroup, WorkGroups } from "./work-groups.ts";

const THREADS = 2;
/** Ranges on their way to each crypto worker: one at work, one waiting. */
const RANGES_PER_WORKER = 2;
const IDLE_MS = 3_600_000;

const workers = Array.from({ length: THREADS }, () =>
  wrap<WorkGroups>(new Worker(new URL("./curve.worker.ts", import.meta.url), { type: "module" })),
);

/** One work on the first so many workers at once. */
async function runWork(group: WorkGroup, name: string, seconds: number, threads = 1): Promise<WorkDone | undefined> {
  const done = await Promise.all(workers.slice(0, threads).map((worker) => worker.run(group, name, seconds)));
  const known = done.filter((each) => each !== undefined);
  return known.length === threads ? sumOfWork(known) : undefined;
}

const pool = new CryptoPool({
  openWorker: () =>
    openCryptoWorker(
      new Worker(new URL("../../../workers/crypto.worker.ts", import.meta.url), { type: "module", name: "crypto" }),
    ),
  workersMax: THREADS,
  idleMs: IDLE_MS,
});
const jobs = cryptoJobs(pool);
const keys = scanningKeys();
const range = rangeJob(2);

/** Ranges through the app's own pool and its crypto workers, as a restore sends them: bytes in, places of hits out. */
async function scanRanges(seconds: number): Promise<WorkDone> {
  const go = async (): Promise<void> => {
    if ((await jobs.scanTags(keys, range)) === undefined) throw new Error("a crypto worker gave up");
  };
  const work = { units: tagCount(range), go };
  return sumOfWork(
    await Promise.all(Array.from({ length: THREADS * RANGES_PER_WORKER }, () => workFor(work, seconds))),
  );
}

/** What the benchmark calls in the page. */
export interface CurvePage {
  runWork: typeof runWork;
  scanRanges: typeof scanRanges;
}

Object.assign(globalThis, { runWork, scanRanges, isReady: true } satisfies CurvePage & { isReady: true });
