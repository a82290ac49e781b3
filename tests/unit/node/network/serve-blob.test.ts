import { beforeEach, describe, expect, it } from "vitest";
import { blobHour, findBlobWork, type BlobWork } from "../../../../src/core/blob/blob-work.ts";
import { blobSizeOf, type SealedBlob } from "../../../../src/core/blob/sealed-blob.ts";
import type { BlobStore } from "../../../../src/core/ports/blob-store.ts";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { requestOne, RequestError } from "../../../../src/net/requests/request.ts";
import { RequestGuard } from "../../../../src/node/network/request-guard.ts";
import { serveBlob } from "../../../../src/node/network/serve-blob.ts";
import { encodeFrame, ERROR_CODE } from "../../../../src/wire/frame.ts";
import {
  ANSWERS_SENDING_BYTES_MAX,
  BLOB_BYTES_PER_MINUTE_MAX,
  BLOB_PUT_BYTES_PER_MINUTE_MAX,
  BLOB_PUTS_RUNNING_MAX,
} from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import {
  decodeBlobHasAnswer,
  decodeBlobItem,
  decodeBlobPutAnswer,
  encodeBlobRequest,
  type BlobPutResult,
} from "../../../../src/wire/requests/blob.ts";
import { blobOf } from "../../../contract/blob-store.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { MemoryBlobStore } from "../../../support/memory-blob-store.ts";
import { testCurve } from "../../../support/test-curve.ts";

const HOUR_MS = 3_600_000;
const START = 1_700_000_000_000;

function workFor({ blobId, bytes }: SealedBlob, hour: number): BlobWork {
  const size = blobSizeOf(bytes.length)!;
  const { nonce } = findBlobWork(testCurve, { blobId, size, hour, firstNonce: 0, tries: 2 ** 26 });
  return { hour, nonce: nonce! };
}

const blob = blobOf(1);
const hour = blobHour(timeMs(START));
const work = workFor(blob, hour);

