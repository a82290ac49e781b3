import { formatHex } from "../bytes/hex.ts";
import type { Claim } from "../chain/claim.ts";
import { inputsOf, placesOf, type Place, type Transaction } from "../chain/transaction.ts";
import { fullRoom, takeRoom } from "../state/block-transactions.ts";
import type { LeafReader } from "../ports/ledger-reader.ts";
import { BlockPackets } from "../state/block-packets.ts";
import { BlockStakes } from "../state/block-stakes.ts";
import { factorOf } from "../state/fees.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";
import { validateWindow } from "../state/validate-spend.ts";
import { AppendMap } from "../values/append-map.ts";
import type { Hash } from "../values/hash.ts";
import type { LeafIndex, TimeMs } from "../values/height.ts";

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
  /** What the stakes that it spends were worth when it was checked, in µSTG: its balance holds as long as they are. */
  readonly spentStake: bigint;
  /** f_claim of the packet that it claims from, in µSTG; 0 of whatever is no claim (RP-12). */
  readonly claimFee: bigint;
  /** Order of arrival in this pool. */
  readonly arrival: number;
  readonly arrivedAt: TimeMs;
}

/** A held claim, as the room for claims sees it (RP-12). */
export interface HeldClaim {
  readonly entry: MempoolEntry;
  readonly claim: Claim;
}

/** An immutable value; every operation gives the next one. */
export interface Mempool {
  /** By txid as hex, in order of arrival. */
  readonly entries: AppendMap<string, MempoolEntry>;
  /** Who takes a place, as hex txid: no two held transactions share an input or a key. */
  readonly spenders: AppendMap<Place, string>;
  /** Those of the entries that are claims. */
  readonly claims: AppendMap<string, HeldClaim>;
  /** How many of the entries are take-backs. */
  readonly takeBacks: number;
  readonly bytes: number;
  readonly arrivals: number;
}

export const EMPTY_MEMPOOL: Mempool = {
  entries: AppendMap.of(),
  spenders: AppendMap.of(),
  claims: AppendMap.of(),
  takeBacks: 0,
  bytes: 0,
  arrivals: 0,
};

export function hasTransaction(mempool: Mempool, txid: Hash): boolean {
  return mempool.entries.has(formatHex(txid));
}

/** Does a held transaction take one of these places? */
export function isConflicting(mempool: Mempool, places: readonly Place[]): boolean {
  return places.some((place) => mempool.spenders.has(place));
}

/** Why a transaction left the pool. */
export type RemovalReason = "included" | "conflicting" | "expired" | "fee-outdated" | "evicted";
export interface Removal {
  readonly entry: MempoolEntry;
  readonly reason: RemovalReason;
}

/**
 * b, and claims above all that pays: they pay nothing, so no price may keep them out, and are few, in blocks and here
 * (RP-12).
 */
const worthOf = ({ transaction, factor }: Pick<MempoolEntry, "transaction" | "factor">): number =>
  transaction.kind === "claim" ? Infinity : factor;

const compareWorth = (left: MempoolEntry, right: MempoolEntry): number => {
  const [least, most] = [worthOf(left), worthOf(right)];
  return least === most ? 0 : least < most ? -1 : 1;
};

/** Least worth keeping first, among those the oldest, whose sender has had the most time to react. */
const compareToKeep = (left: MempoolEntry, right: MempoolEntry): number =>
  compareWorth(left, right) || left.arrival - right.arrival;

/** Sorted once for each version of a full pool: nobody who floods it has it sorted for every transaction. */
const inOrderToKeep = new WeakMap<Mempool["entries"], readonly MempoolEntry[]>();

function orderToKeep({ entries }: Mempool): readonly MempoolEntry[] {
  const known = inOrderToKeep.get(entries) ?? [...entries.values()].sort(compareToKeep);
  inOrderToKeep.set(entries, known);
  return known;
}

/**
 * Which held transactions would have to go for this one; undefined if it is not worth more than they are. Only a
 * higher factor pushes others out, or a flood at the lowest price would empty the pool for free.
 */
export function evictionsFor(
  mempool: Mempool,
  entry: Pick<MempoolEntry, "transaction" | "size" | "factor">,
): readonly MempoolEntry[] | undefined {
  let count = mempool.entries.size + 1 - MEMPOOL_TRANSACTIONS_MAX;
  let bytes = mempool.bytes + entry.size - MEMPOOL_BYTES_MAX;
  if (count <= 0 && bytes <= 0) return [];
  const evicted: MempoolEntry[] = [];
  for (const held of orderToKeep(mempool)) {
    if (count <= 0 && bytes <= 0) break;
    if (worthOf(held) >= worthOf(entry)) return undefined;
    evicted.push(held);
    count -= 1;
    bytes -= held.size;
  }
  return evicted;
}

