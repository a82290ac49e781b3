import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { reduceScalar } from "../../../../src/core/crypto/scalar.ts";
import {
  schnorrPublicKey,
  schnorrSign,
  schnorrVerify,
  schnorrVerifyBatch,
} from "../../../../src/core/crypto/schnorr.ts";
import { hexBytes, hexScalar, vectors } from "../../../support/protocol-vectors.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const { x, P, m, aux, sig, reject_s_plus_l } = vectors.schnorr;
const [key, message, signature] = [hexBytes(P), hexBytes(m), hexBytes(sig)];

describe("schnorr signatures", () => {
  it("[PR-3] signs as in the vector", () => {
    expect(formatHex(schnorrPublicKey(curve, hexScalar(x)))).toBe(P);
    expect(formatHex(schnorrSign(curve, hexScalar(x), message, hexBytes(aux)))).toBe(sig);
    expect(schnorrVerify(curve, key, message, signature)).toBe(true);
  });

  it("[PR-3] signs the transactions of the vectors", () => {
    vectors.tx.sigs.forEach((each, index) => {
      expect(
        schnorrVerify(curve, hexBytes(vectors.tx.inputs[index]!.P), hexBytes(vectors.tx.txid), hexBytes(each)),
      ).toBe(true);
    });
  });

  it("[PR-3] rejects s + ℓ, which solves the same equation", () => {
    expect(schnorrVerify(curve, key, message, hexBytes(reject_s_plus_l))).toBe(false);
  });

  it("[PR-3] rejects a changed bit anywhere, another message and another key", () => {
    for (let index = 0; index < 64; index++) {
      const changed = signature.slice();
      changed[index]! ^= 1 << (index % 8);
      expect(schnorrVerify(curve, key, message, changed), `byte ${index}`).toBe(false);
    }
    expect(
      schnorrVerify(
        curve,
        key,
        message.map((byte) => byte ^ 1),
        signature,
      ),
    ).toBe(false);
    expect(schnorrVerify(curve, signature.slice(0, 32), message, signature)).toBe(false);
  });

  it("[PR-3] rejects wrong sizes and non-canonical points instead of throwing", () => {
    for (const size of [0, 32, 63, 65]) expect(schnorrVerify(curve, key, message, new Uint8Array(size))).toBe(false);
    for (const size of [0, 31, 33]) expect(schnorrVerify(curve, new Uint8Array(size), message, signature)).toBe(false);
    expect(schnorrVerify(curve, key, message.slice(1), signature)).toBe(false);
    expect(schnorrVerify(curve, new Uint8Array(32).fill(255), message, signature)).toBe(false);
    const badPoint = signature.slice();
    badPoint.fill(255, 0, 32);
    expect(schnorrVerify(curve, key, message, badPoint)).toBe(false);
  });

  it("[PR-3] never uses one nonce for two messages, even without randomness", () => {
    const other = schnorrSign(
      curve,
      hexScalar(x),
      message.map((byte) => byte ^ 1),
      hexBytes(aux),
    );
    expect(other.slice(0, 32)).not.toEqual(signature.slice(0, 32));
  });

  it("[PR-3] names the bad ones of a batch", () => {
    const random = seededRandom("schnorr batch");
    const claims = Array.from({ length: 16 }, () => {
      const [secret, text] = [reduceScalar(random.bytes(64)), random.bytes(32)];
      const signed = schnorrSign(curve, secret, text, random.bytes(32));
      return { publicKey: schnorrPublicKey(curve, secret), message: text, signature: signed };
    });
    expect(schnorrVerifyBatch(curve, claims, random)).toEqual({ ok: true });
    expect(schnorrVerifyBatch(curve, [], random)).toEqual({ ok: true });
    // Two errors that would cancel in a sum without weights.
    const swapped = claims.slice();
    swapped[3] = { ...claims[3]!, signature: claims[9]!.signature };
    swapped[9] = { ...claims[9]!, signature: claims[3]!.signature };
    swapped[12] = { ...claims[12]!, signature: new Uint8Array(64).fill(255) };
    expect(schnorrVerifyBatch(curve, swapped, random)).toEqual({ ok: false, bad: [3, 9, 12] });
  });
});
