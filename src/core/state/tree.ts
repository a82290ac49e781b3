import { Writer } from "../bytes/writer.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { decodeOutputCore, type OutputCore } from "../chain/output.ts";
import { hash32, sha256Hash } from "../crypto/tagged-hash.ts";
import type { LeafRecord, LedgerReader } from "../ports/ledger-reader.ts";
import { isZeroHash, ZERO_HASH, type Hash } from "../values/hash.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import { stateHashOf } from "./leaf-state.ts";

/** Levels inside a tile: 128 leaves. */
export const TILE_LEVELS = 7;
export const TILE_LEAVES = 2 ** TILE_LEVELS;
/** Level of a tile's halves, two for each: the buckets of BL-15. Their node is rest_t. */
export const HALF_LEVEL = 6;
/** Level of the root: leaf numbers have 40 bits. */
export const TREE_LEVELS = 40;

const LEAF_PREFIX = 0;
const NODE_PREFIX = Uint8Array.of(1);
const TILE_PREFIX = Uint8Array.of(2);

/** A live leaf as its tile sees it: its hash, and what scanners read. */
export interface TileLeaf {
  readonly hash: Hash;
  readonly ephemeralKey: Uint8Array;
  readonly viewTag: Uint8Array;
}

/** The 128 places of one tile; undefined = not live. */
export type Tile = readonly (TileLeaf | undefined)[];

/** Where the committed tree is read from. */
export interface TreeSource {
  /** A live leaf. */
  leaf(index: LeafIndex): TileLeaf | undefined;
  /** Bytes of `tile-record.ts`; undefined where nothing is live, or nothing was kept. */
  record(tile: number): Uint8Array | undefined;
  /** Levels 6 (halves of tiles), 7 (tiles) and up to 40 (root). */
  node(level: number, position: number): Hash;
}

/** leaf_i of 5.1. Its number is hashed, so that no leaf can be shown in another's place. */
export function leafHash(index: LeafIndex, height: number, outputHash: Hash, state: Hash): Hash {
  return sha256Hash(new Writer(17).u8(LEAF_PREFIX).u64(index).u64(height).finish(), outputHash, state);
}

/** node of 5.1: a subtree without live leaves is 0^32, whatever its size. */
export function nodeHash(left: Hash, right: Hash): Hash {
  return isZeroHash(left) && isZeroHash(right) ? ZERO_HASH : sha256Hash(NODE_PREFIX, left, right);
}

/** tile_t of 5.1 for a tile with live leaves. */
export function tileHash(scan: Hash, rest: Hash): Hash {
  return sha256Hash(TILE_PREFIX, scan, rest);
}

/** bitmap16 of 5.1: bit k&7 of byte k>>3 = the tile's leaf k is live. */
export function bitmapBytesOf(tile: readonly (object | undefined)[]): Uint8Array {
  const bitmap = new Uint8Array(TILE_LEAVES / 8);
  tile.forEach((leaf, place) => {
    if (leaf !== undefined) bitmap[place >> 3]! |= 1 << (place & 7);
  });
  return bitmap;
}

/** scan_t of 5.1: binds what a cold start reads (BL-7) to the same root as the cores. */
export function scanHash(tile: Tile): Hash {
  const parts = tile.flatMap((leaf) => (leaf === undefined ? [] : [leaf.ephemeralKey, leaf.viewTag]));
  return sha256Hash(bitmapBytesOf(tile), ...parts);
}

/** Levels of a small tree, leaves first, root last. The count of leaves is a power of two. */
export function foldLevels(leaves: readonly Hash[]): readonly (readonly Hash[])[] {
  const levels = [leaves];
  for (let below = leaves; below.length > 1;) {
    const above: Hash[] = [];
    for (let index = 0; index < below.length; index += 2) above.push(nodeHash(below[index]!, below[index + 1]!));
    levels.push(above);
    below = above;
  }
  return levels;
}

/** Root of such a tree: rest_t of a tile, half_b of a bucket. */
export function foldRoot(leaves: readonly Hash[]): Hash {
  return foldLevels(leaves).at(-1)![0]!;
}

export function tileLeafHashes(tile: Tile): readonly Hash[] {
  return tile.map((leaf) => leaf?.hash ?? ZERO_HASH);
}

/** The leaf of a record (5.1). */
export function tileLeafOf(index: LeafIndex, record: LeafRecord): TileLeaf {
  return newTileLeaf(index, record, decodeOutputCore(record.core), hash32("stg/out", record.core));
}

/** The same where core and out_hash are at hand. */
export function newTileLeaf(index: LeafIndex, record: LeafRecord, core: OutputCore, outputHash: Hash): TileLeaf {
  const state = stateHashOf(core.type, record.stateFields);
  return {
    hash: leafHash(index, record.height, outputHash, state),
    ephemeralKey: core.ephemeralKey,
    viewTag: core.viewTag,
  };
}

/** A tile of some state, from the records of its live leaves. */
export function readTile(index: number, record: (leaf: LeafIndex) => LeafRecord | undefined): Tile {
  return Array.from({ length: TILE_LEAVES }, (_, place) => {
    const leaf = leafIndex(index * TILE_LEAVES + place);
    const found = record(leaf);
    return found === undefined ? undefined : tileLeafOf(leaf, found);
  });
}

/** Reads the tree of a committed ledger. */
export function treeSource(reader: Pick<LedgerReader, "leaf" | "tile" | "node">): TreeSource {
  return {
    leaf: (leaf) => {
      const record = reader.leaf(leaf);
      return record === undefined ? undefined : tileLeafOf(leaf, record);
    },
    record: (tile) => reader.tile(tile),
    node: (level, position) => reader.node(level, position) ?? ZERO_HASH,
  };
}

/** All places of one tile. */
export function tileAt(source: TreeSource, index: number): Tile {
  return Array.from({ length: TILE_LEAVES }, (_, place) => source.leaf(leafIndex(index * TILE_LEAVES + place)));
}

export const nodeKey = (level: number, position: number): string => `${level}:${position}`;

export const tileIndexOf = (leaf: LeafIndex): number => Math.floor(leaf / TILE_LEAVES);

/** Bytes of a bitmap of up to 40 places as written in proofs: u8 or u40, little-endian. */
export function bitmapOf(hashes: readonly Hash[]): number {
  return hashes.reduce((sum, value, place) => (isZeroHash(value) ? sum : sum + 2 ** place), 0);
}

/** The non-zero ones, in order: what a proof sends. */
export function presentOf(hashes: readonly Hash[]): Uint8Array {
  return concatBytes(...hashes.filter((value) => !isZeroHash(value)));
}
