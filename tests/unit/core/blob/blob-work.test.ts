import { describe, expect, it } from "vitest";
import {
  blobHour,
  blobWorkBits,
  findBlobWork,
  isBlobHour,
  isBlobWork,
  type BlobWorkJob,
} from "../../../../src/core/blob/blob-work.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import { leadingZeroBits } from "../../../../src/core/crypto/packet-work.ts";
import { hash32, sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { BLOB_SIZES } from "../../../../src/core/params/limits.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { testCurve } from "../../../support/test-curve.ts";

const HOUR_MS = 3_600_000;
const size = BLOB_SIZES[0]!;
const blobId = sha256Hash(Uint8Array.of(1));
const hour = 480_000;
const job: BlobWorkJob = { blobId, size, hour, firstNonce: 0, tries: 2 ** 21 };
const found = findBlobWork(testCurve, job).nonce!;

describe("work for a PUT", () => {
  it("[MS-13] takes 16 bits for 4 KiB and two more for each size above, 24 for 1 MiB", () => {
    expect(BLOB_SIZES.map(blobWorkBits)).toEqual([16, 18, 20, 22, 24]);
    expect(() => blobWorkBits(5_000)).toThrow(RangeError);
  });

  it("[MS-13] is found, and is leading zero bits of the hash of id, hour and nonce", () => {
    expect(isBlobWork(blobId, size, { hour, nonce: found })).toBe(true);
    const digest = hash32("stg/blob", blobId, u64(hour), u64(found));
    expect(digest.subarray(0, 2)).toEqual(new Uint8Array(2));
    // The first that does, and so none before it.
    expect(findBlobWork(testCurve, { ...job, tries: Number(found) })).toEqual({ nonce: undefined });
    expect(findBlobWork(testCurve, { ...job, tries: Number(found) + 1 })).toEqual({ nonce: found });
  });

  it("[MS-13] can be looked for in steps", () => {
    const step = 5_000;
    let first = 0;
    let result = findBlobWork(testCurve, { ...job, firstNonce: first, tries: step });
    while (result.nonce === undefined) {
      first += step;
      result = findBlobWork(testCurve, { ...job, firstNonce: first, tries: step });
    }
    expect(result.nonce).toBe(found);
  });

  it("[MS-13] is worth nothing for another blob, another hour or another nonce", () => {
    const others = Array.from({ length: 50 }, (_, index) => index + 1);
    for (const by of others) {
      expect(isBlobWork(sha256Hash(Uint8Array.of(2, by)), size, { hour, nonce: found })).toBe(false);
      expect(isBlobWork(blobId, size, { hour: hour + by, nonce: found })).toBe(false);
      expect(isBlobWork(blobId, size, { hour, nonce: found - BigInt(by) })).toBe(false);
    }
  });

  it("[MS-13] has to be as many bits as the size takes, and not one fewer", () => {
    const bits = leadingZeroBits(hash32("stg/blob", blobId, u64(hour), u64(found)));
    for (const each of BLOB_SIZES) {
      expect(isBlobWork(blobId, each, { hour, nonce: found })).toBe(bits >= blobWorkBits(each));
    }
  });

  it("[MS-13] counts in its hour, the one before and the one after", () => {
    const start = timeMs(hour * HOUR_MS);
    const end = timeMs(start + HOUR_MS - 1);
    expect(blobHour(start)).toBe(hour);
    expect(blobHour(end)).toBe(hour);
    for (const now of [start, end]) {
      expect([-2, -1, 0, 1, 2].map((by) => isBlobHour(hour + by, now))).toEqual([false, true, true, true, false]);
    }
  });
});
