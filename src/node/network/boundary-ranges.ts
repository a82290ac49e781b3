import { setImmediate as yieldToLoop } from "node:timers/promises";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import { rangeSiblings, rangeTile, type RangeLevels } from "../../core/state/build-range.ts";
import {
  parentNodes,
  RANGE_LEAVES,
  RANGE_PATH_LEVELS,
  RANGE_TILES,
  type RangeTile,
} from "../../core/state/range-answer.ts";
import { readTile } from "../../core/state/tree.ts";
import type { Hash } from "../../core/values/hash.ts";
import { leafIndex, type Height } from "../../core/values/height.ts";
import { encodeRangeItem } from "../../wire/requests/range.ts";
import { BytesCache } from "./bytes-cache.ts";
import { Unavailable } from "./serve-requests.ts";

/** Answers kept for the next one who asks: the ranges of about two million live outputs. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024;
/** Nodes hashed before everybody else gets a turn: about a millisecond. */
const NODES_PER_TURN = 1024;

/**
 * The ranges of the readable boundaries (BL-7). One costs some thousand hashes, so they are made one after the other
 * and in small steps: however many people restore at once, consensus waits for one step at most.
 */
export class BoundaryRanges {
  readonly #store: FullNodeStore;
  readonly #items: BytesCache;
  readonly #levels = new Map<Height, RangeLevels>();
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(store: FullNodeStore, cacheBytesMax = CACHE_BYTES_MAX) {
    this.#store = store;
    this.#items = new BytesCache(cacheBytesMax);
  }

  /** The frame that answers for one range. Throws Unavailable for a height that is no boundary or no longer kept. */
  item(boundary: Height, range: number): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      this.#checkReadable(boundary);
      const name = `${boundary}:${range}`;
      const known = this.#items.get(name);
      if (known !== undefined) return known;
      const made = await this.#make(boundary, range);
      this.#items.set(name, made);
      return made;
    });
  }

  /** The nodes of all ranges (BL-8). Throws as `item` does. */
  roots(boundary: Height): Promise<readonly Hash[]> {
    return this.#inTurn(async () => (await this.#levelsOf(boundary))[0]!);
  }

  async #make(boundary: Height, range: number): Promise<Uint8Array> {
    const state = await this.#store.leavesAt(boundary, leafIndex(range * RANGE_LEAVES), RANGE_LEAVES);
    if (state === undefined) throw notKept();
    const tiles: (RangeTile | undefined)[] = [];
    for (let place = 0; place < RANGE_TILES; place++) {
      if (state.live.size > 0) await yieldToLoop();
      const tile = readTile(range * RANGE_TILES + place, (leaf) => state.live.get(leaf));
      tiles.push(rangeTile(tile));
    }
    return encodeRangeItem({ tiles, siblings: rangeSiblings(await this.#levelsOf(boundary), range) });
  }

  async #levelsOf(boundary: Height): Promise<RangeLevels> {
    this.#checkReadable(boundary);
    const known = this.#levels.get(boundary);
    if (known !== undefined) return known;
    const roots = await this.#store.rangeRoots(boundary);
    if (roots === undefined) throw notKept();
    const levels = [roots];
    while (levels.length < RANGE_PATH_LEVELS) levels.push(await parentsInTurns(levels.at(-1)!));
    for (const at of this.#levels.keys()) if (!this.#store.readableBoundaries().includes(at)) this.#levels.delete(at);
    this.#levels.set(boundary, levels);
    return levels;
  }

  #checkReadable(boundary: Height): void {
    if (!this.#store.readableBoundaries().includes(boundary)) throw notKept();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastTurn.then(work, work);
    this.#lastTurn = result.catch(() => undefined);
    return result;
  }
}

const notKept = (): Unavailable => new Unavailable("not a boundary this node keeps");

async function parentsInTurns(nodes: readonly Hash[]): Promise<readonly Hash[]> {
  const parents: Hash[] = [];
  for (let from = 0; from < nodes.length; from += 2 * NODES_PER_TURN) {
    if (from > 0) await yieldToLoop();
    for (const parent of parentNodes(nodes.slice(from, from + 2 * NODES_PER_TURN))) parents.push(parent);
  }
  return parents;
}