describe("a node that keeps blobs", () => {
  let network: FakeNetwork;
  let client: NetworkPort;
  let store: MemoryBlobStore;
  let now: number;
  let steady: number;
  let blamed: string[];
  let failures: unknown[];

  const serve = async (served: BlobStore): Promise<void> => {
    network = new FakeNetwork();
    const tell = (fault: string) => (peer: string) => void blamed.push(`${fault} ${peer}`);
    const faults = { malformed: tell("malformed"), tooMany: tell("too many"), rejected: tell("rejected") };
    const source = {
      store: served,
      now: () => timeMs(now),
      steadyMs: () => steady,
      failed: (error: unknown) => failures.push(error),
    };
    await serveBlob(network.join("node"), source, new RequestGuard(faults, () => steady));
    client = await join("client");
  };
  const join = async (name: string): Promise<NetworkPort> => {
    const port = network.join(name);
    await port.dial("/fake/node", 100);
    return port;
  };
  beforeEach(async () => {
    [now, steady, blamed, failures] = [START, 0, [], []];
    store = new MemoryBlobStore();
    await serve(store);
  });

  const ask = (frame: Uint8Array, from = client): Promise<Uint8Array> => {
    return requestOne(from, "node", PROTOCOL.blob.name, PROTOCOL.blob.asked, frame, 30_000);
  };
  const put = async (sealed: SealedBlob, with_: BlobWork, from = client): Promise<BlobPutResult> => {
    return decodeBlobPutAnswer(await ask(encodeBlobRequest({ type: "put", ...sealed, work: with_ }), from));
  };
  const get = async ({ blobId }: SealedBlob, from = client): Promise<Uint8Array> => {
    return decodeBlobItem(await ask(encodeBlobRequest({ type: "get", blobId }), from));
  };
  const has = async ({ blobId }: SealedBlob): Promise<boolean> => {
    return decodeBlobHasAnswer(await ask(encodeBlobRequest({ type: "has", blobId })));
  };
  const codeOf = async (asked: Promise<unknown>): Promise<number | undefined> => {
    const error: unknown = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof RequestError ? error.refusal?.code : undefined;
  };

  it("[MS-13] keeps what is put with work, and gives it to whoever names it", async () => {
    expect(await has(blob)).toBe(false);
    expect(await codeOf(get(blob))).toBe(ERROR_CODE.unavailable);
    expect(await put(blob, work)).toBe("kept");
    expect(await has(blob)).toBe(true);
    expect(await get(blob, await join("stranger"))).toEqual(blob.bytes);
    expect(blamed).toEqual([]);
  });

  it("[MS-13] has forgotten it when its time is over", async () => {
    await put(blob, work);
    now += 600_000;
    expect(await has(blob)).toBe(false);
    expect(await codeOf(get(blob))).toBe(ERROR_CODE.unavailable);
  });

  it("[MS-13] lets a blob live on that is put again", async () => {
    await put(blob, work);
    now += 599_999;
    expect(await put(blob, work)).toBe("kept");
    now += 599_999;
    expect(await has(blob)).toBe(true);
  });

  it("[MS-13] stores nothing for work of another hour, and blames nobody's clock", async () => {
    now = (hour + 2) * HOUR_MS;
    expect(await put(blob, work)).toBe("wrong_hour");
    now = (hour - 1) * HOUR_MS - 1;
    expect(await put(blob, work)).toBe("wrong_hour");
    expect(store.holdings().count).toBe(0);
    expect(blamed).toEqual([]);
    now = (hour + 2) * HOUR_MS - 1;
    expect(await put(blob, work)).toBe("kept");
  });

  it("[MS-13] stores nothing without work, for too little, or for other bytes, and blames who sent it", async () => {
    expect(await put(blob, { hour, nonce: work.nonce + 1n })).toBe("too_little_work");
    expect(await put(blobOf(2), work)).toBe("too_little_work");
    // The id says nothing of the size: work for 4 KiB under the same id with 16 KiB behind it.
    expect(await put({ blobId: blob.blobId, bytes: blobOf(1, 5_000).bytes }, work)).toBe("too_little_work");
    const bent = blob.bytes.slice();
    bent[77]! ^= 1;
    expect(await put({ blobId: blob.blobId, bytes: bent }, work)).toBe("wrong_hash");
    expect(store.holdings().count).toBe(0);
    expect(blamed).toEqual(Array.from({ length: 4 }, () => "rejected client"));
  });

  it("[MS-13] says that it has no room where its quota holds no such blob", async () => {
    await serve(new MemoryBlobStore({ ttlMs: 600_000, quotaBytes: 0 }));
    expect(await put(blob, work)).toBe("no_room");
  });

  it("[MS-13] says so before it looks at the bytes, and without taking them from the pace of all", async () => {
    await serve(new MemoryBlobStore({ ttlMs: 600_000, quotaBytes: 0 }));
    const bent = blob.bytes.slice();
    bent[77]! ^= 1;
    expect(await put({ blobId: blob.blobId, bytes: bent }, work)).toBe("no_room");
    expect(blamed).toEqual([]);
  });

  it("[MS-13] has one live on for its own bytes alone: not for less work under its id, nor for bytes that are not its", async () => {
    const larger = blobOf(3, 5_000);
    const largerWork = workFor(larger, hour);
    await put(larger, largerWork);
    now += 599_999;
    const small = { blobId: larger.blobId, bytes: blob.bytes };
    const bent = { blobId: larger.blobId, bytes: larger.bytes.slice().reverse() };
    expect(await put(small, workFor(small, hour))).toBe("wrong_hash");
    expect(await put(bent, largerWork)).toBe("wrong_hash");
    expect(blamed).toEqual(["rejected client", "rejected client"]);
    now += 1;
    expect(await has(larger)).toBe(false);
  });

  it("[EN-4] blames bytes that are no request, and those of no blob's size", async () => {
    const { blobId } = blob;
    const short = encodeBlobRequest({ type: "put", blobId, work, bytes: blob.bytes }).subarray(0, -1);
    for (const frame of [
      short,
      encodeFrame(4, blobId),
      encodeFrame(2, blobId.subarray(1)),
      encodeFrame(3, new Uint8Array(33)),
    ]) {
      expect(await codeOf(ask(frame))).toBe(ERROR_CODE.malformed);
    }
    expect(blamed).toEqual(Array.from({ length: 4 }, () => "malformed client"));
  });

  it("BLOB_BYTES_PER_MINUTE_MAX [MS-13] of one peer, put and read together; another has its own", async () => {
    const readsMax = BLOB_BYTES_PER_MINUTE_MAX / 4_096 - 1;
    await put(blob, work);
    for (let count = 0; count < readsMax; count++) await get(blob);
    expect(await codeOf(get(blob))).toBe(ERROR_CODE.busy);
    expect(await codeOf(put(blob, work))).toBe(ERROR_CODE.busy);
    expect(await has(blob)).toBe(true);
    expect(await get(blob, await join("other"))).toEqual(blob.bytes);
    steady += 60_000 / (BLOB_BYTES_PER_MINUTE_MAX / 4_096);
    expect(await get(blob)).toEqual(blob.bytes);
    expect(await codeOf(get(blob))).toBe(ERROR_CODE.busy);
  });

  it("BLOB_PUT_BYTES_PER_MINUTE_MAX [MS-13] of all peers together, also of what is kept, and no byte above is looked at", async () => {
    const larger = blobOf(3, 5_000);
    const largerWork = workFor(larger, hour);
    const keeps = BLOB_PUT_BYTES_PER_MINUTE_MAX / 16_384;
    const ofOne = BLOB_BYTES_PER_MINUTE_MAX / 16_384;
    for (let peer = 0; peer < keeps / ofOne; peer++) {
      const port = await join(`peer-${peer}`);
      for (let count = 0; count < ofOne; count++) expect(await put(larger, largerWork, port)).toBe("kept");
    }
    expect(await codeOf(put(blob, work))).toBe(ERROR_CODE.busy);
    expect(await codeOf(put(larger, largerWork))).toBe(ERROR_CODE.busy);
    const bent = { blobId: larger.blobId, bytes: larger.bytes.slice().reverse() };
    expect(await codeOf(put(bent, largerWork))).toBe(ERROR_CODE.busy);
    expect(blamed).toEqual([]);
    expect(await has(larger)).toBe(true);
    steady += 3;
    expect(await codeOf(put(blob, work))).toBe(ERROR_CODE.busy);
    steady += 1;
    expect(await put(blob, work)).toBe("kept");
  });

  it("[MS-13] renews what it has, and does not store it again", async () => {
    await put(blob, work);
    const calls: string[] = [];
    const renew = store.renew.bind(store);
    Object.assign(store, {
      renew: (...given: Parameters<typeof renew>) => {
        calls.push("renew");
        return renew(...given);
      },
      keep: () => Promise.reject(new Error("not asked for")),
    });
    expect(await put(blob, work)).toBe("kept");
    expect(calls).toEqual(["renew"]);
    expect(failures).toEqual([]);
  });

  it("BLOB_PUTS_RUNNING_MAX on their way to the disk; one more gets error 3", async () => {
    const waiting: (() => void)[] = [];
    const slow = Object.assign(new MemoryBlobStore(), {
      keep: () => new Promise<boolean>((resolve) => waiting.push(() => resolve(true))),
    });
    await serve(slow);
    const ports = await Promise.all(
      Array.from({ length: BLOB_PUTS_RUNNING_MAX + 1 }, (_, index) => join(`peer-${index}`)),
    );
    const running = ports.slice(0, -1).map((port) => put(blob, work, port));
    await expect.poll(() => waiting.length).toBe(BLOB_PUTS_RUNNING_MAX);
    expect(await codeOf(put(blob, work, ports.at(-1)))).toBe(ERROR_CODE.busy);
    for (const go of waiting) go();
    expect(await Promise.all(running)).toEqual(running.map(() => "kept"));
    const again = put(blob, work, ports.at(-1));
    await expect.poll(() => waiting.length).toBe(BLOB_PUTS_RUNNING_MAX + 1);
    waiting.at(-1)!();
    expect(await again).toBe("kept");
  });

  it("ANSWERS_SENDING_BYTES_MAX of blobs are on their way to all; then the slow go, and who comes before that hears error 3", async () => {
    const bytes = blobOf(4, 1_000_000).bytes;
    let isStuck = true;
    const slow = Object.assign(new MemoryBlobStore(), {
      sizeOf: () => bytes.length,
      read: () => (isStuck ? new Promise<never>(() => undefined) : Promise.resolve(bytes)),
    });
    await serve(slow);
    const count = ANSWERS_SENDING_BYTES_MAX / (1024 * 1024);
    const ports = await Promise.all(Array.from({ length: count + 2 }, (_, index) => join(`peer-${index}`)));
    const ended: number[] = [];
    ports.slice(0, count).forEach((port, index) => void get(blob, port).catch(() => ended.push(index)));
    expect(await codeOf(get(blob, ports[count]))).toBe(ERROR_CODE.busy);
    expect(ended).toEqual([]);
    steady += 5_000;
    isStuck = false;
    expect(await get(blob, ports[count])).toEqual(bytes);
    await expect.poll(() => ended).toEqual([0]);
    // What has been read is held no more.
    expect(await get(blob, ports[count + 1])).toEqual(bytes);
    expect(ended).toEqual([0]);
  });

  it("[MS-13] goes on where its disk fails: the asker hears error 2, the log hears of it", async () => {
    const broken = Object.assign(new MemoryBlobStore(), {
      keep: () => Promise.reject(new Error("no space")),
      sizeOf: () => blob.bytes.length,
      read: () => Promise.reject(new Error("bad sector")),
    });
    await serve(broken);
    expect(await codeOf(put(blob, work))).toBe(ERROR_CODE.unavailable);
    expect(await codeOf(get(blob))).toBe(ERROR_CODE.unavailable);
    expect(failures).toHaveLength(2);
    expect(blamed).toEqual([]);
  });
});
