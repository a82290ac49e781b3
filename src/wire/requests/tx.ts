import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeTransaction, type Transaction } from "../../core/chain/transaction.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import { decodeTypedFrame, encodeFrame } from "../frame.ts";
import { REQUEST_FRAME_BYTES_MAX, TX_FRAME_BYTES_MAX } from "../limits.ts";

const TYPE_TRANSACTION = 1;
const TYPE_RESULT = 1;

/** The rule a transaction broke: 4 and 4 for TX-4. */
export interface BrokenRule {
  readonly chapter: number;
  readonly number: number;
}

/** What the node says of a submitted transaction. */
export interface TxAnswer {
  /** undefined: accepted. */
  readonly refusedBy: BrokenRule | undefined;
  /** Echo; zero where the bytes were no transaction. */
  readonly txid: Hash;
}

/** The transaction's own bytes behind the type. */
export function encodeTxRequest(transaction: Uint8Array): Uint8Array {
  return encodeFrame(TYPE_TRANSACTION, transaction);
}

export function decodeTxRequest(frame: Uint8Array): Transaction {
  return decodeTransaction(
    decodeTypedFrame(frame, TYPE_TRANSACTION, TX_FRAME_BYTES_MAX, (reader) => reader.bytes(reader.remaining)),
  );
}

export function encodeTxAnswer(answer: TxAnswer): Uint8Array {
  const { chapter, number } = answer.refusedBy ?? { chapter: 0, number: 0 };
  return new Writer(35).u8(TYPE_RESULT).u8(chapter).u8(number).fixed(answer.txid, 32).finish();
}

export function decodeTxAnswer(frame: Uint8Array): TxAnswer {
  return decodeTypedFrame(frame, TYPE_RESULT, REQUEST_FRAME_BYTES_MAX, (reader) => {
    const [chapter, number] = [reader.u8(), reader.u8()];
    if (number === 0 && chapter !== 0) throw new DecodeError(`rule ${chapter}-0`);
    return { refusedBy: number === 0 ? undefined : { chapter, number }, txid: hash(reader.bytes(32)) };
  });
}
