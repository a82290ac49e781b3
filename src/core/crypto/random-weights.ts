import type { Random } from "../ports/random.ts";
import { SCALAR_SIZE } from "./scalar.ts";
import type { ScalarVector } from "./scalar-vector.ts";

/** Bytes of one weight: a wrong batch passes with a chance of 2^-128 (PR-3, RG-6). */
const WEIGHT_SIZE = 16;

/** Random weights below 2^128 for the equations of a batch. */
export function randomWeights(random: Random, count: number): ScalarVector {
  const weights = new Uint8Array(SCALAR_SIZE * count);
  for (let index = 0; index < count; index++) weights.set(random.bytes(WEIGHT_SIZE), SCALAR_SIZE * index);
  return weights as ScalarVector;
}
