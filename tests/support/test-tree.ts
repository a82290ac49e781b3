import { rangeSiblings, rangeTile, type RangeLevels } from "../../src/core/state/build-range.ts";
import {
  parentNodes,
  RANGE_LEAVES,
  RANGE_LEVEL,
  RANGE_PATH_LEVELS,
  RANGE_TILES,
  type RangeAnswer,
} from "../../src/core/state/range-answer.ts";
import {
  foldRoot,
  nodeHash,
  nodeKey,
  scanHash,
  TILE_LEAVES,
  tileHash,
  tileLeafHashes,
  type TileLeaf,
  type TreeSource,
} from "../../src/core/state/tree.ts";
import { updateTree } from "../../src/core/state/update-tree.ts";
import { ZERO_HASH, type Hash } from "../../src/core/values/hash.ts";
import { leafIndex, type LeafIndex } from "../../src/core/values/height.ts";

/** A tree kept the way a node keeps it: live leaves and non-zero nodes. */
export class TestTree implements TreeSource {
  readonly leaves = new Map<LeafIndex, TileLeaf>();
  readonly nodes = new Map<string, Hash>();
  readonly records = new Map<number, Uint8Array>();
  root: Hash = ZERO_HASH;

  leaf(index: LeafIndex): TileLeaf | undefined {
    return this.leaves.get(index);
  }
  record(tile: number): Uint8Array | undefined {
    return this.records.get(tile);
  }
  tile(index: number): readonly (TileLeaf | undefined)[] {
    return Array.from({ length: TILE_LEAVES }, (_, place) => this.leaves.get(leafIndex(index * TILE_LEAVES + place)));
  }
  node(level: number, position: number): Hash {
    return this.nodes.get(nodeKey(level, position)) ?? ZERO_HASH;
  }
  update(changed: ReadonlyMap<LeafIndex, TileLeaf | undefined>): void {
    const { root, nodes, tiles } = updateTree(this, changed);
    for (const [key, value] of nodes) {
      if (value === undefined) this.nodes.delete(key);
      else this.nodes.set(key, value);
    }
    for (const [index, record] of tiles) {
      if (record === undefined) this.records.delete(index);
      else this.records.set(index, record);
    }
    for (const [leaf, value] of changed) {
      if (value === undefined) this.leaves.delete(leaf);
      else this.leaves.set(leaf, value);
    }
    this.root = root;
  }
  /** The definition of 5.1 without any stored node. */
  rebuiltRoot(): Hash {
    const tiles = new Map<number, Hash>();
    for (const leaf of this.leaves.keys()) {
      const index = Math.floor(leaf / TILE_LEAVES);
      const tile = this.tile(index);
      tiles.set(index, tileHash(scanHash(tile), foldRoot(tileLeafHashes(tile))));
    }
    const fold = (level: number, position: number): Hash => {
      const width = 2 ** (level - 7);
      const isEmpty = ![...tiles.keys()].some((tile) => Math.floor(tile / width) === position);
      if (isEmpty) return ZERO_HASH;
      if (level === 7) return tiles.get(position)!;
      return nodeHash(fold(level - 1, 2 * position), fold(level - 1, 2 * position + 1));
    };
    return fold(40, 0);
  }

  /** The nodes of the ranges up to that of a last leaf. */
  rangeRoots(nextLeaf: number): readonly Hash[] {
    return Array.from({ length: Math.ceil(nextLeaf / RANGE_LEAVES) }, (_, range) => this.node(RANGE_LEVEL, range));
  }
  range(range: number, nextLeaf: number): RangeAnswer {
    const tiles = Array.from({ length: RANGE_TILES }, (_, place) => rangeTile(this.tile(range * RANGE_TILES + place)));
    const levels: (readonly Hash[])[] = [this.rangeRoots(nextLeaf)];
    while (levels.length < RANGE_PATH_LEVELS) levels.push(parentNodes(levels.at(-1)!));
    return { tiles, siblings: rangeSiblings(levels satisfies RangeLevels, range) };
  }
}
