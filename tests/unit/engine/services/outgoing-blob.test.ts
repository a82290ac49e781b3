import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sealBlob } from "../../../../src/core/blob/sealed-blob.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import {
  blobRecords,
  decodeBlobProgress,
  decodeStoredBlob,
  encodeBlobProgress,
  encodeStoredBlob,
  isDone,
  NO_PROGRESS,
  nodeProgress,
  progressRecords,
  readOutgoingBlobs,
  UPLOADS_MAX,
  withNode,
  withoutBlob,
  type OutgoingBlob,
} from "../../../../src/engine/services/outgoing-blob.ts";
import { bytesArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";

const sealed = sealBlob(new Uint8Array(32), new Uint8Array(9));
const id = formatHex(sealed.blobId);

codecContract("stored blob", {
  encode: encodeStoredBlob,
  decode: (bytes) => decodeStoredBlob(id, bytes),
  arbitrary: fc.tuple(fc.nat(2 ** 40), bytesArb(sealed.bytes.length)).map(([created, bytes]) => {
    return { blobId: sealed.blobId, bytes, createdMs: timeMs(created) };
  }),
});

codecContract("progress of a blob", {
  encode: encodeBlobProgress,
  decode: decodeBlobProgress,
  arbitrary: fc.record({
    work: fc.option(fc.record({ hour: fc.nat(), nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }), {
      nil: undefined,
    }),
    nodes: fc.array(
      fc.record({ name: fc.string({ maxLength: 30 }), isKept: fc.boolean(), uploads: fc.nat(UPLOADS_MAX) }),
      { maxLength: 16 },
    ),
  }),
});

describe("blobs on their way, in the store", () => {
  const outgoing = (createdMs: number, key = 0): OutgoingBlob => {
    const blob = sealBlob(new Uint8Array(32).fill(key), new Uint8Array(9));
    return {
      blob: { ...blob, createdMs: timeMs(createdMs) },
      progress: { work: { hour: 1, nonce: 2n }, nodes: [{ name: "a", isKept: true, uploads: 1 }] },
    };
  };

  it("come back as they were, oldest first, among other records", () => {
    const all = [outgoing(5, 1), outgoing(3, 2)];
    const records = [{ key: "wallet", bytes: new Uint8Array(3) }, ...blobRecords(all).puts];
    expect(readOutgoingBlobs(records)).toEqual([all[1], all[0]]);
  });

  it("are two records each: what comes of them does not write them again", () => {
    const [first] = [outgoing(1)];
    const keys = blobRecords([first]).puts.map(({ key }) => key);
    expect(progressRecords(first).puts.map(({ key }) => key)).toEqual(keys.slice(1));
    expect(withoutBlob(first).deletes).toEqual(keys);
  });

  it("are passed over where they are damaged, and begin anew where only their progress is", () => {
    const [blob, progress] = blobRecords([outgoing(1)]).puts;
    const cut = (bytes: Uint8Array): Uint8Array => bytes.subarray(1);
    expect(readOutgoingBlobs([{ ...blob!, bytes: cut(blob!.bytes) }, progress!])).toEqual([]);
    expect(readOutgoingBlobs([{ ...blob!, key: "blob/abc" }])).toEqual([]);
    const left = readOutgoingBlobs([blob!, { ...progress!, bytes: cut(progress!.bytes) }]);
    expect(left.map((each) => each.progress)).toEqual([NO_PROGRESS]);
  });

  it("remember sixteen nodes at most, the newest", () => {
    const nodes = Array.from({ length: 20 }, (_, index) => ({ name: `node${index}`, isKept: false, uploads: 2 }));
    expect(decodeBlobProgress(encodeBlobProgress({ work: undefined, nodes })).nodes).toEqual(nodes.slice(4));
  });

  it("have news of a node in the place of what was known of it; one that has it, or had it too often, is done", () => {
    const news = { name: "a", isKept: false, uploads: UPLOADS_MAX - 1 };
    const progress = withNode(withNode(NO_PROGRESS, nodeProgress(NO_PROGRESS, "a")), news);
    expect(progress.nodes).toEqual([news]);
    expect(nodeProgress(progress, "b")).toEqual({ name: "b", isKept: false, uploads: 0 });
    const states = [news, { ...news, uploads: UPLOADS_MAX }, { ...news, isKept: true, uploads: 0 }];
    expect(states.map(isDone)).toEqual([false, true, true]);
  });
});
