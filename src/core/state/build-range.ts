import { ZERO_HASH, type Hash } from "../values/hash.ts";
import {
  parentNodes,
  RANGE_LEVEL,
  RANGE_PATH_LEVELS,
  RANGE_TILES,
  rangeTileNode,
  type RangeAnswer,
  type RangeTile,
} from "./range-answer.ts";
import { bitmapBytesOf, foldLevels, foldRoot, TILE_LEVELS, tileLeafHashes, type Tile } from "./tree.ts";
import { siblingOf } from "./tree-proof.ts";

/** The tree from the ranges up, lowest level first; every level holds the nodes from 0 to the last live one. */
export type RangeLevels = readonly (readonly Hash[])[];

/** Rebuilds the upper levels from the nodes of all ranges (BL-8). */
export function rangeLevels(roots: readonly Hash[]): RangeLevels {
  const levels = [roots];
  for (let level = 1; level < RANGE_PATH_LEVELS; level++) levels.push(parentNodes(levels[level - 1]!));
  return levels;
}

/** The path of a range to the root. */
export function rangeSiblings(levels: RangeLevels, range: number): readonly Hash[] {
  return levels.map((nodes, level) => nodes[siblingOf(Math.floor(range / 2 ** level))] ?? ZERO_HASH);
}

/** What a range says of one of its tiles (BL-7). */
export function rangeTile(tile: Tile): RangeTile | undefined {
  const live = tile.filter((leaf) => leaf !== undefined);
  if (live.length === 0) return undefined;
  const entries = live.map(({ ephemeralKey, viewTag }) => ({ ephemeralKey, viewTag }));
  return { bitmap: bitmapBytesOf(tile), rest: foldRoot(tileLeafHashes(tile)), entries };
}

/** The path of one tile of a range to the root: 33 levels, as in bucket proofs (BL-15). */
export function tileSiblings(answer: RangeAnswer, tile: number): readonly Hash[] {
  const levels = foldLevels(answer.tiles.map(rangeTileNode));
  const place = tile % RANGE_TILES;
  const below = levels.slice(0, RANGE_LEVEL - TILE_LEVELS);
  return [...below.map((nodes, level) => nodes[siblingOf(place >> level)]!), ...answer.siblings];
}
