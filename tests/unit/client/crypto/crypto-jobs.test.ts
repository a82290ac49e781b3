import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cryptoJobs } from "../../../../src/client/crypto/crypto-jobs.ts";
import { CryptoPool, type CryptoWorker } from "../../../../src/client/crypto/crypto-pool.ts";
import type { CryptoService } from "../../../../src/client/crypto/crypto-service.ts";
import type { BuildPaymentJob } from "../../../../src/core/wallet/built-payment.ts";
import type { BucketJob } from "../../../../src/core/wallet/bucket-job.ts";
import type { ScanJob } from "../../../../src/core/wallet/scan-outputs.ts";
import type { TagJob } from "../../../../src/core/wallet/scan-tags.ts";
import { payee } from "../../../support/wallet-vectors.ts";

const none = {} as unknown;

describe("the jobs of a light client on the pool", () => {
  /** Jobs in the order in which workers take them, each with its end. */
  let taken: { readonly name: string; readonly end: (value: unknown) => void }[];
  let ended: number;
  let pool: CryptoPool;

  beforeEach(() => {
    taken = [];
    ended = 0;
    const take = (name: string) => () => new Promise<unknown>((end) => taken.push({ name, end }));
    const names = ["scan", "scanTags", "openBuckets", "buildPayment"];
    const service = Object.fromEntries(names.map((name) => [name, take(name)])) as unknown as CryptoService;
    const openWorker = (): CryptoWorker => ({ service, onCrash: () => undefined, terminate: () => ended++ });
    pool = new CryptoPool({ openWorker, workersMax: 1 });
  });
  afterEach(() => pool.close());

  function askForAll(jobs: ReturnType<typeof cryptoJobs>): readonly Promise<unknown>[] {
    return [
      jobs.scanTags(payee.view, none as TagJob),
      jobs.scanTags(payee.view, none as TagJob),
      jobs.scan(payee.view, none as ScanJob),
      jobs.openBuckets(payee.view, none as BucketJob),
      jobs.buildPayment(payee, none as BuildPaymentJob),
    ];
  }

  it("tags wait behind everything else, and each job has the answer that is its own", async () => {
    const all = askForAll(cryptoJobs(pool));
    for (let index = 0; index < all.length; index++) {
      taken[index]!.end(index);
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect(taken.map(({ name }) => name)).toEqual(["scanTags", "scan", "openBuckets", "buildPayment", "scanTags"]);
    expect(await Promise.all(all)).toEqual([0, 4, 1, 2, 3]);
  });

  it("a cancel ends those that are open, with the worker of what runs, and nothing of anybody else's", async () => {
    const jobs = cryptoJobs(pool);
    const all = askForAll(jobs);
    const other = pool.run("of somebody else", (service) => service.scan(payee.view, none as ScanJob));
    jobs.cancel();
    expect(await Promise.all(all)).toEqual(Array(5).fill(undefined));
    expect(ended).toBe(1);
    expect(taken.map(({ name }) => name)).toEqual(["scanTags", "scan"]);
    const later = jobs.scanTags(payee.view, none as TagJob);
    taken[1]!.end("theirs");
    expect(await other).toEqual({ ok: true, value: "theirs" });
    taken[2]!.end("ours");
    expect(await later).toBe("ours");
    jobs.cancel();
    expect(ended).toBe(1);
  });
});
