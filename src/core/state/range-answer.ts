import { equalBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import { hash, ZERO_HASH, type Hash } from "../values/hash.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import { bitmapOf, foldRoot, nodeHash, presentOf, TILE_LEAVES, tileHash, TREE_LEVELS } from "./tree.ts";
import { foldPath, readSiblings } from "./tree-proof.ts";

/** Leaves of one range: what a cold start fetches at once (5.4). */
export const RANGE_LEAVES = 1024;
export const RANGE_TILES = 8;
/** Level of a range's node in the tree. */
export const RANGE_LEVEL = 10;
/** Ranges there are: the leaf numbers' 40 bits in thousands. */
export const RANGE_LIMIT = 2 ** (TREE_LEVELS - RANGE_LEVEL);
/** Siblings between a range's node and the root. */
export const RANGE_PATH_LEVELS = TREE_LEVELS - RANGE_LEVEL;

const BITMAP_SIZE = TILE_LEAVES / 8;
const KEY_SIZE = 32;
const VIEW_TAG_SIZE = 2;
const ENTRY_SIZE = KEY_SIZE + VIEW_TAG_SIZE;
const TAG_DEAD = 0;
const TAG_LIVE = 1;

/** A tile with live leaves. */
export interface RangeTile {
  /** 16 bytes; bit k&7 of byte k>>3 = the tile's leaf k is live. */
  readonly bitmap: Uint8Array;
  /** rest_t of 5.1: what binds cores and states, which a cold start does not read. */
  readonly rest: Hash;
  /** D ‖ vtag of the live leaves, in order: 34 bytes each, packed, since a restore reads a million. */
  readonly entries: Uint8Array;
}

/** Everything a scan reads of 1024 consecutive leaves, and their path to the root (BL-7). */
export interface RangeAnswer {
  /** 8 of them; undefined = no leaf is live. */
  readonly tiles: readonly (RangeTile | undefined)[];
  /** 30, from the bottom; 0^32 where the other subtree is empty. */
  readonly siblings: readonly Hash[];
}

function countBits(bitmap: Uint8Array): number {
  let count = 0;
  for (const byte of bitmap) for (let rest = byte; rest > 0; rest &= rest - 1) count++;
  return count;
}

function writeTile(writer: Writer, tile: RangeTile | undefined): void {
  if (tile === undefined) {
    writer.u8(TAG_DEAD);
    return;
  }
  const count = countBits(tile.bitmap);
  if (count === 0) throw new RangeError("live tile without live leaves");
  writer
    .u8(TAG_LIVE)
    .fixed(tile.bitmap, BITMAP_SIZE)
    .fixed(tile.rest, 32)
    .fixed(tile.entries, ENTRY_SIZE * count);
}

function readTile(reader: Reader): RangeTile | undefined {
  const tag = reader.u8();
  if (tag === TAG_DEAD) return undefined;
  if (tag !== TAG_LIVE) throw new DecodeError(`tile tag ${tag}`);
  const bitmap = reader.bytes(BITMAP_SIZE);
  const count = countBits(bitmap);
  if (count === 0) throw new DecodeError("live tile without live leaves");
  return { bitmap, rest: hash(reader.bytes(32)), entries: reader.bytes(ENTRY_SIZE * count) };
}

export function encodeRangeAnswer(answer: RangeAnswer): Uint8Array {
  return concatBytes(encodeRangeTiles(answer.tiles), encodeRangePath(answer.siblings));
}

/** The part of the encoding that follows from the range's own node. */
export function encodeRangeTiles(tiles: RangeAnswer["tiles"]): Uint8Array {
  if (tiles.length !== RANGE_TILES) throw new RangeError(`${RANGE_TILES} tiles`);
  return new Writer(36_000).list(tiles, writeTile).finish();
}

/** The part behind it, which every change elsewhere in the tree changes too. */
export function encodeRangePath(siblings: RangeAnswer["siblings"]): Uint8Array {
  if (siblings.length !== RANGE_PATH_LEVELS) throw new RangeError(`${RANGE_PATH_LEVELS} siblings`);
  return new Writer(970).u32(bitmapOf(siblings)).bytes(presentOf(siblings)).finish();
}

/** The answer's form alone; nothing in it counts before {@link verifyRangeAnswer}. */
export function decodeRangeAnswer(bytes: Uint8Array): RangeAnswer {
  return decodeWhole(bytes, (reader) => ({
    tiles: reader.list(RANGE_TILES, RANGE_TILES, readTile),
    siblings: readSiblings(reader, reader.u32(), RANGE_PATH_LEVELS),
  }));
}

/** tile_t of 5.1 from what a range says of it. */
export function rangeTileNode(tile: RangeTile | undefined): Hash {
  if (tile === undefined) return ZERO_HASH;
  return tileHash(sha256Hash(tile.bitmap, tile.entries), tile.rest);
}

/** The range's node, level 10 of the tree. */
export function rangeRoot(answer: RangeAnswer): Hash {
  return foldRoot(answer.tiles.map(rangeTileNode));
}

/** Are these exactly the live leaves of the range under this root? */
export function verifyRangeAnswer(utxoRoot: Hash, range: number, answer: RangeAnswer): boolean {
  if (answer.tiles.length !== RANGE_TILES || answer.siblings.length !== RANGE_PATH_LEVELS) return false;
  return equalBytes(foldPath(rangeRoot(answer), range, answer.siblings), utxoRoot);
}

/** Are these the nodes of ranges 0, 1, … under this root, with nothing live behind the last one (BL-8)? */
export function verifyRangeRoots(utxoRoot: Hash, roots: readonly Hash[]): boolean {
  if (roots.length > RANGE_LIMIT) return false;
  let nodes = roots;
  for (let level = RANGE_LEVEL; level < TREE_LEVELS; level++) nodes = parentNodes(nodes);
  return equalBytes(nodes[0] ?? ZERO_HASH, utxoRoot);
}

/** The level above these nodes, which begin at 0; behind the last one nothing is live. */
export function parentNodes(nodes: readonly Hash[]): readonly Hash[] {
  const parents: Hash[] = [];
  for (let index = 0; index < nodes.length; index += 2)
    parents.push(nodeHash(nodes[index]!, nodes[index + 1] ?? ZERO_HASH));
  return parents;
}

/** What a scan reads of the live outputs of a range; packed. */
export interface LiveLeaves {
  /** Ascending. */
  readonly leaves: readonly LeafIndex[];
  /** D, 32 bytes each. */
  readonly ephemeralKeys: Uint8Array;
  /** 2 bytes each. */
  readonly viewTags: Uint8Array;
}

/** The live outputs of a range. */
export function liveLeaves(range: number, { tiles }: RangeAnswer): LiveLeaves {
  const leaves = tiles.flatMap((tile, index) =>
    tile === undefined ? [] : leavesOf(tile.bitmap, range * RANGE_LEAVES + index * TILE_LEAVES),
  );
  const ephemeralKeys = new Uint8Array(KEY_SIZE * leaves.length);
  const viewTags = new Uint8Array(VIEW_TAG_SIZE * leaves.length);
  let count = 0;
  for (const tile of tiles) {
    if (tile === undefined) continue;
    const { entries } = tile;
    // Byte by byte: two views for each of a million entries would take longer.
    for (let at = 0; at < entries.length; at += ENTRY_SIZE, count++) {
      for (let place = 0; place < KEY_SIZE; place++) ephemeralKeys[KEY_SIZE * count + place] = entries[at + place]!;
      viewTags[VIEW_TAG_SIZE * count] = entries[at + KEY_SIZE]!;
      viewTags[VIEW_TAG_SIZE * count + 1] = entries[at + KEY_SIZE + 1]!;
    }
  }
  return { leaves, ephemeralKeys, viewTags };
}

function leavesOf(bitmap: Uint8Array, first: number): readonly LeafIndex[] {
  const leaves: LeafIndex[] = [];
  for (let place = 0; place < TILE_LEAVES; place++) {
    if ((bitmap[place >> 3]! & (1 << (place & 7))) !== 0) leaves.push(leafIndex(first + place));
  }
  return leaves;
}
