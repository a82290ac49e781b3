import { concatBytes } from "../bytes/concat-bytes.ts";
import { hash, isZeroHash, ZERO_HASH, type Hash } from "../values/hash.ts";
import type { RangeTile } from "./range-answer.ts";
import { bitmapBytesOf, nodeHash, TILE_LEAVES, type TileLeaf } from "./tree.ts";

/** Level of the groups of leaves whose nodes a record holds: one spend then hashes four leaves and not 128. */
export const GROUP_LEVEL = 2;
export const GROUP_LEAVES = 2 ** GROUP_LEVEL;
const GROUPS = TILE_LEAVES / GROUP_LEAVES;
const BITMAP_SIZE = TILE_LEAVES / 8;
const KEY_SIZE = 32;
const ENTRY_SIZE = KEY_SIZE + 2;
const HASH_SIZE = 32;

/** What of a tile is kept so that a change of one leaf need not read and hash all 128. Never sent, never hashed whole. */
export interface TileRecord {
  /** D ‖ vtag by place; undefined = not live. */
  readonly entries: readonly (Uint8Array | undefined)[];
  /** Nodes of the groups. */
  readonly groups: readonly Hash[];
}

/** What scanners read of a leaf. */
export function scanEntry({ ephemeralKey, viewTag }: TileLeaf): Uint8Array {
  return concatBytes(ephemeralKey, viewTag);
}

/** The bytes that scan_t of 5.1 hashes: bitmap, then the entries in order. */
export function scanBytes(entries: TileRecord["entries"]): Uint8Array {
  return concatBytes(bitmapBytesOf(entries), ...entries.filter((entry) => entry !== undefined));
}

/** What scan_t hashes, then the node of each group with a live leaf, in order. */
export function encodeTileRecord(scan: Uint8Array, groups: readonly Hash[]): Uint8Array {
  return concatBytes(scan, ...groups.filter((node) => !isZeroHash(node)));
}

/** The inverse; parts share the memory they are read from. A record of another size is a broken invariant. */
export function decodeTileRecord(bytes: Uint8Array): TileRecord {
  let at = BITMAP_SIZE;
  const take = (size: number): Uint8Array => bytes.subarray(at, (at += size));
  const entries = Array.from({ length: TILE_LEAVES }, (_, place) =>
    (bytes[place >> 3]! & (1 << (place & 7))) === 0 ? undefined : take(ENTRY_SIZE),
  );
  const groups = Array.from({ length: GROUPS }, (_, group) =>
    isGroupLive(entries, group) ? hash(take(HASH_SIZE)) : ZERO_HASH,
  );
  if (at !== bytes.length) throw new RangeError(`tile record of ${bytes.length} bytes`);
  return { entries, groups };
}

/** A tile as a store tells it without its leaves: what a range says of it (BL-7), and the nodes of its two buckets. */
export interface RecordedTile extends RangeTile {
  readonly halves: readonly [Hash, Hash];
}

/** The tile of a record. */
export function recordedTile(record: Uint8Array, halves: readonly [Hash, Hash]): RecordedTile {
  const bitmap = record.slice(0, BITMAP_SIZE);
  let count = 0;
  for (const byte of bitmap) for (let bits = byte; bits > 0; bits &= bits - 1) count++;
  const entries = record.slice(BITMAP_SIZE, BITMAP_SIZE + ENTRY_SIZE * count);
  return { bitmap, rest: nodeHash(...halves), entries, halves };
}

export function isGroupLive(entries: TileRecord["entries"], group: number): boolean {
  for (let place = group * GROUP_LEAVES; place < (group + 1) * GROUP_LEAVES; place++) {
    if (entries[place] !== undefined) return true;
  }
  return false;
}
