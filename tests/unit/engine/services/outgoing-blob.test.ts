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
  NO_PROGRESS,
  progressRecords,
  readOutgoingBlobs,
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
    keptBy: fc.array(fc.string({ maxLength: 30 }), { maxLength: 16 }),
  }),
});

describe("blobs on their way, in the store", () => {
  const outgoing = (createdMs: number, key = 0): OutgoingBlob => {
    const blob = sealBlob(new Uint8Array(32).fill(key), new Uint8Array(9));
    return {
      blob: { ...blob, createdMs: timeMs(createdMs) },
      progress: { work: { hour: 1, nonce: 2n }, keptBy: ["a"] },
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

  it("remember sixteen names at most, the newest", () => {
    const keptBy = Array.from({ length: 20 }, (_, index) => `node${index}`);
    expect(decodeBlobProgress(encodeBlobProgress({ work: undefined, keptBy })).keptBy).toEqual(keptBy.slice(4));
  });
});
