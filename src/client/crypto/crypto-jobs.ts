import type { ClientJobs } from "../../engine/services/light-client-run.ts";
import type { CryptoPool, JobResult } from "./crypto-pool.ts";

/** The light client's jobs on the pool of crypto workers. */
export function cryptoJobs(pool: CryptoPool): ClientJobs {
  let count = 0;
  const valueOf = <T>(result: JobResult<T>): T | undefined => (result.ok ? result.value : undefined);
  return {
    scan: async (keys, job) => valueOf(await pool.run(`scan ${count++}`, (service) => service.scan(keys, job))),
    scanTags: async (keys, job) => {
      // There is always more of it, while a person waits for the others.
      return valueOf(await pool.run(`tags ${count++}`, (service) => service.scanTags(keys, job), false));
    },
    openBuckets: async (keys, job) => {
      return valueOf(await pool.run(`buckets ${count++}`, (service) => service.openBuckets(keys, job)));
    },
    buildPayment: async (keys, job) => {
      return valueOf(await pool.run(`payment ${count++}`, (service) => service.buildPayment(keys, job)));
    },
  };
}
