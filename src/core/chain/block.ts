import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { merkleRoot } from "../crypto/merkle.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { BLOCK_BYTES_MAX, BLOCK_EVIDENCE_MAX, BLOCK_TRANSACTIONS_MAX, TX_BYTES_MAX } from "../params/limits.ts";
import type { Hash } from "../values/hash.ts";
import { readCertificate, writeCertificate, type Certificate } from "./certificate.ts";
import { encodeEvidence, readEvidence, type Evidence } from "./evidence.ts";
import { encodeHeader, readHeader, type Header } from "./header.ts";
import { decodeTransaction, encodeTransaction, transactionId, type Transaction } from "./transaction.ts";

/** A block as nodes keep and exchange it (6.1). */
export interface Block {
  readonly header: Header;
  /** Precommits for the parent. */
  readonly lastCertificate: Certificate;
  readonly evidence: readonly Evidence[];
  readonly transactions: readonly Transaction[];
}

export function encodeBlock(block: Block): Uint8Array {
  const writer = new Writer(4096).bytes(encodeHeader(block.header));
  writeCertificate(writer, block.lastCertificate);
  writer.u8(block.evidence.length).list(block.evidence, (out, item) => out.bytes(encodeEvidence(item)));
  writer.u16(block.transactions.length);
  for (const transaction of block.transactions) {
    const bytes = encodeTransaction(transaction);
    writer.u32(bytes.length).bytes(bytes);
  }
  return writer.finish();
}

function readSizedTransaction(reader: Reader): Transaction {
  const size = reader.u32();
  if (size > TX_BYTES_MAX) throw new DecodeError(`transaction of ${size} bytes`);
  return decodeTransaction(reader.bytes(size));
}

/** Decodes a block of at most 1 MiB. Rules are checked by `state/examine-block.ts`, claims by `state/spend-claims.ts`, roots by `state/execute-block.ts`. */
export function decodeBlock(bytes: Uint8Array): Block {
  if (bytes.length > BLOCK_BYTES_MAX) throw new DecodeError(`block of ${bytes.length} bytes`);
  return decodeWhole(bytes, (reader) => ({
    header: readHeader(reader),
    lastCertificate: readCertificate(reader),
    evidence: reader.list(reader.u8(), BLOCK_EVIDENCE_MAX, readEvidence),
    transactions: reader.list(reader.u16(), BLOCK_TRANSACTIONS_MAX, readSizedTransaction),
  }));
}

/** txs_root of 6.1. */
export function transactionsRoot(transactions: readonly Transaction[]): Hash {
  return merkleRoot(transactions.map(transactionId));
}

/** evidence_root of 6.1. */
export function evidenceRoot(evidence: readonly Evidence[]): Hash {
  return merkleRoot(evidence.map(encodeEvidence));
}

/** The 8 bytes that stand for a transaction in proposals and block gossip (CO-19). */
export function shortId(prev: Hash, txid: Hash): Uint8Array {
  return hash32("stg/short", prev, txid).slice(0, 8);
}
