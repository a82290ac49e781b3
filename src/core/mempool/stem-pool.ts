import { formatHex } from "../bytes/hex.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { LeafReader } from "../ports/ledger-reader.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";
import type { Place } from "../chain/transaction.ts";
import type { TimeMs } from "../values/height.ts";
import {
  EMPTY_MEMPOOL,
  insertEntry,
  removeAfterBlock,
  removeEntries,
  type PoolBlock,
  type Mempool,
  type MempoolEntry,
} from "./mempool.ts";
import type { StemEdge } from "./stem-route.ts";

/** Stem transactions one node holds; each leaves it within seconds. */
export const STEM_TRANSACTIONS_MAX = 1_000;
/** Bytes of the stem transactions one node holds. */
export const STEM_BYTES_MAX = 8 * 1024 * 1024;

/** How a held transaction passes through this node. */
export interface StemWay {
  readonly from: StemEdge;
  readonly to: PeerId;
  /** When we make it public ourselves. */
  readonly embargoAt: TimeMs;
}

/**
 * Valid transactions that are still in their stem (NW-4). They lie beside the mempool, not in it: no block, no reader
 * of the mempool and no gossip may show that they passed here. In memory only; a wallet sends again.
 */
export interface StemPool {
  /** Holds what a mempool holds, under the same rules. */
  readonly held: Mempool;
  /** By txid as hex: one for each held transaction. */
  readonly ways: ReadonlyMap<string, StemWay>;
}

export const EMPTY_STEM_POOL: StemPool = { held: EMPTY_MEMPOOL, ways: new Map() };

export function hasStemRoom({ held }: StemPool, size: number): boolean {
  return held.entries.size < STEM_TRANSACTIONS_MAX && held.bytes + size <= STEM_BYTES_MAX;
}

/** Holds a transaction, or sends a held one another way. */
export function holdStem(pool: StemPool, entry: Omit<MempoolEntry, "arrival">, way: StemWay): StemPool {
  const key = formatHex(entry.txid);
  const held = pool.held.entries.has(key) ? pool.held : insertEntry(pool.held, entry);
  return { held, ways: new Map(pool.ways).set(key, way) };
}

/** What is public by now: the transaction itself, and every other one that takes one of these places. */
export function dropStems(pool: StemPool, places: readonly Place[]): StemPool {
  const names = new Set(places.flatMap((place) => pool.held.spenders.get(place) ?? []));
  return keepWays(
    pool,
    removeEntries(
      pool.held,
      [...names].map((name) => pool.held.entries.get(name)!),
    ),
  );
}

/** After a block, by the rules of the mempool. */
export function dropStemsAfterBlock(pool: StemPool, tip: LedgerTip, reader: LeafReader, block: PoolBlock): StemPool {
  return pool.held.entries.size === 0 ? pool : keepWays(pool, removeAfterBlock(pool.held, tip, reader, block).mempool);
}

function keepWays(pool: StemPool, held: Mempool): StemPool {
  if (held === pool.held) return pool;
  return { held, ways: new Map([...pool.ways].filter(([key]) => held.entries.has(key))) };
}
