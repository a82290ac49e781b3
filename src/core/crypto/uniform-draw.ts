import { u32 } from "../bytes/writer.ts";
import { hash32 } from "./tagged-hash.ts";

const WORD_COUNT = 4;
const WORD_LIMIT = 1n << 64n;

/**
 * `draw` of PR-8: a uniform number within 0 … n − 1 out of a 32-byte seed. Values of the incomplete last interval are
 * thrown away, because reducing them would favour small results.
 */
export function uniformDraw(seed: Uint8Array, n: number): number {
  if (!(n >= 1 && n <= 2 ** 53 && Number.isInteger(n))) throw new RangeError(`cannot draw out of ${n}`);
  const wide = BigInt(n);
  const limit = (WORD_LIMIT / wide) * wide;
  for (let counter = 0; ; counter++) {
    const block = hash32("stg/draw", seed, u32(counter));
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    for (let word = 0; word < WORD_COUNT; word++) {
      const value = view.getBigUint64(8 * word, true);
      if (value < limit) return Number(value % wide);
    }
  }
}
