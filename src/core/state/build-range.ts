import { concatBytes } from "../bytes/concat-bytes.ts";
import { ZERO_HASH, type Hash } from "../values/hash.ts";
import { RANGE_LEVEL, RANGE_TILES, rangeTileNode, type RangeAnswer, type RangeTile } from "./range-answer.ts";
import { scanEntry } from "./tile-record.ts";
import { bitmapBytesOf, foldLevels, foldRoot, TILE_LEVELS, tileLeafHashes, type Tile } from "./tree.ts";
import { siblingOf } from "./tree-proof.ts";

/** The 30 levels of the tree below the root from the ranges up; each holds the nodes from 0 to the last live one. */
export type RangeLevels = readonly (readonly Hash[])[];

/** The path of a range to the root. */
export function rangeSiblings(levels: RangeLevels, range: number): readonly Hash[] {
  return levels.map((nodes, level) => nodes[siblingOf(Math.floor(range / 2 ** level))] ?? ZERO_HASH);
}

/** What a range says of one of its tiles (BL-7). */
export function rangeTile(tile: Tile): RangeTile | undefined {
  const live = tile.filter((leaf) => leaf !== undefined);
  if (live.length === 0) return undefined;
  const entries = concatBytes(...live.map(scanEntry));
  return { bitmap: bitmapBytesOf(tile), rest: foldRoot(tileLeafHashes(tile)), entries };
}

/** The path of one tile of a range to the root: 33 levels, as in bucket proofs (BL-15). */
export function tileSiblings(answer: RangeAnswer, tile: number): readonly Hash[] {
  const levels = foldLevels(answer.tiles.map(rangeTileNode));
  const place = tile % RANGE_TILES;
  const below = levels.slice(0, RANGE_LEVEL - TILE_LEVELS);
  return [...below.map((nodes, level) => nodes[siblingOf(place >> level)]!), ...answer.siblings];
}
