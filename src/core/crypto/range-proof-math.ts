import { RANGE_BITS } from "./range-proof.ts";
import { GROUP_ORDER, modOrder, scalarOf, type Scalar } from "./scalar.ts";

/** Numbers modulo ℓ that prover and verifier of range proofs share. */

/** n^−1 modulo ℓ by the extended Euclidean algorithm. Zero has none: a mistake of ours. */
export function invert(value: bigint): bigint {
  let [remainder, next] = [GROUP_ORDER, modOrder(value)];
  let [factor, nextFactor] = [0n, 1n];
  if (next === 0n) throw new RangeError("zero has no inverse");
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return modOrder(factor);
}

/** 1, b, b², …, `count` of them. */
export function powersOf(base: bigint, count: number): bigint[] {
  const powers = [1n];
  for (let index = 1; index < count; index++) powers.push((powers[index - 1]! * base) % GROUP_ORDER);
  return powers;
}

/** d_k = z^{2(j+1)}·2^i for k = 64j + i. */
export function bitWeights(z: bigint, valueCount: number): bigint[] {
  const square = (z * z) % GROUP_ORDER;
  const weights: bigint[] = [];
  let weight = 1n;
  for (let value = 0; value < valueCount; value++) {
    weight = (weight * square) % GROUP_ORDER;
    for (let bit = 0; bit < RANGE_BITS; bit++) weights.push((weight << BigInt(bit)) % GROUP_ORDER);
  }
  return weights;
}

/** Scalars in the order of the generator table: G, H, then G_k and H_k in turn. */
export function fixedScalars(
  blinding: bigint,
  value: bigint,
  lefts: readonly bigint[],
  rights: readonly bigint[],
): Scalar[] {
  const scalars = [scalarOf(blinding), scalarOf(value)];
  for (let index = 0; index < lefts.length; index++) scalars.push(scalarOf(lefts[index]!), scalarOf(rights[index]!));
  return scalars;
}
