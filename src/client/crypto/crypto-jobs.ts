import type { ScanKeys } from "../../core/wallet/keys.ts";
import type { TagJob, TagResult } from "../../core/wallet/scan-tags.ts";
import type { ClientJobs } from "../../engine/services/light-client-run.ts";
import type { CryptoPool } from "./crypto-pool.ts";
import type { CryptoService } from "./crypto-service.ts";

/** Tags of so many ranges go to a worker in one message: a message takes as long as some hundred of them. */
const TAG_JOBS_PER_MESSAGE = 4;

interface TagRequest {
  readonly keys: ScanKeys;
  readonly job: TagJob;
  readonly settle: (result: TagResult | undefined) => void;
}

/** The light client's jobs on the pool of crypto workers. */
export function cryptoJobs(pool: CryptoPool): ClientJobs {
  const open = new Set<string>();
  const waitingTags: TagRequest[] = [];
  let count = 0;

  const run = async <T>(
    name: string,
    work: (service: CryptoService) => Promise<T>,
    isUrgent = true,
  ): Promise<T | undefined> => {
    const id = `${name} ${count++}`;
    open.add(id);
    const result = await pool.run(id, work, isUrgent);
    open.delete(id);
    return result.ok ? result.value : undefined;
  };

  /** What the next message brings: no more than leaves as much to every other worker. */
  const takeTags = (): readonly TagRequest[] => {
    const share = Math.min(TAG_JOBS_PER_MESSAGE, Math.ceil(waitingTags.length / pool.workersMax));
    const ofOthers = waitingTags.findIndex(({ keys }) => keys !== waitingTags[0]!.keys);
    return waitingTags.splice(0, ofOthers < 0 ? share : Math.min(share, ofOthers));
  };

  /** One for each request; those whose request went along with an earlier one find nothing left to do. */
  const runTags = async (): Promise<void> => {
    let taken: readonly TagRequest[] | undefined;
    const work = (service: CryptoService): Promise<readonly TagResult[]> => {
      // What a worker died under is sent to the next one as it was.
      taken ??= takeTags();
      const [first] = taken;
      if (first === undefined) return Promise.resolve([]);
      return service.scanTags(
        first.keys,
        taken.map(({ job }) => job),
      );
    };
    // There is always more of it, while a person waits for the others.
    const results = await run("tags", work, false);
    for (const [index, { settle }] of (taken ?? waitingTags.splice(0, 1)).entries()) settle(results?.[index]);
  };

  return {
    scan: (keys, job) => run("scan", (service) => service.scan(keys, job)),
    scanTags: (keys, job) => {
      return new Promise((settle) => {
        waitingTags.push({ keys, job, settle });
        void runTags();
      });
    },
    openBuckets: (keys, job) => run("buckets", (service) => service.openBuckets(keys, job)),
    // Nobody has to wait for a picture before a scan.
    findBlobWork: (job) => run("blob work", (service) => service.findBlobWork(job), false),
    prepareClaim: (keys, job) => run("claim keys", (service) => service.prepareClaim(keys, job)),
    tryPacket: (step) => run("try", (service) => service.tryPacket(step)),
    makeClaim: (keys, job) => run("claim", (service) => service.makeClaim(keys, job)),
    replayPacket: (history) => run("replay", (service) => service.replayPacket(history), false),
    buildPayment: (keys, job) => run("payment", (service) => service.buildPayment(keys, job)),
    cancel: () => pool.cancel(...open),
  };
}
