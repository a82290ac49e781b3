import { describe, expect, it } from "vitest";
import { randomWeights } from "../../../../src/core/crypto/random-weights.ts";
import { bigintOf, scalarOf } from "../../../../src/core/crypto/scalar.ts";
import { splitScalars } from "../../../../src/core/crypto/scalar-vector.ts";
import { schnorrPublicKey, schnorrSign, schnorrVerifyBatch } from "../../../../src/core/crypto/schnorr.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";
import { seededRandom, zeroRandom } from "../../../support/test-random.ts";

describe("random weights", () => {
  it("[PR-3] [RG-6] are the generator's own bytes, 16 for each", () => {
    const weights = splitScalars(randomWeights(seededRandom("weights"), 50));
    const drawn = seededRandom("weights").bytes(16 * 50);
    expect(weights.map(bigintOf)).toEqual(
      weights.map((_, index) => bigintOf(drawn.slice(16 * index, 16 * index + 16))),
    );
    expect(new Set(weights.map(bigintOf)).size).toBe(50);
  });

  it("[PR-3] [RG-6] are as many as are asked for, drawn in parts that any generator gives", () => {
    const sizes: number[] = [];
    const seeded = seededRandom("many weights");
    const bytes = (size: number): Uint8Array => (sizes.push(size), seeded.bytes(size));
    const weights = splitScalars(randomWeights({ bytes }, 2_500));
    expect(new Set(weights.map(bigintOf)).size).toBe(2_500);
    expect(weights.every((weight) => weight.subarray(16).every((byte) => byte === 0))).toBe(true);
    expect(sizes).toEqual([16_384, 16_384, 7_232]);
    expect(randomWeights({ bytes }, 0)).toHaveLength(0);
  });

  it("[PR-3] [RG-6] are never zero: it draws again", () => {
    const weight = (first: number): number[] => [first, ...new Array<number>(15).fill(0)];
    const drawn = [[0, 5, 0].flatMap(weight), weight(7), weight(0), weight(0), weight(9)].map((each) =>
      Uint8Array.from(each),
    );
    const weights = splitScalars(randomWeights({ bytes: () => drawn.shift()! }, 3));
    expect(weights.map(bigintOf)).toEqual([7n, 5n, 9n]);
    expect(drawn).toEqual([]);
  });

  it("[PR-3] [RG-6] are refused of a generator of zeros, which would pass any batch", () => {
    expect(() => randomWeights(zeroRandom, 1)).toThrow(RangeError);
    const message = new Uint8Array(32);
    const signature = schnorrSign(curve, scalarOf(5n), message, new Uint8Array(32));
    signature[40]! ^= 1;
    const claim = { publicKey: schnorrPublicKey(curve, scalarOf(5n)), message, signature };
    expect(() => schnorrVerifyBatch(curve, [claim], zeroRandom)).toThrow(RangeError);
    expect(schnorrVerifyBatch(curve, [claim], seededRandom("honest"))).toEqual({ ok: false, bad: [0] });
  });
});
