import type { Brand } from "./brand.ts";

/** Blocks below this one; genesis is 0. Below 2^53. */
export type Height = Brand<number, "Height">;
/** Global number of an output in creation order, 0 ≤ leaf < 2^40. */
export type LeafIndex = Brand<number, "LeafIndex">;
/** Unix time in milliseconds, below 2^53. */
export type TimeMs = Brand<number, "TimeMs">;
/** Span with a fixed validator set; genesis is 0, the first block is in epoch 1. */
export type Epoch = Brand<number, "Epoch">;

/** Leaf numbers fit 40 bits. */
export const LEAF_INDEX_LIMIT = 2 ** 40;
/** Heights and times are exact doubles, the same range that `Reader.u53` admits. */
const SAFE_LIMIT = 2 ** 53;

function whole(value: number, limit: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 0 || value >= limit)
    throw new RangeError(`${name} out of range: ${value}`);
  return value;
}

export const height = (value: number): Height => whole(value, SAFE_LIMIT, "height") as Height;
export const leafIndex = (value: number): LeafIndex => whole(value, LEAF_INDEX_LIMIT, "leaf") as LeafIndex;
export const timeMs = (value: number): TimeMs => whole(value, SAFE_LIMIT, "time") as TimeMs;
export const epoch = (value: number): Epoch => whole(value, 2 ** 32, "epoch") as Epoch;
