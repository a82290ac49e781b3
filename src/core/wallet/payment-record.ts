import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import type { Writer } from "../bytes/writer.ts";
import { TX_BYTES_MAX, TX_INPUTS_MAX, TX_OUTPUTS_MAX } from "../params/limits.ts";
import { ADDRESS_TEXT_SIZE_MAX, type Address } from "../values/address.ts";
import { hash } from "../values/hash.ts";
import { leafIndex } from "../values/height.ts";
import { readAmount, readHeight, readTime } from "./note.ts";
import { MEMO_SIZE_MAX } from "./payload.ts";
import { CORE_TAIL_SIZE } from "./payment-proof.ts";
import type { Payment, PaymentAct, PaymentFailure, PaymentOutput, PaymentState, ProofParts } from "./payment.ts";

const STATES: readonly PaymentState[] = ["queued", "sent", "final", "failed"];
const FAILURES: readonly (PaymentFailure | undefined)[] = [undefined, "expired", "conflict"];

const FLAG_MEMO = 1;
const FLAG_SETTLED = 2;
const FLAG_TRANSACTION = 4;
const FLAGS_ALL = FLAG_MEMO | FLAG_SETTLED | FLAG_TRANSACTION;

const STAKE_ACTS: readonly PaymentAct[] = ["stake", "unstake", "withdraw"];
const PACKET_ACTS: readonly PaymentAct[] = ["gift", "gift_taken", "gift_back", "packet", "packet_back"];

/**
 * Records of version 1 say nothing of a proof; those of version 2 always do. Version 3 is of what is done with a stake,
 * version 4 with a red packet.
 */
export const PAYMENT_VERSION = { plain: 1, provable: 2, stake: 3, packet: 4 } as const;

function versionOf({ act, proofParts }: Payment): number {
  if (act !== undefined) return PACKET_ACTS.includes(act) ? PAYMENT_VERSION.packet : PAYMENT_VERSION.stake;
  return proofParts === undefined ? PAYMENT_VERSION.plain : PAYMENT_VERSION.provable;
}

/** Writes one payment as it is stored, behind its version. */
export function writePayment(writer: Writer, payment: Payment): void {
  const { act, memo, settled, transaction, proofParts } = payment;
  const version = versionOf(payment);
  writer.u8(version);
  const flags =
    (memo === undefined ? 0 : FLAG_MEMO) |
    (settled === undefined ? 0 : FLAG_SETTLED) |
    (transaction === undefined ? 0 : FLAG_TRANSACTION);
  writer.u8(flags).u8(STATES.indexOf(payment.state)).u8(FAILURES.indexOf(payment.failure));
  writer.fixed(payment.txid, 32).u32(payment.sequence).u64(payment.createdMs);
  writer.u64(payment.amount).u64(payment.fee).u64(payment.notAfter).fixed(payment.anchorSource, 32);
  writeText(writer, payment.to);
  writer.u8(payment.inputs.length).list(payment.inputs, (out, leaf) => out.u40(leaf));
  writer.u8(payment.outputs.length).list(payment.outputs, (out, output) => {
    out
      .fixed(output.outputHash, 32)
      .u8(output.isOwn ? 1 : 0)
      .u64(output.amount)
      .u8(output.counter);
  });
  if (memo !== undefined) writeText(writer, memo);
  if (settled !== undefined) writer.u64(settled.height).u64(settled.timeMs);
  if (transaction !== undefined) writer.u32(transaction.length).bytes(transaction);
  if (act !== undefined) writer.u8((version === PAYMENT_VERSION.packet ? PACKET_ACTS : STAKE_ACTS).indexOf(act));
  else if (proofParts !== undefined) writer.u40(proofParts.leaf).fixed(proofParts.coreTail, CORE_TAIL_SIZE);
}

/** The inverse of {@link writePayment}. */
export function readPayment(reader: Reader): Payment {
  const version = reader.u8();
  if (version < PAYMENT_VERSION.plain || version > PAYMENT_VERSION.packet) {
    throw new DecodeError(`record version ${version}`);
  }
  const flags = reader.u8();
  if ((flags & ~FLAGS_ALL) !== 0) throw new DecodeError(`payment flags ${flags}`);
  const state = STATES[reader.u8()];
  if (state === undefined) throw new DecodeError("unknown payment state");
  const failureCode = reader.u8();
  if (failureCode >= FAILURES.length) throw new DecodeError("unknown failure");
  const head = {
    txid: hash(reader.bytes(32)),
    sequence: reader.u32(),
    createdMs: readTime(reader),
    amount: readAmount(reader),
    fee: readAmount(reader),
    notAfter: readTime(reader),
    anchorSource: reader.bytes(32),
    to: readText(reader, ADDRESS_TEXT_SIZE_MAX) as Address,
    inputs: reader.list(reader.u8(), TX_INPUTS_MAX, (from) => leafIndex(from.u40())),
    outputs: reader.list(reader.u8(), TX_OUTPUTS_MAX, readPaymentOutput),
  };
  const memo = (flags & FLAG_MEMO) === 0 ? undefined : readText(reader, MEMO_SIZE_MAX);
  const settled = (flags & FLAG_SETTLED) === 0 ? undefined : { height: readHeight(reader), timeMs: readTime(reader) };
  const transaction = (flags & FLAG_TRANSACTION) === 0 ? undefined : readTransactionBytes(reader);
  const act = readAct(reader, version);
  const proofParts = version === PAYMENT_VERSION.provable ? readProofParts(reader) : undefined;
  return {
    ...(act === undefined ? {} : { act }),
    ...head,
    memo,
    state,
    failure: FAILURES[failureCode],
    settled,
    proofParts,
    transaction,
  };
}

function readAct(reader: Reader, version: number): PaymentAct | undefined {
  if (version < PAYMENT_VERSION.stake) return undefined;
  const act = (version === PAYMENT_VERSION.stake ? STAKE_ACTS : PACKET_ACTS)[reader.u8()];
  if (act === undefined) throw new DecodeError("unknown act");
  return act;
}

function readProofParts(reader: Reader): ProofParts {
  return { leaf: leafIndex(reader.u40()), coreTail: reader.bytes(CORE_TAIL_SIZE) };
}

function readPaymentOutput(reader: Reader): PaymentOutput {
  const outputHash = hash(reader.bytes(32));
  const isOwn = reader.u8();
  if (isOwn > 1) throw new DecodeError("flag that is neither 0 nor 1");
  return { outputHash, isOwn: isOwn === 1, amount: readAmount(reader), counter: reader.u8() };
}

function writeText(writer: Writer, text: string): void {
  const bytes = encodeUtf8(text);
  writer.u16(bytes.length).bytes(bytes);
}

function readText(reader: Reader, sizeMax: number): string {
  const size = reader.u16();
  if (size > sizeMax) throw new DecodeError(`text of ${size} bytes`);
  return decodeUtf8(reader.bytes(size));
}

function readTransactionBytes(reader: Reader): Uint8Array {
  const size = reader.u32();
  if (size > TX_BYTES_MAX) throw new DecodeError(`transaction of ${size} bytes`);
  return reader.bytes(size);
}
