import { formatHex } from "../../core/bytes/hex.ts";
import type { Block } from "../../core/chain/block.ts";
import { blockId, type Header } from "../../core/chain/header.ts";
import { outputHash, type OutputCore } from "../../core/chain/output.ts";
import { outputsOf, transactionId, type Transaction } from "../../core/chain/transaction.ts";
import type { CompactItem } from "../../core/sync/compact-item.ts";

/** A transaction as it is kept to be looked at: without what nobody looks at, proofs, payloads and signatures. */
export interface ExploredTransaction {
  /** As hex. */
  readonly txid: string;
  readonly transaction: Transaction;
  /** What it makes. */
  readonly cores: readonly OutputCore[];
}

/** A block as it is kept to be looked at. */
export interface ExploredBlock {
  readonly header: Header;
  /** As hex. */
  readonly id: string;
  readonly transactions: readonly ExploredTransaction[];
  readonly evidenceCount: number;
  /** What the network itself pays in this block (RW-2, AW-2); undefined where it pays and nobody has shown what. */
  readonly paid: readonly OutputCore[] | undefined;
  /** Of the chain that this device trusts; else a node's word. */
  readonly isVerified: boolean;
}

/** `item`: the block's outputs, checked against its header; needed where the network pays. */
export function exploreBlock(
  { header, transactions, evidence }: Block,
  item: CompactItem | undefined,
  isPaying: boolean,
  isVerified: boolean,
): ExploredBlock {
  const made = new Set(transactions.flatMap((each) => outputsOf(each).map(({ core }) => formatHex(outputHash(core)))));
  const paid = item?.outputs
    ?.map(({ core }) => core)
    .filter((core) => core.type !== "drawn" && !made.has(formatHex(outputHash(core))));
  return {
    header,
    id: formatHex(blockId(header)),
    transactions: transactions.map((transaction) => ({
      txid: formatHex(transactionId(transaction)),
      transaction: transaction.kind === "transfer" ? { ...transaction, outputs: [], signatures: [] } : transaction,
      cores: outputsOf(transaction).map(({ core }) => core),
    })),
    evidenceCount: evidence.length,
    paid: isPaying ? paid : [],
    isVerified,
  };
}
