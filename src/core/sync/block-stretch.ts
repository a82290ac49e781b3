import { u40 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { uniformDraw } from "../crypto/uniform-draw.ts";
import type { Hash } from "../values/hash.ts";

/** Blocks that are read together, whichever of them was meant: NW-20. */
export const STRETCH_BLOCKS = 256;
/** Stretches among which each has its cover. */
const WINDOW_STRETCHES = 8;

/** The stretch that a block stands in. */
export function stretchOf(height: number): number {
  return Math.floor(height / STRETCH_BLOCKS);
}

/** Its lowest and highest block. The block at 0 is made by no one and read by no one (GE-2). */
export function heightsOf(stretch: number): { readonly first: number; readonly last: number } {
  const start = stretch * STRETCH_BLOCKS;
  return { first: Math.max(1, start), last: start + STRETCH_BLOCKS - 1 };
}

/**
 * [NW-20] The stretches to read, ascending, for a block in one of them: the pair of it, by a permutation of each aligned
 * window that nobody else can draw. It depends on nothing but secret and stretch, so repeats teach a server nothing. One
 * that begins above `newest` is left out: nobody could have it.
 */
export function stretchesFor(secret: Hash, stretch: number, newest: number | undefined): readonly number[] {
  const window = Math.floor(stretch / WINDOW_STRETCHES);
  const base = window * WINDOW_STRETCHES;
  const order = Array.from({ length: WINDOW_STRETCHES }, (_, index) => index);
  for (let index = WINDOW_STRETCHES - 1; index > 0; index--) {
    const other = uniformDraw(hash32("stg/stretch", secret, u40(window), Uint8Array.of(index)), index + 1);
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  const place = order.indexOf(stretch - base);
  const cover = base + order[place ^ 1]!;
  const isThere = newest === undefined || heightsOf(cover).first <= newest;
  return isThere ? [Math.min(stretch, cover), Math.max(stretch, cover)] : [stretch];
}
