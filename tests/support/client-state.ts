import { encodeOutputCore } from "../../src/core/chain/output.ts";
import { BUCKET_LEAVES, buildBucketProof } from "../../src/core/state/bucket-proof.ts";
import { rangeTile } from "../../src/core/state/build-range.ts";
import { RANGE_LEVEL, RANGE_PATH_LEVELS, RANGE_TILES, type RangeAnswer } from "../../src/core/state/range-answer.ts";
import {
  nodeKey,
  TILE_LEAVES,
  tileAt,
  tileIndexOf,
  tileLeafOf,
  type Tile,
  type TileLeaf,
  type TreeSource,
} from "../../src/core/state/tree.ts";
import { siblingOf } from "../../src/core/state/tree-proof.ts";
import { updateTree } from "../../src/core/state/update-tree.ts";
import type { StreamedOutput } from "../../src/core/sync/compact-item.ts";
import type { ServedBucket, ServedSlot } from "../../src/core/sync/served-bucket.ts";
import { ZERO_HASH, type Hash } from "../../src/core/values/hash.ts";
import { height, leafIndex, type Height, type LeafIndex } from "../../src/core/values/height.ts";

const NO_STATE = new Uint8Array(0);
const NO_TILE: Tile = Array.from({ length: TILE_LEAVES }, () => undefined);

interface Made extends StreamedOutput {
  readonly height: Height;
}

/** A tree as it was: its tiles never change in place, so a copy costs a few references. */
class PastTree implements TreeSource {
  readonly tiles: Map<number, Tile>;
  readonly nodes: Map<string, Hash>;

  constructor(tiles: Iterable<readonly [number, Tile]> = [], nodes: Iterable<readonly [string, Hash]> = []) {
    this.tiles = new Map(tiles);
    this.nodes = new Map(nodes);
  }

  leaf(index: LeafIndex): TileLeaf | undefined {
    return this.tile(tileIndexOf(index))[index % TILE_LEAVES];
  }

  record(): undefined {
    return undefined;
  }

  tile(index: number): Tile {
    return this.tiles.get(index) ?? NO_TILE;
  }

  node(level: number, position: number): Hash {
    return this.nodes.get(nodeKey(level, position)) ?? ZERO_HASH;
  }
}

/** What a node answers for a range of this tree. */
export function rangeOf(tree: TreeSource, range: number): RangeAnswer {
  const tiles = Array.from({ length: RANGE_TILES }, (_, place) => rangeTile(tileAt(tree, range * RANGE_TILES + place)));
  const siblings = Array.from({ length: RANGE_PATH_LEVELS }, (_, level) =>
    tree.node(RANGE_LEVEL + level, siblingOf(Math.floor(range / 2 ** level))),
  );
  return { tiles, siblings };
}

/** The state tree under a made-up chain, and what nodes serve of it at boundaries. */
export class ClientState {
  readonly #tree = new PastTree();
  readonly #kept = new Map<number, PastTree>();
  readonly #made = new Map<LeafIndex, Made>();

  /** Applies a block and returns the root after it. */
  apply(at: Height, firstLeaf: LeafIndex, outputs: readonly StreamedOutput[], spent: readonly LeafIndex[]): Hash {
    const changed = new Map<LeafIndex, TileLeaf | undefined>(spent.map((leaf) => [leaf, undefined]));
    outputs.forEach((output, index) => {
      const leaf = leafIndex(firstLeaf + index);
      this.#made.set(leaf, { ...output, height: at });
      changed.set(leaf, tileLeafOf(leaf, { height: at, core: encodeOutputCore(output.core), stateFields: NO_STATE }));
    });
    const { root, nodes } = updateTree(this.#tree, changed);
    for (const [leaf, value] of changed) {
      const index = tileIndexOf(leaf);
      this.#tree.tiles.set(index, this.#tree.tile(index).with(leaf % TILE_LEAVES, value));
    }
    for (const [key, node] of nodes) {
      if (node === undefined) this.#tree.nodes.delete(key);
      else this.#tree.nodes.set(key, node);
    }
    return root;
  }

  /** Keeps the state of now as that of a boundary. */
  keep(at: Height): void {
    this.#kept.set(at, new PastTree(this.#tree.tiles, this.#tree.nodes));
  }

  range(at: number, range: number): RangeAnswer {
    return rangeOf(this.#at(at), range);
  }

  /** What is kept of dead outputs comes along where it is asked for (BL-15). */
  bucket(at: Height, bucket: number, keepsDead = false): ServedBucket {
    return this.#bucketOf(this.#at(at), at, bucket, keepsDead);
  }

  /** The same of the newest state. */
  newestBucket(at: Height, bucket: number, keepsDead = true): ServedBucket {
    return this.#bucketOf(this.#tree, at, bucket, keepsDead);
  }

  #bucketOf(tree: PastTree, at: Height, bucket: number, keepsDead: boolean): ServedBucket {
    const slots = Array.from({ length: BUCKET_LEAVES }, (_, place): ServedSlot | undefined => {
      const leaf = leafIndex(bucket * BUCKET_LEAVES + place);
      const isLive = tree.tile(tileIndexOf(leaf))[leaf % TILE_LEAVES] !== undefined;
      const made = this.#made.get(leaf);
      if (made === undefined || (!isLive && !keepsDead)) return undefined;
      return { ...made, isLive, height: isLive ? made.height : height(0), stateFields: NO_STATE };
    });
    return { at, slots, proof: buildBucketProof(tree, bucket) };
  }

  #at(boundary: number): PastTree {
    const tree = this.#kept.get(boundary);
    if (tree === undefined) throw new RangeError(`${boundary} is no boundary`);
    return tree;
  }
}
