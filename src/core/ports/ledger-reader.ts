import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";

/** What a node keeps of one live output: preimages of its leaf (5.1, BL-6). */
export interface LeafRecord {
  /** Height of the block that made it. */
  readonly height: Height;
  /** Canonical core bytes (2.1). */
  readonly core: Uint8Array;
  /** State fields of types 2 and 3 (BL-1), empty for the others. */
  readonly stateFields: Uint8Array;
}

/** Live leaves alone, of a committed ledger or of one with the changes of a block. */
export interface LeafReader {
  /** A live leaf; undefined if it was spent or never existed. */
  leaf(index: LeafIndex): LeafRecord | undefined;
}

/**
 * The committed ledger, read synchronously so that executing a block stays one pure computation over it.
 * Writes happen elsewhere: a block's changes are values until the store has them.
 */
export interface LedgerReader extends LeafReader {
  /**
   * A stored non-zero node of the state tree. What is below the halves of a tile is not stored, it follows from leaves;
   * level 6 = halves of tiles (their node is rest_t), level 7 = tiles, level 40 = the root. `position` counts from 0
   * within the level.
   */
  node(level: number, position: number): Hash | undefined;
  /**
   * What is kept of a tile so that changing one leaf of it does not take all 128 (`state/tile-record.ts`); undefined
   * where nothing is live, or where an older program kept nothing.
   */
  tile(index: number): Uint8Array | undefined;
  /**
   * Live packets whose expiry has come at a time that is the committed tip's or earlier: the first ones, by expiry and
   * then by leaf (RP-7). `countMax` is at most EXPIRED_PACKETS_MAX.
   */
  expiredPackets(at: TimeMs, countMax: number): readonly LeafIndex[];
}

/** Changes of one block to what a LedgerReader reads; undefined deletes. */
export interface LedgerChanges {
  readonly leaves: ReadonlyMap<LeafIndex, LeafRecord | undefined>;
  /** Keyed `level:position`. */
  readonly nodes: ReadonlyMap<string, Hash | undefined>;
  /** By number of the tile. */
  readonly tiles: ReadonlyMap<number, Uint8Array | undefined>;
}
