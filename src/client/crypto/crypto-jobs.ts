import type { ClientJobs } from "../../engine/services/light-client-run.ts";
import type { CryptoPool } from "./crypto-pool.ts";
import type { CryptoService } from "./crypto-service.ts";

/** The light client's jobs on the pool of crypto workers. */
export function cryptoJobs(pool: CryptoPool): ClientJobs {
  const open = new Set<string>();
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
  return {
    scan: (keys, job) => run("scan", (service) => service.scan(keys, job)),
    // There is always more of it, while a person waits for the others.
    scanTags: (keys, job) => run("tags", (service) => service.scanTags(keys, job), false),
    openBuckets: (keys, job) => run("buckets", (service) => service.openBuckets(keys, job)),
    buildPayment: (keys, job) => run("payment", (service) => service.buildPayment(keys, job)),
    cancel: () => pool.cancel(...open),
  };
}
