import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { commitmentGenerators } from "../../../../src/core/crypto/commitment.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { hashToScalar, taggedHash, taggedHashes } from "../../../../src/core/crypto/tagged-hash.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const message = hexBytes(vectors.hash.msg);

describe("tagged hash", () => {
  it("[PR-1] gives the vectors", () => {
    expect(formatHex(taggedHash("stg/test", message))).toBe(vectors.hash.TH);
    expect(formatHex(taggedHash("stg/test", message, new Uint8Array(0)))).toBe(vectors.hash.TH_two);
    expect(formatHex(hashToScalar(curve, "stg/test", message))).toBe(vectors.hash.Hs);
  });

  it("[PR-1] tells apart parts cut at different places", () => {
    const cuts = [[message], [message.slice(0, 1), message.slice(1)], [message.slice(0, 2), message.slice(2)]];
    expect(new Set(cuts.map((parts) => formatHex(taggedHash("stg/test", ...parts)))).size).toBe(3);
  });

  it.each([1, 2, 7])("[PR-1] hashes %i inputs at once as one by one", (count) => {
    const random = seededRandom("columns");
    const sizes = [0, 4, 32, 64, 100];
    const columns = sizes.map((size) => random.bytes(size * count));
    const each = Array.from({ length: count }, (_, index) =>
      taggedHash(
        "stg/test",
        ...columns.map((column, place) => column.subarray(sizes[place]! * index, sizes[place]! * (index + 1))),
      ),
    );
    expect(taggedHashes(curve, "stg/test", count, ...columns)).toEqual(concatBytes(...each));
    expect(taggedHashes(curve, "stg/test", count)).toEqual(concatBytes(...each.map(() => taggedHash("stg/test"))));
  });

  it("[PR-1] takes columns that are no lists of so many parts for our own mistake", () => {
    expect(() => taggedHashes(curve, "stg/test", 2, new Uint8Array(3))).toThrow(RangeError);
    expect(() => taggedHashes(curve, "x".repeat(33), 1)).toThrow(RangeError);
    // Two halves would make a whole message.
    expect(() => taggedHashes(curve, "stg/test", 2, new Uint8Array(3), new Uint8Array(3))).toThrow(RangeError);
  });

  it("[PR-1] refuses a tag of more than 32 bytes", () => {
    expect(() => taggedHash("x".repeat(33))).toThrow(RangeError);
  });

  it("[PR-2] makes H out of a hash", () => {
    expect(formatHex(curve.ristrettoEncode([commitmentGenerators(curve).value]))).toBe(vectors.hash.H_generator);
  });

  it.each([
    ["stg/bpp/G", vectors.hash.bpp_G],
    ["stg/bpp/H", vectors.hash.bpp_H],
  ] as const)("[RG-1] makes the generators of %s out of hashes", (tag, list) => {
    for (const [index, expected] of list) {
      const point = curve.ristrettoFromHash(taggedHash(tag, u32(Number(index))));
      expect(formatHex(curve.ristrettoEncode([point]))).toBe(expected);
    }
  });
});
