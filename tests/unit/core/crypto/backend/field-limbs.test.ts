import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addLimbs,
  FIELD_ORDER,
  LIMB_COUNT,
  multiplyLimbs,
  readLimbs,
  writeLimbs,
} from "../../../../../src/core/crypto/backend/field-limbs.ts";
import { runs } from "../../../../support/run-counts.ts";

const limbs = (value: bigint): Float64Array => {
  const array = new Float64Array(LIMB_COUNT);
  writeLimbs(array, 0, value);
  return array;
};
const mod = (value: bigint): bigint => ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;

/** The value of limbs of any sign and size, the slow way. */
const valueOf = (array: Float64Array): bigint =>
  mod(array.reduceRight((value, limb) => value * 131072n + BigInt(limb), 0n));

describe("field limbs", () => {
  it("hold the edges of the field", () => {
    for (const value of [0n, 1n, 18n, 19n, FIELD_ORDER - 1n, FIELD_ORDER, 2n ** 255n - 1n]) {
      expect(readLimbs(limbs(value), 0)).toBe(mod(value));
    }
  });

  it("multiply any two numbers, in place as well", () => {
    const number = fc.oneof(
      fc.bigInt(0n, FIELD_ORDER - 1n),
      fc.bigInt(0n, 1000n),
      fc.bigInt(FIELD_ORDER - 1000n, FIELD_ORDER),
    );
    fc.assert(
      fc.property(number, number, (left, right) => {
        const [a, b] = [limbs(left), limbs(right)];
        multiplyLimbs(a, 0, a, 0, b, 0);
        expect(readLimbs(a, 0)).toBe(mod(left * right));
        multiplyLimbs(b, 0, b, 0, b, 0);
        expect(readLimbs(b, 0)).toBe(mod(right * right));
        addLimbs(b, 0, a, 0, b, 0, -1);
        expect(readLimbs(b, 0)).toBe(mod(left * right - right * right));
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });

  it("stay exact with every limb at its bound of 2^19 and either sign, and come out small", () => {
    const edge = fc.constantFrom(2 ** 19, -(2 ** 19), 2 ** 16, 0, 1, -1);
    const array = fc
      .array(edge, { minLength: LIMB_COUNT, maxLength: LIMB_COUNT })
      .map((list) => Float64Array.from(list));
    const largest = new Float64Array(LIMB_COUNT).fill(2 ** 19);
    fc.assert(
      fc.property(fc.oneof(array, fc.constant(largest)), fc.oneof(array, fc.constant(largest)), (a, b) => {
        const out = new Float64Array(LIMB_COUNT);
        multiplyLimbs(out, 0, a, 0, b, 0);
        expect(readLimbs(out, 0)).toBe(mod(valueOf(a) * valueOf(b)));
        // What additions count on: three of these stay below the bound.
        expect(out.every((limb) => Number.isInteger(limb) && Math.abs(limb) <= 2 ** 17)).toBe(true);
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});
