import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { Height } from "../../core/values/height.ts";
import { encodeCompactItem } from "../../wire/requests/compact.ts";
import { readCompactItem } from "./stored-items.ts";

/** Newest heights of which items are remembered, in each of the two forms. */
const HEIGHTS_KEPT = 8;

/**
 * Frames of the compact stream. All who follow the chain want a new block at the same moment and get the same bytes
 * (NW-2): it is read and encoded once for them, not once for each.
 */
export class CompactFrames {
  readonly #store: FullNodeStore;
  readonly #frames = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(store: FullNodeStore) {
    this.#store = store;
  }

  /** The item of a height, whole or in short; undefined where it is dropped already. `tip`: the newest height there is. */
  async get(at: Height, isFull: boolean, tip: Height): Promise<Uint8Array | undefined> {
    if (at + HEIGHTS_KEPT <= tip) return this.#read(at, isFull);
    const name = `${at} ${isFull}`;
    const known = this.#frames.get(name);
    if (known !== undefined) return known;
    const reading = this.#read(at, isFull);
    this.#frames.set(name, reading);
    const [oldest] = this.#frames.keys();
    if (this.#frames.size > 2 * HEIGHTS_KEPT && oldest !== undefined) this.#frames.delete(oldest);
    // Only bytes stay the same for ever: whoever comes after anything else looks again.
    const forget = (): boolean => this.#frames.delete(name);
    void reading.then((frame) => frame ?? forget(), forget);
    return reading;
  }

  async #read(at: Height, isFull: boolean): Promise<Uint8Array | undefined> {
    const item = await readCompactItem(this.#store, at, isFull);
    return item === undefined ? undefined : encodeCompactItem(item);
  }
}
