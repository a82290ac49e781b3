import { describe, expect, it } from "vitest";
import { randomWeights } from "../../../../src/core/crypto/random-weights.ts";
import { bigintOf, scalarOf } from "../../../../src/core/crypto/scalar.ts";
import { splitScalars } from "../../../../src/core/crypto/scalar-vector.ts";
import { schnorrPublicKey, schnorrSign, schnorrVerifyBatch } from "../../../../src/core/crypto/schnorr.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { isZeroBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { seededRandom, zeroRandom } from "../../../support/test-random.ts";

describe("random weights", () => {
  it("[PR-3] [RG-6] are the generator's own bytes, 16 for each", () => {
    const weights = splitScalars(randomWeights(seededRandom("weights"), 50));
    const bytes = seededRandom("weights").bytes(16 * 50);
    expect(weights.map(bigintOf)).toEqual(
      weights.map((_, index) => bigintOf(bytes.slice(16 * index, 16 * index + 16))),
    );
    expect(new Set(weights.map(bigintOf)).size).toBe(50);
  });

  it("[PR-3] [RG-6] are never zero: it draws again", () => {
    const drawn = [0, 5, 0, 9, 0, 7].map((first) => Uint8Array.of(first, ...new Uint8Array(15)));
    const weights = randomWeights({ bytes: (size) => concatBytes(...drawn.splice(0, size / 16)) }, 3);
    expect(splitScalars(weights).map(bigintOf)).toEqual([9n, 5n, 7n]);
    expect(drawn).toEqual([]);
  });

  it("[PR-3] [RG-6] are as many as are asked for, in draws of at most 64 KiB", () => {
    const sizes: number[] = [];
    const random = seededRandom("many weights");
    const counting = { bytes: (size: number) => (sizes.push(size), random.bytes(size)) };
    const weights = splitScalars(randomWeights(counting, 5_000));
    expect(weights).toHaveLength(5_000);
    expect(weights.some(isZeroBytes)).toBe(false);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
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