/** Adds what {@link evictionsFor} has made room for. */
export function insertEntry(mempool: Mempool, added: Omit<MempoolEntry, "arrival">): Mempool {
  const name = formatHex(added.txid);
  const { transaction } = added;
  const entry: MempoolEntry = { ...added, arrival: mempool.arrivals };
  const entries = mempool.entries.with(name, entry);
  const spenders = placesOf(transaction).reduce((map, place) => map.with(place, name), mempool.spenders);
  const claims =
    transaction.kind === "claim" ? mempool.claims.with(name, { entry, claim: transaction }) : mempool.claims;
  const takeBacks = mempool.takeBacks + countTakeBacks([entry]);
  const bytes = mempool.bytes + added.size;
  return { entries, spenders, claims, takeBacks, bytes, arrivals: mempool.arrivals + 1 };
}

export function removeEntries(mempool: Mempool, removed: readonly MempoolEntry[]): Mempool {
  if (removed.length === 0) return mempool;
  const names = removed.map(({ txid }) => formatHex(txid));
  const entries = mempool.entries.without(names);
  const claims = mempool.claims.without(names.filter((name) => mempool.claims.has(name)));
  const spenders = mempool.spenders.without(removed.flatMap(({ transaction }) => placesOf(transaction)));
  const bytes = removed.reduce((left, { size }) => left - size, mempool.bytes);
  const takeBacks = mempool.takeBacks - countTakeBacks(removed);
  return { entries, spenders, claims, takeBacks, bytes, arrivals: mempool.arrivals };
}

function countTakeBacks(entries: readonly MempoolEntry[]): number {
  return entries.filter(({ transaction }) => transaction.kind === "take-back").length;
}

/** What a block did, as far as a pool asks. */
export interface PoolBlock {
  readonly txids: readonly Hash[];
  readonly spent: readonly LeafIndex[];
  /** Stakes in another state. */
  readonly rewritten: readonly LeafIndex[];
}

/**
 * After a block: drops what it holds, what it made impossible and what is too late, claims of packets that are empty or
 * closed among it (RP-12). `tip` and `reader` show the state after the block.
 */
export function removeAfterBlock(
  mempool: Mempool,
  tip: LedgerTip,
  reader: LeafReader,
  block: PoolBlock,
): { readonly mempool: Mempool; readonly removed: readonly Removal[] } {
  const included = new Set(block.txids.map(formatHex));
  // A stake that was slashed is worth less than a transfer that spends it says.
  const changed = new Set([...block.spent, ...block.rewritten]);
  const stakes = new BlockStakes(tip);
  const packets = new BlockPackets(tip, reader);
  const reasonOf = (name: string, entry: MempoolEntry): RemovalReason | undefined => {
    const { transaction } = entry;
    if (included.has(name)) return "included";
    if (inputsOf(transaction).some((leaf) => changed.has(leaf))) return "conflicting";
    if (!stakes.validate(transaction).ok || !packets.validate(transaction).ok) return "conflicting";
    if (transaction.kind === "transfer" && transaction.notAfter < tip.header.time) return "expired";
    return factorOf(tip.chain.params, tip.aux.epoch, entry) === undefined ? "fee-outdated" : undefined;
  };
  const removed = [...mempool.entries].flatMap(([name, entry]) => {
    const reason = reasonOf(name, entry);
    return reason === undefined ? [] : [{ entry, reason }];
  });
  return {
    mempool: removeEntries(
      mempool,
      removed.map(({ entry }) => entry),
    ),
    removed,
  };
}

/**
 * What fits the next block: claims first, then the highest fee factor, then arrival, within every limit of a block (0.5).
 * A claim is chosen only while a share is left for it: what the block would refuse takes no seat from what it would not,
 * and take-backs get those that are left (RP-12). The reader must hold the state of the tip.
 */
export function chooseTransactions(
  mempool: Mempool,
  tip: LedgerTip,
  reader: LeafReader,
  overheadBytes: number,
): readonly Transaction[] {
  const { time } = tip.header;
  const ready = [...mempool.entries.values()]
    .filter(({ transaction }) => validateWindow(transaction, time).ok)
    .sort((left, right) => compareWorth(right, left) || left.arrival - right.arrival);
  const chosen: Transaction[] = [];
  const packets = new BlockPackets(tip, reader);
  let room = fullRoom(tip.chain.params, overheadBytes);
  for (const { weight, size: bytes, transaction } of ready) {
    const rest = takeRoom(room, { weight, inputs: inputsOf(transaction).length, bytes });
    // A large one that does not fit is no reason to leave out the small ones behind it.
    if (rest === undefined || !packets.validate(transaction).ok) continue;
    room = rest;
    packets.take(transaction);
    chosen.push(transaction);
  }
  return chosen;
}
