import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cryptoJobs } from "../../../../src/client/crypto/crypto-jobs.ts";
import { CryptoPool, type CryptoWorker } from "../../../../src/client/crypto/crypto-pool.ts";
import type { CryptoService } from "../../../../src/client/crypto/crypto-service.ts";
import type { BlobWorkJob } from "../../../../src/core/blob/blob-work.ts";
import type { BuildPaymentJob } from "../../../../src/core/wallet/built-payment.ts";
import type { BucketJob } from "../../../../src/core/wallet/bucket-job.ts";
import type { ScanJob } from "../../../../src/core/wallet/scan-outputs.ts";
import type { TagJob, TagResult } from "../../../../src/core/wallet/scan-tags.ts";
import { payee } from "../../../support/wallet-vectors.ts";

const none = {} as unknown;
const tagJob = (name: number): TagJob => ({ ephemeralKeys: Uint8Array.of(name), viewTags: new Uint8Array() });
/** What a worker finds in such a job. */
const found = (job: TagJob): TagResult => ({ places: [...job.ephemeralKeys] });

describe("the jobs of a light client on the pool", () => {
  /** Jobs in the order in which workers take them, each with its end. */
  let taken: { readonly name: string; readonly jobs: readonly TagJob[]; readonly end: (value: unknown) => void }[];
  let ended: number;
  let crash: () => void;
  let pool: CryptoPool;
  let open: (workersMax: number) => ReturnType<typeof cryptoJobs>;

  beforeEach(() => {
    taken = [];
    ended = 0;
    const take = (name: string) => (_: unknown, jobs: readonly TagJob[]) =>
      new Promise<unknown>((end) => taken.push({ name, jobs, end }));
    const names = ["scan", "scanTags", "openBuckets", "buildPayment", "findBlobWork"];
    const service = Object.fromEntries(names.map((name) => [name, take(name)])) as unknown as CryptoService;
    const openWorker = (): CryptoWorker => ({
      service,
      onCrash: (listener) => (crash = listener),
      terminate: () => ended++,
    });
    open = (workersMax) => {
      pool = new CryptoPool({ openWorker, workersMax });
      return cryptoJobs(pool);
    };
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
    const all = askForAll(open(1));
    for (let index = 0; index < all.length; index++) {
      taken[index]!.end(taken[index]!.name === "scanTags" ? [index] : index);
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect(taken.map(({ name }) => name)).toEqual(["scanTags", "scan", "openBuckets", "buildPayment", "scanTags"]);
    expect(await Promise.all(all)).toEqual([0, 4, 1, 2, 3]);
  });

  it("[MS-13] work for a blob waits behind a scan", async () => {
    const jobs = open(1);
    const blobWork = (): Promise<unknown> => jobs.findBlobWork(none as BlobWorkJob);
    const all = [blobWork(), blobWork(), jobs.scan(payee.view, none as ScanJob)];
    for (let index = 0; index < all.length; index++) {
      taken[index]!.end(index);
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect(taken.map(({ name }) => name)).toEqual(["findBlobWork", "scan", "findBlobWork"]);
    expect(await Promise.all(all)).toEqual([0, 2, 1]);
  });

  /** Ends what workers have until all is done; how many jobs each message brought. */
  async function scanAll(all: readonly Promise<TagResult | undefined>[]): Promise<readonly number[]> {
    for (let index = 0; index < taken.length; index++) {
      taken[index]!.end(taken[index]!.jobs.map(found));
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect(await Promise.all(all)).toEqual(all.map((_, name) => ({ places: [name] })));
    return taken.map(({ jobs }) => jobs.length);
  }
  const ask = (jobs: ReturnType<typeof cryptoJobs>, count: number, view = () => payee.view) =>
    Array.from({ length: count }, (_, name) => jobs.scanTags(view(), tagJob(name)));

  it("tags of several ranges share a message, the first ones and the last ones by as many as there are workers", async () => {
    expect(await scanAll(ask(open(2), 16))).toEqual([1, 1, 4, 4, 3, 2, 1]);
  });

  it("eight workers have one range each before any has two", async () => {
    expect(await scanAll(ask(open(8), 16))).toEqual(Array(16).fill(1));
  });

  it("tags for other keys go by themselves", async () => {
    let count = 0;
    const other = { ...payee.view };
    const sizes = await scanAll(ask(open(1), 7, () => (count++ < 3 ? payee.view : other)));
    expect(sizes).toEqual([1, 2, 4]);
    expect(taken.at(-1)!.jobs).toEqual([3, 4, 5, 6].map(tagJob));
  });

  it("a worker that dies takes no tags along: the next one gets all of them, and no other", async () => {
    const jobs = open(1);
    const all = ask(jobs, 4);
    taken[0]!.end([found(tagJob(0))]);
    await all[0];
    crash();
    expect(await scanAll(all)).toEqual([1, 3, 3]);
  });

  it("tags that no worker could be started for come to nothing, each of them", async () => {
    pool = new CryptoPool({
      openWorker: () => {
        throw new Error("no worker");
      },
    });
    expect(await Promise.all(ask(cryptoJobs(pool), 3))).toEqual([undefined, undefined, undefined]);
  });

  it("a cancel ends those that are open, with the worker of what runs, and nothing of anybody else's", async () => {
    const jobs = open(1);
    const all = askForAll(jobs);
    const other = pool.run("of somebody else", (service) => service.scan(payee.view, none as ScanJob));
    jobs.cancel();
    expect(await Promise.all(all)).toEqual(Array(5).fill(undefined));
    expect(ended).toBe(1);
    expect(taken.map(({ name }) => name)).toEqual(["scanTags", "scan"]);
    const later = jobs.scanTags(payee.view, none as TagJob);
    taken[1]!.end("theirs");
    expect(await other).toEqual({ ok: true, value: "theirs" });
    taken[2]!.end(["ours"]);
    expect(await later).toBe("ours");
    jobs.cancel();
    expect(ended).toBe(1);
  });
});
