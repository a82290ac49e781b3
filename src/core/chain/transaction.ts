import { DecodeError } from "../bytes/decode-error.ts";
import { formatHex } from "../bytes/hex.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { parseScalar, type Scalar } from "../crypto/scalar.ts";
import { SCHNORR_SIGNATURE_SIZE } from "../crypto/schnorr.ts";
import { BLS_SIGNATURE_SIZE, TX_BYTES_MAX, TX_INPUTS_MAX, TX_OUTPUTS_MAX } from "../params/limits.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import { leafIndex, timeMs, type LeafIndex, type TimeMs } from "../values/height.ts";
import { claimSignatureBytes, readClaimBody, writeClaim, type Claim, type UnsignedClaim } from "./claim.ts";
import { outputHash, outputWeight, readOutput, writeOutput, type Output } from "./output.ts";
import {
  readUnbond,
  readUnjail,
  writeUnbond,
  writeUnjail,
  type Unbond,
  type UnsignedUnbond,
  type UnsignedUnjail,
  type Unjail,
} from "./stake-transaction.ts";
import { readTakeBack, writeTakeBack, type TakeBack, type UnsignedTakeBack } from "./take-back.ts";
import { TRANSACTION_KIND, TRANSACTION_VERSION } from "./transaction-kind.ts";

/** Kind 0: spends leaves, makes outputs (chapter 4). */
export interface Transfer {
  readonly kind: "transfer";
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

/** What changes the ledger, one kind beside the other (chapter 4). */
export type Transaction = Transfer | Claim | TakeBack | Unbond | Unjail;

/** Everything a signature covers. */
export type UnsignedTransfer = Omit<Transfer, "signatures">;
export type UnsignedTransaction = UnsignedTransfer | UnsignedClaim | UnsignedTakeBack | UnsignedUnbond | UnsignedUnjail;

/** What it makes, in block order. */
export function outputsOf(transaction: Transaction): readonly Output[] {
  return transaction.kind === "transfer" ? transaction.outputs : [];
}

/** What it spends. */
export function inputsOf(transaction: Transaction): readonly LeafIndex[] {
  return transaction.kind === "transfer" ? transaction.inputs : [];
}

/** What it pays, from its inputs or from the stake; claims, take-backs and unjails pay nothing (TX-8). */
export function feeOf(transaction: Transaction): bigint {
  return transaction.kind === "transfer" || transaction.kind === "unbond" ? transaction.fee : 0n;
}

/** What its txid does not cover. */
export function signaturesOf(transaction: Transaction): readonly Uint8Array[] {
  switch (transaction.kind) {
    case "transfer":
      return transaction.signatures;
    case "claim":
      return claimSignatureBytes(transaction);
    default:
      return [transaction.signature];
  }
}

/** A leaf, a BLS key as hex, or a key of a claim as hex behind the leaf of its packet. */
export type Place = LeafIndex | string;

/**
 * What no two waiting transactions may have in common: leaves that they spend, unbond or take back, the key that they
 * unjail, and the P and T that a packet takes once each (RP-5).
 */
export function placesOf(transaction: Transaction): readonly Place[] {
  switch (transaction.kind) {
    case "transfer":
      return transaction.inputs;
    case "claim":
      return claimPlaces(transaction);
    case "take-back":
      return [transaction.packetLeaf];
    case "unbond":
      return [transaction.stake];
    case "unjail":
      return [formatHex(transaction.blsKey)];
    default:
      return transaction satisfies never;
  }
}

function claimPlaces({ packetLeaf, oneTimeKey, gate }: Claim): readonly Place[] {
  const owner = `${packetLeaf}:P:${formatHex(oneTimeKey)}`;
  return gate.mode === "ticket" ? [owner, `${packetLeaf}:T:${formatHex(gate.ticket.ticketKey)}`] : [owner];
}

/** The transaction without output contents; everything in it is signed. */
function writeBody(writer: Writer, transaction: UnsignedTransaction): void {
  writer.u8(TRANSACTION_VERSION).u32(transaction.chainId).u8(TRANSACTION_KIND[transaction.kind]);
  switch (transaction.kind) {
    case "transfer":
      writer.u64(transaction.notBefore).u64(transaction.notAfter).u64(transaction.fee).fixed(transaction.gamma, 32);
      writer.u8(transaction.inputs.length).list(transaction.inputs, (out, leaf) => out.u40(leaf));
      writer.u8(transaction.outputs.length);
      return;
    case "claim":
      writeClaim(writer, transaction);
      return;
    case "take-back":
      writeTakeBack(writer, transaction);
      return;
    case "unbond":
      writeUnbond(writer, transaction);
      return;
    case "unjail":
      writeUnjail(writer, transaction);
      return;
    default:
      return transaction satisfies never;
  }
}

const transactionIds = new WeakMap<UnsignedTransaction, Hash>();

/**
 * The transaction's name: H32("stg/tx", body), body = every output replaced by its hash and no signatures (chapter 4).
 * Hashed once for each object.
 */
export function transactionId(transaction: UnsignedTransaction): Hash {
  const known = transactionIds.get(transaction) ?? hashBody(transaction);
  transactionIds.set(transaction, known);
  return known;
}

function hashBody(transaction: UnsignedTransaction): Hash {
  const outputs = transaction.kind === "transfer" ? transaction.outputs : [];
  const outputHashes = outputs.map((output) => outputHash(output.core));
  const inputCount = transaction.kind === "transfer" ? transaction.inputs.length : 0;
  const writer = new Writer(400 + 5 * inputCount + 32 * outputHashes.length);
  writeBody(writer, transaction);
  writer.list(outputHashes, (out, value) => out.fixed(value, 32));
  return hash32("stg/tx", writer.finish());
}

export function encodeTransaction(transaction: Transaction): Uint8Array {
  const writer = new Writer(transaction.kind === "transfer" ? transferRoom(transaction) : 600);
  writeBody(writer, transaction);
  switch (transaction.kind) {
    case "transfer":
      writer.list(transaction.outputs, writeOutput);
      return writer.list(transaction.signatures, (out, each) => out.fixed(each, SCHNORR_SIGNATURE_SIZE)).finish();
    case "claim":
    case "take-back":
    case "unbond":
      return writer.list(signaturesOf(transaction), (out, each) => out.fixed(each, SCHNORR_SIGNATURE_SIZE)).finish();
    case "unjail":
      return writer.fixed(transaction.signature, BLS_SIGNATURE_SIZE).finish();
    default:
      return transaction satisfies never;
  }
}

const transferRoom = ({ inputs, outputs }: Transfer): number => 128 + 128 * inputs.length + 1300 * outputs.length;

/** Decodes one transaction of at most 160 KiB. Ordering and balance are rules, checked by `validate-transaction.ts`. */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  if (bytes.length > TX_BYTES_MAX) throw new DecodeError(`transaction of ${bytes.length} bytes`);
  return decodeWhole(bytes, readTransaction);
}

