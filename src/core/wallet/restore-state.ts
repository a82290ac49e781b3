import { BUCKET_LEAVES } from "../state/bucket-proof.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";
import type { KnownPackets } from "./open-packet.ts";
import type { StakeChange } from "./stake-state.ts";

/** The certified state at the end of an epoch, as much of it as ranges and buckets are checked against (5.4). */
export interface RestoreBoundary {
  readonly height: Height;
  readonly timeMs: TimeMs;
  readonly utxoRoot: Hash;
  /** Outputs made so far. */
  readonly nextLeaf: number;
}

/** When an output of before the restore was spent while it ran. */
export interface SpentAt {
  readonly height: Height;
  readonly timeMs: TimeMs;
}

/** A coin that waits for the core of its packet, and the nodes that have been asked for it, by their numbers. */
export interface PacketWait {
  readonly packetLeaf: LeafIndex;
  readonly askedOf: ReadonlySet<number>;
  /** out_hash of each core that it was tried with in vain. */
  readonly failed: readonly Hash[];
}

/**
 * Coins that a restore can open only with the core of a packet. In memory alone: their leaves stay among the hits until
 * they are decided, so that a restart meets them again.
 */
export interface PacketWaits {
  /** By the leaf of the coin. */
  readonly coins: ReadonlyMap<LeafIndex, PacketWait>;
  readonly packets: KnownPackets;
}

/**
 * How far a restore from words has come. Outputs below `endLeaf` are looked for in the state at a boundary; those from
 * there on come with the blocks above the first boundary, without a gap. So it does not matter at which boundary a
 * range was read, as long as the spends since then are remembered.
 */
export interface RestoreState {
  /** The person's word for when the wallet was first used (BL-9); undefined: all ranges are read. */
  readonly birthdayMs: TimeMs | undefined;
  /** Lowest range that can hold coins; undefined while the birthday is being looked up. */
  readonly firstRange: number | undefined;
  /** Where ranges are read now (h0); undefined until the chain was first seen. */
  readonly boundary: RestoreBoundary | undefined;
  /** The newest boundary above it, to go on from when nodes no longer serve that one (BL-8). */
  readonly newest: RestoreBoundary | undefined;
  /** next_leaf of the first boundary. */
  readonly endLeaf: number;
  /** All ranges from here up are done. */
  readonly cursor: number;
  /** Ranges below the cursor that are done, not more than {@link RESTORE_WINDOW} below it. */
  readonly done: ReadonlySet<number>;
  readonly outputsChecked: number;
  readonly coinsFound: number;
  /** Outputs whose view tag is ours and that were not opened yet. */
  readonly hits: readonly LeafIndex[];
  /** Outputs below `endLeaf` that blocks above the boundary have spent. */
  readonly spent: ReadonlyMap<LeafIndex, SpentAt>;
  /** undefined: no coin waits for the core of its packet. */
  readonly packetWaits?: PacketWaits;
  /** What those blocks did to stakes below `endLeaf`, in their order. */
  readonly changed: readonly StakeChange[];
}

/** How far below the cursor ranges may be read out of turn: what makes the stored form small. */
export const RESTORE_WINDOW = 256;
/** Outputs of one range (5.4). */
export const RESTORE_RANGE_LEAVES = 1024;

/** The state of a restore before the chain was seen. */
export function startRestore(birthdayMs: TimeMs | undefined): RestoreState {
  return {
    birthdayMs,
    firstRange: birthdayMs === undefined ? 0 : undefined,
    boundary: undefined,
    newest: undefined,
    endLeaf: 0,
    cursor: 0,
    done: new Set(),
    outputsChecked: 0,
    coinsFound: 0,
    hits: [],
    spent: new Map(),
    changed: [],
  };
}

/** Ranges there were at the first boundary. */
export function rangeCount(restore: RestoreState): number {
  return Math.ceil(restore.endLeaf / RESTORE_RANGE_LEAVES);
}

/**
 * Whether an output that the wallet knew before lies in a range that is still to be read: until then nobody can say
 * whether it is there. Before the chain was seen that is so for all of them.
 */
export function isUnread({ boundary, endLeaf, cursor, done }: RestoreState, leaf: LeafIndex): boolean {
  if (boundary === undefined) return true;
  const range = Math.floor(leaf / RESTORE_RANGE_LEAVES);
  return leaf < endLeaf && range < cursor && !done.has(range);
}

/** Whether something of ours behind this output may still be found: in a range that is not read, or among the hits. */
export function isUnreadFrom(restore: RestoreState, leaf: LeafIndex): boolean {
  const { boundary, cursor, done, firstRange, hits } = restore;
  if (boundary === undefined || hits.some((hit) => hit >= leaf)) return true;
  const first = Math.max(Math.floor(leaf / RESTORE_RANGE_LEAVES), firstRange ?? 0);
  const doneThere = [...done].filter((range) => range >= first).length;
  return cursor - first > doneThere;
}

/** Hits of one bucket that were not opened yet; undefined where its range is still to be read. */
export function hitsOf({ cursor, done, hits }: RestoreState, bucket: number): readonly LeafIndex[] | undefined {
  const range = Math.floor((bucket * BUCKET_LEAVES) / RESTORE_RANGE_LEAVES);
  if (range < cursor && !done.has(range)) return undefined;
  return hits.filter((leaf) => Math.floor(leaf / BUCKET_LEAVES) === bucket);
}

/** Every range was read. */
export function areRangesRead({ boundary, cursor, firstRange }: RestoreState): boolean {
  return boundary !== undefined && cursor <= (firstRange ?? 0);
}

/** Every range was read and every hit opened. */
export function isRestoreComplete(restore: RestoreState): boolean {
  return areRangesRead(restore) && restore.hits.length === 0;
}

/** Ranges to read next, newest first (BL-10), passing over those that somebody is busy with. */
export function planRanges(restore: RestoreState, busy: ReadonlySet<number>, countMax: number): readonly number[] {
  const lowest = Math.max(restore.firstRange ?? 0, restore.cursor - RESTORE_WINDOW);
  const ranges: number[] = [];
  for (let range = restore.cursor - 1; range >= lowest && ranges.length < countMax; range--) {
    if (!restore.done.has(range) && !busy.has(range)) ranges.push(range);
  }
  return ranges;
}
