import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { parseScalar, type Scalar } from "../crypto/scalar.ts";
import { SCHNORR_SIGNATURE_SIZE } from "../crypto/schnorr.ts";
import { TX_BYTES_MAX, TX_INPUTS_MAX, TX_OUTPUTS_MAX } from "../params/limits.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import { leafIndex, timeMs, type LeafIndex, type TimeMs } from "../values/height.ts";
import { outputHash, outputWeight, readOutput, writeOutput, type Output } from "./output.ts";

export const TRANSACTION_VERSION = 1;
const KIND_TRANSFER = 0;

/**
 * Kind 0, a transfer: spends leaves, makes outputs (chapter 4). Kinds 1..4 (claim, take back, unbond, unjail) arrive
 * with their features; until then the decoder refuses them.
 */
export interface Transaction {
  readonly chainId: number;
  readonly notBefore: TimeMs;
  readonly notAfter: TimeMs;
  readonly fee: Amount;
  /** Blinding difference between inputs and outputs (TX-4). */
  readonly gamma: Scalar;
  /** Ascending and distinct (TX-1). */
  readonly inputs: readonly LeafIndex[];
  /** Ascending by out_hash and distinct (TX-7). */
  readonly outputs: readonly Output[];
  /** One Schnorr signature of 64 bytes per input, in input order (TX-5). */
  readonly signatures: readonly Uint8Array[];
}

/** Everything a signature covers. */
export type UnsignedTransaction = Omit<Transaction, "signatures">;

function writeHead(writer: Writer, transaction: UnsignedTransaction): void {
  writer.u8(TRANSACTION_VERSION).u32(transaction.chainId).u8(KIND_TRANSFER);
  writer.u64(transaction.notBefore).u64(transaction.notAfter).u64(transaction.fee).fixed(transaction.gamma, 32);
  writer.u8(transaction.inputs.length).list(transaction.inputs, (out, leaf) => out.u40(leaf));
  writer.u8(transaction.outputs.length);
}

/** The transaction's name: H32("stg/tx", body), body = every output replaced by its hash and no signatures (chapter 4). */
export function transactionId(transaction: UnsignedTransaction): Hash {
  return transactionIdOf(
    transaction,
    transaction.outputs.map((output) => outputHash(output.core)),
  );
}

/** {@link transactionId} for a caller that holds the output hashes already. */
export function transactionIdOf(transaction: UnsignedTransaction, outputHashes: readonly Hash[]): Hash {
  const writer = new Writer(64 + 5 * transaction.inputs.length + 32 * outputHashes.length);
  writeHead(writer, transaction);
  writer.list(outputHashes, (out, value) => out.fixed(value, 32));
  return hash32("stg/tx", writer.finish());
}

export function encodeTransaction(transaction: Transaction): Uint8Array {
  const writer = new Writer(128 + 128 * transaction.inputs.length + 1300 * transaction.outputs.length);
  writeHead(writer, transaction);
  writer.list(transaction.outputs, writeOutput);
  writer.list(transaction.signatures, (out, signature) => out.fixed(signature, SCHNORR_SIGNATURE_SIZE));
  return writer.finish();
}

/** Decodes one transaction of at most 160 KiB. Ordering and balance are rules, checked by `validate-transaction.ts`. */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  if (bytes.length > TX_BYTES_MAX) throw new DecodeError(`transaction of ${bytes.length} bytes`);
  return decodeWhole(bytes, readTransaction);
}

function readTransaction(reader: Reader): Transaction {
  const version = reader.u8();
  if (version !== TRANSACTION_VERSION) throw new DecodeError(`transaction version ${version}`);
  const chainId = reader.u32();
  const kind = reader.u8();
  if (kind !== KIND_TRANSFER) throw new DecodeError(`transaction kind ${kind}`);
  const notBefore = timeMs(reader.u53());
  const notAfter = timeMs(reader.u53());
  const fee = reader.u64();
  if (!isAmount(fee)) throw new DecodeError("fee of 2^53 or more");
  const gamma = parseScalar(reader.bytes(32));
  if (gamma === undefined) throw new DecodeError("gamma not below the group order");
  const inputCount = reader.u8();
  if (inputCount === 0) throw new DecodeError("no input");
  const inputs = reader.list(inputCount, TX_INPUTS_MAX, (from) => leafIndex(from.u40()));
  const outputCount = reader.u8();
  if (outputCount === 0) throw new DecodeError("no output");
  const outputs = reader.list(outputCount, TX_OUTPUTS_MAX, readOutput);
  const signatures = reader.list(inputCount, TX_INPUTS_MAX, (from) => from.bytes(SCHNORR_SIGNATURE_SIZE));
  return { chainId, notBefore, notAfter, fee: amount(fee), gamma, inputs, outputs, signatures };
}

/** w of TX-8: what the outputs count against fee and block limits. */
export function transactionWeight(transaction: UnsignedTransaction): number {
  return transaction.outputs.reduce((sum, output) => sum + outputWeight(output.core), 0);
}
