import { equalBytes } from "../bytes/compare-bytes.ts";
import { tryDecode } from "../bytes/decode-error.ts";
import { decodeTransaction, encodeTransaction, transactionId } from "../chain/transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../crypto/backend/noble-backend.ts";
import { schnorrSign, schnorrVerify } from "../crypto/schnorr.ts";
import type { Random } from "../ports/random.ts";
import type { BuildPaymentJob, BuildPaymentResult, BuiltPayment } from "./built-payment.ts";
import { deriveOutputSecret, type AccountKeys } from "./keys.ts";
import { paymentEnd } from "./payment-end.ts";

const AUX_SIZE = 32;
/** It has no anchor. */
const NO_ANCHOR = new Uint8Array(32);

/**
 * Signs that a stake is wanted back (kind 3). On the chain it has no end of time (TX-2); ours is when a wallet stops
 * sending it. As with payments only what the reference finds right is `ok`.
 */
export function buildUnbond(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  { chainId, proposal, notes, nowMs }: BuildPaymentJob,
): BuildPaymentResult {
  const [note] = notes;
  if (note === undefined || notes.length > 1) return { ok: false, code: "notes_mismatch" };
  const unsigned = { kind: "unbond", chainId, stake: note.leaf, fee: proposal.fee } as const;
  const txid = transactionId(unsigned);
  const secret = deriveOutputSecret(curve, keys, note.addressIndex, note.keyOffset);
  const signature = schnorrSign(curve, secret, txid, random.bytes(AUX_SIZE));
  const transaction = encodeTransaction({ ...unsigned, signature });
  if (!isUnbondOf(transaction, note.oneTimeKey, unsigned)) return { ok: false, code: "check_failed" };
  const payment: BuiltPayment = {
    transaction,
    txid,
    outputs: [],
    anchorSource: NO_ANCHOR,
    notAfter: paymentEnd(nowMs),
  };
  return { ok: true, payment };
}

function isUnbondOf(
  bytes: Uint8Array,
  oneTimeKey: Uint8Array,
  wanted: { readonly chainId: number; readonly stake: number; readonly fee: bigint },
): boolean {
  const decoded = tryDecode(decodeTransaction, bytes);
  if (!decoded.ok || decoded.value.kind !== "unbond") return false;
  const { chainId, stake, fee, signature } = decoded.value;
  const isMeant = chainId === wanted.chainId && stake === wanted.stake && fee === wanted.fee;
  const isWhole = equalBytes(encodeTransaction(decoded.value), bytes);
  return isMeant && isWhole && schnorrVerify(createNobleBackend(), oneTimeKey, transactionId(decoded.value), signature);
}
