import { describe, expect, it } from "vitest";
import { invertPublic } from "../../../../src/core/crypto/public-inverse.ts";
import { bigintOf, GROUP_ORDER, scalarOf, ZERO_SCALAR } from "../../../../src/core/crypto/scalar.ts";
import { runs } from "../../../support/run-counts.ts";
import { seededRandom } from "../../../support/test-random.ts";

describe("the inverse of a public scalar", () => {
  const isInverse = (value: bigint): boolean => {
    const scalar = scalarOf(value);
    const inverse = bigintOf(invertPublic(scalar));
    return inverse < GROUP_ORDER && (inverse * bigintOf(scalar)) % GROUP_ORDER === 1n;
  };

  it("is right for small numbers, their negatives and inverses, and around every power of two", () => {
    for (let value = 1n; value <= 64n; value++) expect([value, -value].filter((each) => !isInverse(each))).toEqual([]);
    for (let bit = 0n; bit < 253n; bit++) {
      const edges = [-2n, -1n, 0n, 1n, 2n].map((more) => 2n ** bit + more).filter((each) => each !== 0n);
      expect(edges.filter((edge) => !isInverse(edge))).toEqual([]);
      expect(isInverse(bigintOf(invertPublic(scalarOf(2n ** bit))))).toBe(true);
    }
    expect([GROUP_ORDER - 1n, GROUP_ORDER / 2n, GROUP_ORDER / 2n + 1n].every(isInverse)).toBe(true);
  });

  it("is right for any number, and for limbs of zeros and of ones", () => {
    const random = seededRandom("public inverse");
    for (let count = 0; count < runs(5_000, 500_000); count++) {
      const bytes = random.bytes(40);
      expect(isInverse(bigintOf(bytes) | 1n)).toBe(true);
      const [start, size] = [bytes[0]! % 32, 1 + (bytes[1]! % 8)];
      const edge = bytes.slice(8).fill((bytes[2]! & 1) * 255, start, start + size);
      expect(isInverse(bigintOf(edge) | 1n)).toBe(true);
    }
  });

  it("does not exist for zero, and leaves what it is given", () => {
    expect(() => invertPublic(ZERO_SCALAR)).toThrow(RangeError);
    const scalar = scalarOf(7n);
    invertPublic(scalar);
    expect(bigintOf(scalar)).toBe(7n);
  });
});
