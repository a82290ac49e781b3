import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeTransaction, type Transaction } from "../../core/chain/transaction.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import { ruleCode, ruleOfCode, type RuleNumber } from "../../core/values/rule-number.ts";
import { decodeTypedFrame, encodeFrame } from "../frame.ts";
import { REQUEST_FRAME_BYTES_MAX, TX_FRAME_BYTES_MAX } from "../limits.ts";

const TYPE_TRANSACTION = 1;
const TYPE_RESULT = 1;

/** Not a rule but the state of the node that was asked: its pool is full, or it has too much to do. */
export const BUSY_RULE: RuleNumber = "NW-1";

/** What the node says of a submitted transaction. */
export interface TxAnswer {
  /** undefined: accepted. */
  readonly refusedBy: RuleNumber | undefined;
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
  const [chapter, number] = answer.refusedBy === undefined ? [0, 0] : ruleCode(answer.refusedBy);
  return new Writer(35).u8(TYPE_RESULT).u8(chapter).u8(number).fixed(answer.txid, 32).finish();
}

export function decodeTxAnswer(frame: Uint8Array): TxAnswer {
  return decodeTypedFrame(frame, TYPE_RESULT, REQUEST_FRAME_BYTES_MAX, (reader) => {
    const [chapter, number] = [reader.u8(), reader.u8()];
    const isAccepted = chapter === 0 && number === 0;
    const refusedBy = isAccepted ? undefined : ruleOfCode(chapter, number);
    if (!isAccepted && refusedBy === undefined) throw new DecodeError(`rule ${chapter}.${number}`);
    return { refusedBy, txid: hash(reader.bytes(32)) };
  });
}
