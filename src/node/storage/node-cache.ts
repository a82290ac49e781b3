import type { Hash } from "../../core/values/hash.ts";

/** Room for two paths of several hundred leaves and the whole top of the tree; about 15 MB when full. */
export const NODE_CACHE_ENTRIES_MAX = 65_536;

/** The tree nodes read last. An absent node is remembered too: next to the newest leaf nearly all siblings are. */
export class NodeCache {
  readonly #nodes = new Map<number, Hash | undefined>();
  readonly #entriesMax: number;

  constructor(entriesMax = NODE_CACHE_ENTRIES_MAX) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** The node if it is cached; `load` is asked otherwise. */
  read(level: number, position: number, load: () => Hash | undefined): Hash | undefined {
    const key = keyOf(level, position);
    const isKnown = this.#nodes.has(key);
    const node = isKnown ? this.#nodes.get(key) : load();
    this.#nodes.delete(key);
    this.#insert(key, node);
    return node;
  }

  write(level: number, position: number, node: Hash | undefined): void {
    const key = keyOf(level, position);
    this.#nodes.delete(key);
    this.#insert(key, node);
  }

  #insert(key: number, node: Hash | undefined): void {
    this.#nodes.set(key, node);
    if (this.#nodes.size <= this.#entriesMax) return;
    // A Map iterates in insertion order and every use inserts again, so the first key is the one used least recently.
    for (const oldest of this.#nodes.keys()) {
      this.#nodes.delete(oldest);
      return;
    }
  }
}

/** Levels go to 40 and positions below 2^40: together they stay exact in a double. */
function keyOf(level: number, position: number): number {
  return level * 2 ** 40 + position;
}
