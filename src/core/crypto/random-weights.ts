import { isZeroBytes } from "../bytes/compare-bytes.ts";
import type { Random } from "../ports/random.ts";
import { SCALAR_SIZE } from "./scalar.ts";
import type { ScalarVector } from "./scalar-vector.ts";

/** Bytes of one weight: a wrong batch passes with a chance of 2^-128 (PR-3, RG-6). */
const WEIGHT_SIZE = 16;
/** A call of the generator costs more than its bytes. */
const DRAWN_AT_ONCE = 1_024;
/** More zeros than this in a row come from no generator that works. */
const DRAWS_MAX = 4;

/**
 * Random weights below 2^128 for the equations of a batch, none of them zero: that equation would go unseen. The verdict on
 * a batch rests on the verifier's generator: who foresees its bytes can make wrong equations that cancel out. Throws
 * RangeError where it gives nothing but zeros.
 */
export function randomWeights(random: Random, count: number): ScalarVector {
  const weights = new Uint8Array(SCALAR_SIZE * count);
  for (let start = 0; start < count; start += DRAWN_AT_ONCE) {
    const own = Math.min(DRAWN_AT_ONCE, count - start);
    const drawn = random.bytes(WEIGHT_SIZE * own);
    for (let index = 0; index < own; index++) {
      const weight = drawn.subarray(WEIGHT_SIZE * index, WEIGHT_SIZE * (index + 1));
      weights.set(isZeroBytes(weight) ? drawAgain(random) : weight, SCALAR_SIZE * (start + index));
    }
  }
  return weights as ScalarVector;
}

function drawAgain(random: Random): Uint8Array {
  for (let draw = 1; draw < DRAWS_MAX; draw++) {
    const weight = random.bytes(WEIGHT_SIZE);
    if (!isZeroBytes(weight)) return weight;
  }
  throw new RangeError("the generator gives zeros");
}