/** The same for a caller that holds nothing but transfers, as wallets do. */
export function decodeTransfer(bytes: Uint8Array): Transfer {
  const transaction = decodeTransaction(bytes);
  if (transaction.kind !== "transfer") throw new DecodeError(`a transaction of kind ${transaction.kind}`);
  return transaction;
}

function readTransaction(reader: Reader): Transaction {
  const version = reader.u8();
  if (version !== TRANSACTION_VERSION) throw new DecodeError(`transaction version ${version}`);
  const chainId = reader.u32();
  const kind = reader.u8();
  switch (kind) {
    case TRANSACTION_KIND.transfer:
      return readTransfer(reader, chainId);
    case TRANSACTION_KIND.claim:
      return readClaimBody(reader, chainId);
    case TRANSACTION_KIND["take-back"]:
      return readTakeBack(reader, chainId);
    case TRANSACTION_KIND.unbond:
      return readUnbond(reader, chainId);
    case TRANSACTION_KIND.unjail:
      return readUnjail(reader, chainId);
    default:
      throw new DecodeError(`transaction kind ${kind}`);
  }
}

function readTransfer(reader: Reader, chainId: number): Transfer {
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
  return { kind: "transfer", chainId, notBefore, notAfter, fee: amount(fee), gamma, inputs, outputs, signatures };
}

/** w of TX-8: what the outputs count against fee and block limits. */
export function transactionWeight({ outputs }: Pick<Transfer, "outputs">): number {
  return outputs.reduce((sum, output) => sum + outputWeight(output.core), 0);
}
