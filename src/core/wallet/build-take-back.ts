import { equalBytes } from "../bytes/compare-bytes.ts";
import { tryDecode } from "../bytes/decode-error.ts";
import { decodeTransaction, encodeTransaction, transactionId } from "../chain/transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../crypto/backend/noble-backend.ts";
import { schnorrSign, schnorrVerify } from "../crypto/schnorr.ts";
import type { Random } from "../ports/random.ts";
import type { BuildPaymentJob, BuildPaymentResult, BuiltPayment } from "./built-payment.ts";
import { deriveOutputSecret, type AccountKeys } from "./keys.ts";

const AUX_SIZE = 32;
/** It has no anchor. */
const NO_ANCHOR = new Uint8Array(32);

/**
 * Signs that a packet of ours is closed before it expires (kind 2, RP-7): what nobody has claimed by then comes back by
 * itself. On the chain it has no end of time, so it ends with the packet: at its expiry what is left comes back anyway. As
 * with payments only what the reference finds right is `ok`.
 */
export function buildTakeBack(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  { chainId, notes }: BuildPaymentJob,
): BuildPaymentResult {
  const [note] = notes;
  if (note?.packet?.type !== "packet" || notes.length > 1) return { ok: false, code: "notes_mismatch" };
  const unsigned = { kind: "take-back", chainId, packetLeaf: note.leaf } as const;
  const txid = transactionId(unsigned);
  const secret = deriveOutputSecret(curve, keys, note.addressIndex, note.keyOffset);
  const signature = schnorrSign(curve, secret, txid, random.bytes(AUX_SIZE));
  const transaction = encodeTransaction({ ...unsigned, signature });
  if (!isTakeBackOf(transaction, note.packet.core.refundKey, txid)) return { ok: false, code: "check_failed" };
  const payment: BuiltPayment = {
    transaction,
    txid,
    outputs: [],
    anchorSource: NO_ANCHOR,
    notAfter: note.packet.core.expiry,
  };
  return { ok: true, payment };
}

function isTakeBackOf(bytes: Uint8Array, refundKey: Uint8Array, txid: Uint8Array): boolean {
  const decoded = tryDecode(decodeTransaction, bytes);
  if (!decoded.ok || decoded.value.kind !== "take-back") return false;
  const isWhole = equalBytes(encodeTransaction(decoded.value), bytes);
  const isMeant = equalBytes(transactionId(decoded.value), txid);
  return isWhole && isMeant && schnorrVerify(createNobleBackend(), refundKey, txid, decoded.value.signature);
}
