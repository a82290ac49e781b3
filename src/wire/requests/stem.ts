import { decodeTransaction, encodeTransaction, type Transaction } from "../../core/chain/transaction.ts";
import { decodeTypedFrame, encodeFrame } from "../frame.ts";
import { TX_FRAME_BYTES_MAX } from "../limits.ts";

const TYPE_TRANSACTION = 1;

/**
 * A transaction that is still in its stem (NW-4), from node to node; there is no answer. No count of hops goes with it:
 * it would tell the next node how near the sender is.
 */
export function encodeStemFrame(transaction: Transaction): Uint8Array {
  return encodeFrame(TYPE_TRANSACTION, encodeTransaction(transaction));
}

export function decodeStemFrame(frame: Uint8Array): Transaction {
  return decodeTransaction(
    decodeTypedFrame(frame, TYPE_TRANSACTION, TX_FRAME_BYTES_MAX, (reader) => reader.bytes(reader.remaining)),
  );
}
