import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  combineFloats,
  FLOAT_COUNT,
  floatsToBigint,
  multiplyFloats,
  readFloats,
  scaleFloats,
  squareFloats,
} from "../../../../../src/core/crypto/backend/field-floats.ts";
import { FIELD_ORDER } from "../../../../../src/core/crypto/backend/field-limbs.ts";
import { runs } from "../../../../support/run-counts.ts";

const beginOf = (limb: number): number => Math.ceil(21.25 * limb);
/** What a limb holds at most after a multiplication, rounding included. */
const carried = (limb: number): number => 2 ** (beginOf(limb + 1) - 1) * (1 + 2 ** -15);
const mod = (value: bigint): bigint => ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;
const valueOf = (floats: Float64Array): bigint => mod(floats.reduce((sum, limb) => sum + BigInt(limb), 0n));
const bytesOf = (value: bigint): Uint8Array => {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
};
const floats = (value: bigint): Float64Array => {
  const array = new Float64Array(FLOAT_COUNT);
  readFloats(array, 0, bytesOf(value));
  return array;
};

const number = fc.oneof(
  fc.bigInt(0n, FIELD_ORDER - 1n),
  fc.bigInt(0n, 1000n),
  fc.bigInt(FIELD_ORDER - 1000n, FIELD_ORDER),
);

describe("field floats", () => {
  it("hold the edges of the field, and take no notice of the highest bit", () => {
    for (const value of [0n, 1n, 18n, 19n, FIELD_ORDER - 1n, FIELD_ORDER, 2n ** 255n - 1n]) {
      expect(floatsToBigint(floats(value), 0)).toBe(mod(value));
      expect(floatsToBigint(floats(value + 2n ** 255n), 0)).toBe(mod(value));
    }
  });

  it("calculate with any two numbers, in place as well", () => {
    fc.assert(
      fc.property(number, number, (left, right) => {
        const all = new Float64Array(4 * FLOAT_COUNT);
        all.set(floats(left), 0);
        all.set(floats(right), FLOAT_COUNT);
        combineFloats(all, 2 * FLOAT_COUNT, 3 * FLOAT_COUNT, 0, FLOAT_COUNT);
        expect(floatsToBigint(all, 2 * FLOAT_COUNT)).toBe(mod(left + right));
        expect(floatsToBigint(all, 3 * FLOAT_COUNT)).toBe(mod(left - right));
        multiplyFloats(all, 0, all, 0, all, FLOAT_COUNT);
        expect(floatsToBigint(all, 0)).toBe(mod(left * right));
        squareFloats(all, FLOAT_COUNT, all, FLOAT_COUNT);
        expect(floatsToBigint(all, FLOAT_COUNT)).toBe(mod(right * right));
        scaleFloats(all, 0, all, 0, 121_665);
        expect(floatsToBigint(all, 0)).toBe(mod(121_665n * left * right));
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });

  it("stay exact with the sum of two results in each factor, and come out carried", () => {
    const sign = fc.constantFrom(1, -1, 0.5, -0.5, 0);
    const array = fc.array(sign, { minLength: FLOAT_COUNT, maxLength: FLOAT_COUNT }).map((signs) => {
      return Float64Array.from(signs, (each, limb) => {
        const unit = 2 ** beginOf(limb);
        return each * unit * Math.floor((2 * carried(limb)) / unit / 2) * 2;
      });
    });
    const largest = Float64Array.from({ length: FLOAT_COUNT }, (_, limb) => {
      return 2 ** beginOf(limb) * Math.floor((2 * carried(limb)) / 2 ** beginOf(limb));
    });
    const factor = fc.oneof(array, fc.constant(largest));
    fc.assert(
      fc.property(factor, factor, (a, b) => {
        const out = new Float64Array(FLOAT_COUNT);
        for (const [calculate, expected] of [
          [() => multiplyFloats(out, 0, a, 0, b, 0), valueOf(a) * valueOf(b)],
          [() => squareFloats(out, 0, a, 0), valueOf(a) ** 2n],
        ] as const) {
          calculate();
          expect(valueOf(out)).toBe(mod(expected));
          expect(out.every((limb, index) => Math.abs(limb) <= carried(index))).toBe(true);
        }
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});
