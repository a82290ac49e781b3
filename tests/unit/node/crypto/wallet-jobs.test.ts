import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isBlobWork } from "../../../../src/core/blob/blob-work.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { openWalletJobs, type WalletJobs } from "../../../../src/node/crypto/wallet-jobs.ts";
import { encodeBucketAnswer } from "../../../../src/wire/requests/bucket.ts";
import { ClientState } from "../../../support/client-state.ts";
import { payee } from "../../../support/wallet-vectors.ts";
import { compactEntry } from "../../../../src/core/chain/compact-block.ts";
import { decodeOutputCore } from "../../../../src/core/chain/output.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const core = decodeOutputCore(hexBytes(vectors.external.core));
const block = {
  height: height(5),
  timeMs: timeMs(50),
  firstLeaf: leafIndex(100),
  entries: [compactEntry(core)],
  outputs: [{ core, payload: undefined }],
};
const job = { account: 0, addressCount: 8, blocks: [block] };
const dying = new URL("data:text/javascript,process.exit(1)");

let jobs: WalletJobs | undefined;
afterEach(() => jobs?.close());

describe("a wallet's jobs on threads", () => {
  it("scan and tags come back as from the same thread, many at once", async () => {
    jobs = openWalletJobs();
    const scans = await Promise.all(Array.from({ length: 5 }, () => jobs!.jobs.scan(payee.view, job)));
    for (const scan of scans)
      expect(scan?.notes).toMatchObject([{ leaf: 100, amount: BigInt(vectors.external.amount) }]);
    const tags = { ephemeralKeys: compactEntry(core).ephemeralKey, viewTags: compactEntry(core).viewTag };
    expect(await jobs.jobs.scanTags(payee.view, tags)).toEqual({ places: [0] });
  });

  it("[BL-15] buckets are checked and opened there, and a lie comes back as a value", async () => {
    jobs = openWalletJobs({ threadsMax: 1 });
    const state = new ClientState();
    const utxoRoot = state.apply(height(5), leafIndex(0), [{ core, payload: undefined }], []);
    state.keep(height(5));
    const boundary = { height: height(5), timeMs: timeMs(50), utxoRoot, nextLeaf: 1 };
    const answers = [{ bucket: 0, frame: encodeBucketAnswer(state.bucket(height(5), 0)), hits: undefined }];
    const buckets = { account: 0, addressCount: 8, addressCountMax: 8, boundary, answers };
    const opened = await jobs.jobs.openBuckets(payee.view, buckets);
    expect(opened).toMatchObject({ ok: true, notes: [{ leaf: 0, amount: BigInt(vectors.external.amount) }] });
    const lie = { ...buckets, answers: [{ ...answers[0]!, bucket: 1 }] };
    expect(await jobs.jobs.openBuckets(payee.view, lie)).toEqual({ ok: false, code: "wrong_bucket" });
  });

  it("[MS-13] work for a blob is found there, a step at a time", async () => {
    jobs = openWalletJobs({ threadsMax: 1 });
    const work = { blobId: hash(new Uint8Array(32).fill(1)), size: 4_096, hour: 1, firstNonce: 0, tries: 2 ** 21 };
    const found = await jobs.jobs.findBlobWork(work);
    expect(found?.nonce).toBeDefined();
    expect(isBlobWork(work.blobId, work.size, { hour: 1, nonce: found!.nonce! })).toBe(true);
    const before = { ...work, tries: Number(found!.nonce) };
    expect(await jobs.jobs.findBlobWork(before)).toEqual({ nonce: undefined });
  });

  it("a thread that dies takes its job along, and the next one gets a new thread", async () => {
    let isDying = true;
    const real = new URL("../../../../src/node/crypto/wallet-worker.ts", import.meta.url);
    jobs = openWalletJobs({ openWorker: () => new Worker(isDying ? dying : real), threadsMax: 1 });
    expect(await jobs.jobs.scan(payee.view, job)).toBeUndefined();
    isDying = false;
    expect((await jobs.jobs.scan(payee.view, job))?.notes).toHaveLength(1);
  });

  /** Threads, so many of them alive. */
  function watchedThreads() {
    let [alive, most] = [0, 0];
    const openWorker = (): Worker => {
      const worker = new Worker(new URL("../../../../src/node/crypto/wallet-worker.ts", import.meta.url));
      most = Math.max(most, ++alive);
      worker.on("exit", () => alive--);
      return worker;
    };
    return { alive: () => alive, most: () => most, openWorker };
  }

  it("as many threads as there may be work side by side, and end when there is nothing to do", async () => {
    const { alive, most, openWorker } = watchedThreads();
    jobs = openWalletJobs({ openWorker, threadsMax: 3, idleMs: 5 });
    await Promise.all(Array.from({ length: 6 }, () => jobs!.jobs.scan(payee.view, job)));
    expect(most()).toBe(3);
    await vi.waitFor(() => expect(alive()).toBe(0), 20_000);
    expect((await jobs.jobs.scan(payee.view, job))?.notes).toHaveLength(1);
  });

  it("[MS-14] tags wait behind everything else, and work for blobs behind tags", async () => {
    jobs = openWalletJobs({ threadsMax: 1 });
    const order: string[] = [];
    const tags = { ephemeralKeys: compactEntry(core).ephemeralKey, viewTags: compactEntry(core).viewTag };
    const say = (name: string) => () => void order.push(name);
    const first = jobs.jobs.scan(payee.view, job).then(say("first"));
    const work = { blobId: hash(new Uint8Array(32).fill(1)), size: 4_096, hour: 1, firstNonce: 0, tries: 1 };
    const all = [
      jobs.jobs.findBlobWork(work).then(say("blob work")),
      jobs.jobs.scanTags(payee.view, tags).then(say("tags")),
      jobs.jobs.scanTags(payee.view, tags).then(say("more tags")),
      jobs.jobs.scan(payee.view, job).then(say("scan")),
      jobs.jobs.scan(payee.view, job).then(say("another")),
    ];
    await Promise.all([first, ...all]);
    expect(order).toEqual(["first", "scan", "another", "tags", "more tags", "blob work"]);
  });

  it("a cancel ends what waits and what runs, with its thread, and later jobs are done", async () => {
    const { alive, openWorker } = watchedThreads();
    jobs = openWalletJobs({ openWorker, threadsMax: 1 });
    const open = [jobs.jobs.scan(payee.view, job), jobs.jobs.scan(payee.view, job)];
    jobs.jobs.cancel();
    expect(await Promise.all(open)).toEqual([undefined, undefined]);
    await vi.waitFor(() => expect(alive()).toBe(0), 20_000);
    expect((await jobs.jobs.scan(payee.view, job))?.notes).toHaveLength(1);
    jobs.jobs.cancel();
    expect(alive()).toBe(1);
  });

  it("a close ends what is open", async () => {
    jobs = openWalletJobs({ threadsMax: 1 });
    const open = [jobs.jobs.scan(payee.view, job), jobs.jobs.scan(payee.view, job)];
    await jobs.close();
    expect(await Promise.all(open)).toEqual([undefined, undefined]);
    expect(await jobs.jobs.scan(payee.view, job)).toBeUndefined();
  });
});
