import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { aeadSeal } from "../../../../src/core/crypto/aead.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import {
  BLOB_CONTENT_SIZE_MAX,
  blobSizeOf,
  isBlob,
  openBlob,
  paddedBlobSize,
  sealBlob,
  SEALED_BLOB_SIZE_MAX,
} from "../../../../src/core/blob/sealed-blob.ts";
import { BLOB_SIZE_MAX, BLOB_SIZES, PACKET_AD_SIZE_MAX } from "../../../../src/core/params/limits.ts";
import { bytesArb } from "../../../support/chain-arbitraries.ts";
import { runs } from "../../../support/run-counts.ts";

const key = new Uint8Array(32).fill(7);
const KIB = 1024;

describe("a sealed blob", () => {
  it("[MS-12] has one of five sizes", () => {
    expect(BLOB_SIZES).toEqual([4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, BLOB_SIZE_MAX]);
    expect(PACKET_AD_SIZE_MAX).toBe(256 * KIB);
    expect(SEALED_BLOB_SIZE_MAX).toBe(1024 * KIB + 16);
  });

  it("[MS-12] is padded to the smallest size that holds the content and its length", () => {
    for (const [index, size] of BLOB_SIZES.entries()) {
      expect(paddedBlobSize(size - 4)).toBe(size);
      expect(paddedBlobSize(size - 3)).toBe(BLOB_SIZES[index + 1]);
    }
    expect(paddedBlobSize(0)).toBe(4 * KIB);
  });

  it.each([0, 1, 4 * KIB - 4, 4 * KIB - 3, 64 * KIB - 4, BLOB_CONTENT_SIZE_MAX])(
    "[MS-12] gives back a content of %i bytes, and shows no more of it than its size",
    (size) => {
      const content = new Uint8Array(size).fill(0xab);
      const { blobId, bytes } = sealBlob(key, content);
      expect(bytes).toHaveLength(paddedBlobSize(size)! + 16);
      expect(blobSizeOf(bytes.length)).toBe(paddedBlobSize(size));
      expect(blobId).toEqual(sha256Hash(bytes));
      expect(isBlob(blobId, bytes)).toBe(true);
      expect(openBlob(key, bytes)).toEqual(content);
    },
  );

  it("[MS-12] holds 1 MiB less four bytes, and no more", () => {
    expect(BLOB_CONTENT_SIZE_MAX).toBe(1024 * KIB - 4);
    expect(() => sealBlob(key, new Uint8Array(BLOB_CONTENT_SIZE_MAX + 1))).toThrow(RangeError);
  });

  it("[MS-12] is another under another key, which does not open it", () => {
    const content = new Uint8Array(100);
    const other = new Uint8Array(32).fill(8);
    const sealed = sealBlob(key, content);
    expect(sealBlob(other, content).blobId).not.toEqual(sealed.blobId);
    expect(openBlob(other, sealed.bytes)).toBeUndefined();
  });

  it("[MS-12] is not that of an id when a byte differs, or when the size is none of a blob", () => {
    const { blobId, bytes } = sealBlob(key, new Uint8Array(9));
    const bent = bytes.slice();
    bent[bytes.length - 1]! ^= 1;
    expect(isBlob(blobId, bent)).toBe(false);
    const short = bytes.slice(0, -1);
    expect(isBlob(sha256Hash(short), short)).toBe(false);
    expect(blobSizeOf(4 * KIB)).toBeUndefined();
  });

  const sealRaw = (padded: Uint8Array): Uint8Array => aeadSeal(key, padded);
  const padded = (size: number, length: number, ...content: readonly number[]): Uint8Array => {
    const rest = new Uint8Array(size - 4 - content.length);
    return concatBytes(u32(length), Uint8Array.from(content), rest);
  };

  it.each([
    ["padding that is not zero", padded(4 * KIB, 1, 5, 1)],
    ["a length over its size", padded(4 * KIB, 4 * KIB - 3)],
    ["a length of four gigabytes", padded(4 * KIB, 0xffff_ffff)],
    ["a size larger than needed", padded(16 * KIB, 4 * KIB - 4)],
    ["a size that no blob has", padded(8 * KIB, 8 * KIB - 4)],
    ["nothing inside", new Uint8Array(0)],
  ])("[MS-12] [EN-3] is refused with %s, though rightly sealed", (_name, content) => {
    expect(openBlob(key, sealRaw(content))).toBeUndefined();
  });

  it("[EN-4] opens to a content or to nothing, whatever was sealed", () => {
    const inside = fc.oneof(fc.uint8Array({ maxLength: 64 }), bytesArb(4 * KIB));
    const length = fc.oneof(fc.nat(8 * KIB), fc.integer({ min: 0, max: 0xffff_ffff }));
    fc.assert(
      fc.property(inside, length, fc.boolean(), (bytes, size, isZero) => {
        const body = isZero ? new Uint8Array(4 * KIB - 4) : bytes;
        const content = openBlob(key, sealRaw(concatBytes(u32(size), body)));
        if (content === undefined) return;
        expect(content).toHaveLength(size);
        expect(openBlob(key, sealBlob(key, content).bytes)).toEqual(content);
      }),
      { numRuns: runs(200, 20_000), seed: 3 },
    );
  });
});
