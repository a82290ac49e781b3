import type { Transaction } from "../chain/transaction.ts";
import type { Hash } from "../values/hash.ts";
import type { LeafIndex, TimeMs } from "../values/height.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";

/** Transactions one pool holds. */
export const MEMPOOL_TRANSACTIONS_MAX = 5_000;
/** Bytes of the transactions one pool holds. */
export const MEMPOOL_BYTES_MAX = 32 * 1024 * 1024;

/** A valid transaction not yet in a block. */
export interface MempoolEntry {
  readonly txid: Hash;
  readonly transaction: Transaction;
  readonly size: number;
  /** w of TX-8. */
  readonly weight: number;
  /** b of TX-8. */
  readonly factor: number;
  /** Order of arrival in this pool. */
  readonly arrival: number;
  readonly arrivedAt: TimeMs;
}

/** An immutable value; every operation gives the next one. */
export interface Mempool {
  /** By txid as hex. */
  readonly entries: ReadonlyMap<string, MempoolEntry>;
  /** Who spends a leaf, as hex txid: no two held transactions share an input. */
  readonly spenders: ReadonlyMap<LeafIndex, string>;
  readonly bytes: number;
  readonly arrivals: number;
}

export const EMPTY_MEMPOOL: Mempool = { entries: new Map(), spenders: new Map(), bytes: 0, arrivals: 0 };

export function hasTransaction(_mempool: Mempool, _txid: Hash): boolean {
  throw new Error("body follows");
}

/** Why a transaction left the pool (NW-13 tells readers). */
export type RemovalReason = "included" | "conflicting" | "expired" | "fee-outdated" | "evicted";
export interface Removal {
  readonly entry: MempoolEntry;
  readonly reason: RemovalReason;
}

/** After a block: drops what it holds, what it made impossible and what is too late. `tip` is the one after the block. */
export function removeAfterBlock(
  _mempool: Mempool,
  _tip: LedgerTip,
  _block: { readonly txids: readonly Hash[]; readonly spent: readonly LeafIndex[] },
): { readonly mempool: Mempool; readonly removed: readonly Removal[] } {
  throw new Error("body follows");
}

/** What fits the next block: highest fee factor first, then arrival, within every limit of a block. */
export function chooseTransactions(_mempool: Mempool, _tip: LedgerTip, _overheadBytes: number): readonly Transaction[] {
  throw new Error("body follows");
}
