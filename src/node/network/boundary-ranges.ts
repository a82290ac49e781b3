import { setImmediate as yieldToLoop } from "node:timers/promises";
import { formatHex } from "../../core/bytes/hex.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import { rangeSiblings, rangeTile, type RangeLevels } from "../../core/state/build-range.ts";
import {
  encodeRangePath,
  encodeRangeTiles,
  parentNodes,
  RANGE_PATH_LEVELS,
  RANGE_TILES,
  type RangeTile,
} from "../../core/state/range-answer.ts";
import { readTile, TILE_LEAVES } from "../../core/state/tree.ts";
import { ZERO_HASH, type Hash } from "../../core/values/hash.ts";
import { leafIndex, type Height } from "../../core/values/height.ts";
import { joinRangeItem } from "../../wire/requests/range.ts";
import { BytesCache } from "./bytes-cache.ts";
import { Unavailable } from "./serve-requests.ts";

/** Tiles kept for the next one who asks: the ranges of nearly two million live outputs. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024;
/** Nodes hashed before everybody else gets a turn: some milliseconds. */
const NODES_PER_TURN = 1024;

/**
 * The ranges of the readable boundaries (BL-7). One may cost some thousand hashes, so they are made one after the other
 * and in small steps: however many people restore at once, consensus waits for one step at most. What is made is
 * remembered under the range's own node: a range in which nothing changes is made once, whatever the boundary.
 */
export class BoundaryRanges {
  readonly #store: FullNodeStore;
  readonly #tiles: BytesCache;
  readonly #levels = new Map<Height, RangeLevels>();
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(store: FullNodeStore, cacheBytesMax = CACHE_BYTES_MAX) {
    this.#store = store;
    this.#tiles = new BytesCache(cacheBytesMax);
  }

  /** The frame that answers for one range. Throws Unavailable for a height that is no boundary or no longer kept. */
  async item(boundary: Height, range: number): Promise<Uint8Array> {
    const levels = await this.#levelsOf(boundary);
    const name = formatHex(levels[0]![range] ?? ZERO_HASH);
    const tiles = this.#tiles.get(name) ?? (await this.#inTurn(() => this.#tilesOf(boundary, range, name)));
    return joinRangeItem(tiles, encodeRangePath(rangeSiblings(levels, range)));
  }

  /** The nodes of all ranges (BL-8). Throws as `item` does. */
  async roots(boundary: Height): Promise<readonly Hash[]> {
    return (await this.#levelsOf(boundary))[0]!;
  }

  async #tilesOf(boundary: Height, range: number, name: string): Promise<Uint8Array> {
    // Another asker may have had it made while this one waited.
    const made = this.#tiles.get(name);
    if (made !== undefined) return made;
    const first = range * RANGE_TILES;
    const known = await this.#store.tilesAt(boundary, first, RANGE_TILES);
    if (known === undefined) throw notKept();
    const tiles: (RangeTile | undefined)[] = [];
    for (let tile = first; tile < first + RANGE_TILES; tile++)
      tiles.push(known.get(tile) ?? (await this.#hashTile(boundary, tile)));
    const bytes = encodeRangeTiles(tiles);
    this.#tiles.set(name, bytes);
    return bytes;
  }

  /** From its leaves: some hundred hashes where they are live. */
  async #hashTile(boundary: Height, tile: number): Promise<RangeTile | undefined> {
    const state = await this.#store.leavesAt(boundary, leafIndex(tile * TILE_LEAVES), TILE_LEAVES);
    if (state === undefined) throw notKept();
    if (state.live.size > 0) await yieldToLoop();
    return rangeTile(readTile(tile, (leaf) => state.live.get(leaf)));
  }

  async #levelsOf(boundary: Height): Promise<RangeLevels> {
    this.#checkReadable(boundary);
    return this.#levels.get(boundary) ?? (await this.#inTurn(() => this.#makeLevels(boundary)));
  }

  async #makeLevels(boundary: Height): Promise<RangeLevels> {
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
    const result = this.#lastTurn.then(work);
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
