import type { ScalarArithmetic } from "./backend/scalar-arithmetic.ts";
import { RANGE_BITS } from "./range-proof.ts";
import { GROUP_ORDER, scalarOf, type Scalar } from "./scalar.ts";
import { joinScalars, sliceScalars, type ScalarVector } from "./scalar-vector.ts";

/**
 * What prover and verifier of range proofs share. Their long vectors are expansions: number k is a first number times a
 * factor for each bit that is set in k, so that one product makes each of them.
 */

export const ONE = scalarOf(1n);
/** 1/2 modulo ℓ. */
export const HALF = scalarOf((GROUP_ORDER + 1n) / 2n);
/** 2^1, 2^2, 2^4, … make the weights of the bits of one value. */
const BIT_FACTOR_COUNT = Math.log2(RANGE_BITS);
const BIT_FACTORS = joinScalars(
  ...Array.from({ length: BIT_FACTOR_COUNT }, (_, bit) => scalarOf(1n << (1n << BigInt(bit)))),
);

/** Factors of d_k = z^{2(j+1)}·2^i for k = 64j + i, which begin at z². */
export function weightFactors(scalars: ScalarArithmetic, zSquare: Scalar, valueCount: number): ScalarVector {
  if (valueCount === 1) return BIT_FACTORS;
  return joinScalars(BIT_FACTORS, scalars.squarings(zSquare, Math.log2(valueCount)));
}

/** Those of the factors of {@link weightFactors} that choose the value: they make z², z⁴, z⁶, … */
export function valueFactors(factors: ScalarVector): ScalarVector {
  return sliceScalars(factors, BIT_FACTOR_COUNT);
}
