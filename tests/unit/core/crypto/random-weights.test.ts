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
    const again = seededRandom("weights");
    expect(weights.map(bigintOf)).toEqual(weights.map(() => bigintOf(again.bytes(16))));
    expect(new Set(weights.map(bigintOf)).size).toBe(50);
  });

  it("[PR-3] [RG-6] are never zero: it draws again", () => {
    const drawn = [0, 5, 0, 0, 7, 9].map((first) => Uint8Array.of(first, ...new Uint8Array(15)));
    const weights = splitScalars(randomWeights({ bytes: () => drawn.shift()! }, 3));
    expect(weights.map(bigintOf)).toEqual([5n, 7n, 9n]);
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
