import { equalBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { checkAddress } from "../crypto/address-check.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { COINS_PER_OWNER_MAX } from "../crypto/output-keys.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import type { AddressKeys } from "../values/address.ts";
import { isAmount, type Amount } from "../values/amount.ts";
import { hash, type Hash } from "../values/hash.ts";
import { buildPaidCoin, derivePayment } from "./output-secrets.ts";

/** Evidence for a third party that one output pays an amount to an address (PP-1); *receipt* on screens. */
export interface PaymentProof {
  readonly chainId: number;
  readonly outputHash: Hash;
  readonly to: AddressKeys;
  readonly amount: Amount;
  readonly n: number;
  /** Preimage of the anchor: only who paid knows it (PP-2). */
  readonly anchorSource: Uint8Array;
}

/** 4 + 32 + 64 + 8 + 1 + 32. */
export const PAYMENT_PROOF_SIZE = 141;
const COIN_CORE_SIZE = 203;
/** Bytes 0..122: what the proof fixes. The payload tag and the two hashes behind it are not the payment's. */
export const PROVEN_SIZE = 123;
/** The rest: ptag, SHA256(payload), SHA256(rproof). */
export const CORE_TAIL_SIZE = COIN_CORE_SIZE - PROVEN_SIZE;
const COIN_TYPE = 0;

export function encodePaymentProof(proof: PaymentProof): Uint8Array {
  const writer = new Writer(PAYMENT_PROOF_SIZE).u32(proof.chainId).fixed(proof.outputHash, 32);
  writer.fixed(proof.to.spendKey, 32).fixed(proof.to.viewKey, 32).u64(proof.amount).u8(proof.n);
  return writer.fixed(proof.anchorSource, 32).finish();
}

export function decodePaymentProof(bytes: Uint8Array): PaymentProof {
  return decodeWhole(bytes, readPaymentProof);
}

/** The next 141 bytes as a proof. */
export function readPaymentProof(reader: Reader): PaymentProof {
  const chainId = reader.u32();
  const outputHash = hash(reader.bytes(32));
  const to = { spendKey: reader.bytes(32), viewKey: reader.bytes(32) };
  const amount = reader.u64();
  if (!isAmount(amount)) throw new DecodeError("amount of 2^53 or more");
  const n = reader.u8();
  if (n >= COINS_PER_OWNER_MAX) throw new DecodeError(`coin number ${n}`);
  const anchorSource = reader.bytes(32);
  return { chainId, outputHash, to, amount, n, anchorSource };
}

export type PaymentProofCode = "other_chain" | "other_output" | "bad_address" | "does_not_pay";

/**
 * Checks a proof against the core (203 bytes) of the output it names. That the output is on the chain is the caller's
 * to check. Whoever holds a proof sees the other outputs of that payee under the same D as well (PP-2).
 */
export function verifyPaymentProof(
  curve: CurveBackend,
  proof: PaymentProof,
  chainId: number,
  core: Uint8Array,
): { readonly ok: true } | { readonly ok: false; readonly code: PaymentProofCode } {
  if (proof.chainId !== chainId) return { ok: false, code: "other_chain" };
  const isCoin = core.length === COIN_CORE_SIZE && core[0] === COIN_TYPE;
  if (!isCoin || !equalBytes(hash32("stg/out", core), proof.outputHash)) return { ok: false, code: "other_output" };
  const expected = deriveProvenBytes(curve, proof);
  if (expected === undefined) return { ok: false, code: "bad_address" };
  if (!equalBytes(expected, core.slice(0, PROVEN_SIZE))) return { ok: false, code: "does_not_pay" };
  return { ok: true };
}

/** Bytes 0..122 of the coin that pays as the proof says (PP-1); undefined if its address fails AD-3. */
export function deriveProvenBytes(curve: CurveBackend, proof: PaymentProof): Uint8Array | undefined {
  if (!checkAddress(curve, proof.to).ok) return undefined;
  const payment = derivePayment(curve, proof.to, proof.amount, proof.anchorSource);
  if (payment === undefined) return undefined;
  const { fields } = buildPaidCoin(curve, payment, proof.to, proof.amount, proof.n);
  const { oneTimeKey, commitment, ephemeralKey, amountEnc, anchorEnc, viewTag } = fields;
  return concatBytes(Uint8Array.of(COIN_TYPE), oneTimeKey, commitment, ephemeralKey, amountEnc, anchorEnc, viewTag);
}
