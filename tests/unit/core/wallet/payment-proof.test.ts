import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import {
  decodePaymentProof,
  encodePaymentProof,
  PAYMENT_PROOF_SIZE,
  verifyPaymentProof,
  type PaymentProof,
} from "../../../../src/core/wallet/payment-proof.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";

const CHAIN_ID = 1000;
const core = hexBytes(vectors.external.core);
const proof: PaymentProof = {
  chainId: CHAIN_ID,
  outputHash: hash(hexBytes(vectors.payment_proof.out_hash)),
  to: { spendKey: hexBytes(vectors.external.to.S_j), viewKey: hexBytes(vectors.external.to.V_j) },
  amount: amount(BigInt(vectors.external.amount)),
  n: vectors.external.n,
  anchorSource: hexBytes(vectors.external.anchor_src),
};
const verify = (change: Partial<PaymentProof>, bytes = core) =>
  verifyPaymentProof(curve, { ...proof, ...change }, CHAIN_ID, bytes);

describe("payment proof", () => {
  it("[PP-1] proves the payment of the vectors", () => {
    expect(verify({})).toEqual({ ok: true });
    const bytes = encodePaymentProof(proof);
    expect(bytes).toHaveLength(PAYMENT_PROOF_SIZE);
    expect(decodePaymentProof(bytes)).toEqual(proof);
    // The receipt of the chat vectors is this proof behind type and flags.
    expect(vectors.mode_k.content.receipt.slice(4, 4 + 2 * PAYMENT_PROOF_SIZE)).toBe(formatHex(bytes));
  });

  it("[PP-1] proves nothing else: amount, address, number, chain, output", () => {
    expect(verify({ amount: amount(proof.amount + 1n) })).toEqual({ ok: false, code: "does_not_pay" });
    expect(verify({ to: deriveAddress(curve, payee.view, 2) })).toEqual({ ok: false, code: "does_not_pay" });
    expect(verify({ n: 1 })).toEqual({ ok: false, code: "does_not_pay" });
    expect(verify({ chainId: 1 })).toEqual({ ok: false, code: "other_chain" });
    const otherCore = hexBytes(vectors.internal.core);
    expect(verify({}, otherCore)).toEqual({ ok: false, code: "other_output" });
    expect(verify({ outputHash: hash32("stg/out", otherCore) }, otherCore)).toEqual({
      ok: false,
      code: "does_not_pay",
    });
    expect(verify({}, core.slice(1))).toEqual({ ok: false, code: "other_output" });
    expect(verify({ to: { ...proof.to, viewKey: new Uint8Array(32) } })).toEqual({ ok: false, code: "bad_address" });
  });

  it("[PP-2] cannot be made by the payee, who knows the anchor and not its source", () => {
    const anchorSource = new Uint8Array(32);
    anchorSource.set(hexBytes(vectors.external.anchor));
    expect(verify({ anchorSource })).toEqual({ ok: false, code: "does_not_pay" });
  });

  it("[PP-1] fixes bytes 0 to 122 of the output, whatever its hash", () => {
    for (let index = 1; index < 139; index += runs(5, 1)) {
      const changed = core.slice();
      changed[index]! ^= 1;
      const result = verify({ outputHash: hash32("stg/out", changed) }, changed);
      expect(result.ok, `byte ${index}`).toBe(index >= 123);
    }
  });

  it("[EN-4] decodes any bytes to a proof of the same bytes, or refuses", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 138, maxLength: 143 }), (bytes) => {
        const decoded = tryDecode(decodePaymentProof, bytes);
        if (decoded.ok) expect(encodePaymentProof(decoded.value)).toEqual(bytes);
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});
