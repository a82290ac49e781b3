import type { CurveBackend, Point } from "./backend/curve-backend.ts";
import type { ScalarArithmetic } from "./backend/scalar-arithmetic.ts";
import type { EquationTerms } from "./equation-terms.ts";
import { RANGE_BITS } from "./range-proof.ts";
import type { Challenges } from "./range-proof-challenges.ts";
import type { ProofColumns } from "./range-proof-columns.ts";
import { ONE } from "./range-proof-math.ts";
import { scalarOf } from "./scalar.ts";
import { interleaveScalars, joinScalars, scalarAt, scalarCount, sliceScalars, type ScalarVector } from "./scalar-vector.ts"; // prettier-ignore

const TWO = scalarOf(2n);
const MINUS_ONE = scalarOf(-1n);
/** Σ 2^i over the bits of a value. */
const BIT_SUM = scalarOf((1n << BigInt(RANGE_BITS)) - 1n);
const BIT_FACTORS = Math.log2(RANGE_BITS);

/** Proofs of equally many values whose points are decoded and whose challenges are known, none of them zero. */
export interface ReadProofs {
  readonly columns: ProofColumns;
  readonly challenges: Challenges;
  /** Column by column V_1 … V_m, A, A1, B1, L_g … L_1, R_g … R_1. */
  readonly points: readonly Point[];
}

/**
 * "Left minus right" of the verifier's equation (chapter 3), summed over proofs with a weight each: the identity where all
 * hold. Every vector is a column, or columns one after the other, with a number of each proof.
 */
export function rangeTerms(curve: CurveBackend, proofs: ReadProofs, weights: ScalarVector): EquationTerms {
  const { scalars } = curve;
  const { count: n, valueCount, r, s, delta } = proofs.columns;
  const { y, z, e, rounds } = proofs.challenges;
  const g = scalarCount(rounds) / n;
  const inverses = scalars.invert(joinScalars(y, rounds));
  const [inverseY, inverseRounds] = [sliceScalars(inverses, 0, n), sliceScalars(inverses, n)];
  const roundSquares = squaresOf(scalars, joinScalars(rounds, inverseRounds));
  const [squares, inverseSquares] = [sliceScalars(roundSquares, 0, g * n), sliceScalars(roundSquares, g * n)];
  // y, y², y⁴, … y^N, and y^−1 … y^−N/2.
  const [powers, inversePowers] = [scalars.squarings(y, g + 1), scalars.squarings(inverseY, g)];

  const zSquare = squaresOf(scalars, z);
  const weightE = scalars.multiply(weights, e);
  const scale = scalars.multiply(weightE, e);
  const scaleZ = scalars.multiply(scale, z);
  const scaleZSquare = scalars.multiply(scaleZ, z);
  // z²·y^N is where d_k·y^{N−k} begins.
  const top = scalars.multiply(scaleZSquare, sliceScalars(powers, g * n));
  const topY = scalars.multiply(top, y);
  const minusE = scalars.multiply(weightE, MINUS_ONE);
  const left = scalars.multiply(scalars.multiply(r, minusE), scalars.products(inverseRounds, n));
  const right = scalars.multiply(scalars.multiply(s, minusE), scalars.products(rounds, n));

  // Factors of d_k·y^−k: powers of 2/y for the bits of a value, and z², z⁴, … for the values, times powers of 1/y.
  const bitFactors = scalars.squarings(scalars.multiply(inverseY, TWO), BIT_FACTORS);
  const valueFactors = valueCount === 1 ? joinScalars() : scalars.squarings(zSquare, g - BIT_FACTORS);
  const weightFactors = joinScalars(
    bitFactors,
    scalars.multiply(valueFactors, sliceScalars(inversePowers, BIT_FACTORS * n)),
  );
  const offset = scalars.sumExpansions(scaleZ, joinScalars());
  const lefts = scalars.sumExpansions(left, scalars.multiply(squares, inversePowers));
  const rights = scalars.sumExpansions(joinScalars(right, top), besideEachOther(n, inverseSquares, weightFactors));

  // z·σ − z²·σ − z·y^{N+1}·Σ d_k, of which `topY` brings z²·y^{N+1}; and r'·s'·y.
  const sigma = scalars.multiply(y, sumsOfExpansions(scalars, n, sliceScalars(powers, 0, g * n)));
  const weightSums = scalars.multiply(sumsOfExpansions(scalars, n, valueFactors), BIT_SUM);
  const value = scalars.subtract(
    scalars.dot(sigma, scalars.subtract(scaleZ, scaleZSquare)),
    scalars.add(
      scalars.dot(scalars.multiply(topY, z), weightSums),
      scalars.dot(scalars.multiply(scalars.multiply(r, s), y), weights),
    ),
  );
  const blinding = scalars.multiply(scalars.dot(delta, weights), MINUS_ONE);
  const offsetOne = scalarAt(offset, 0);
  const ofGenerators = interleaveScalars(scalars.subtract(lefts, offsetOne), scalars.add(rights, offsetOne));
  return {
    fixed: joinScalars(blinding, value, ofGenerators),
    points: proofs.points,
    factors: joinScalars(
      expandColumns(scalars, topY, n, valueFactors),
      scale,
      weightE,
      weights,
      scalars.multiply(roundSquares, repeated(scale, 2 * g)),
    ),
  };
}

function squaresOf(scalars: ScalarArithmetic, values: ScalarVector): ScalarVector {
  return scalars.multiply(values, values);
}

/** The sum over the expansion of 1, for each proof. */
function sumsOfExpansions(scalars: ScalarArithmetic, n: number, factors: ScalarVector): ScalarVector {
  return scalars.products(factors.length === 0 ? factors : scalars.add(factors, ONE), n);
}

/** The expansion of each number of a column by its own factors, in columns. */
function expandColumns(scalars: ScalarArithmetic, start: ScalarVector, n: number, factors: ScalarVector): ScalarVector {
  let all = start;
  for (let at = 0; at < scalarCount(factors); at += n) {
    const more = scalars.multiply(all, repeated(sliceScalars(factors, at, at + n), scalarCount(all) / n));
    all = joinScalars(all, more);
  }
  return all;
}

/** Columns of twice as many proofs: those of the one and of the other in turn. */
function besideEachOther(n: number, first: ScalarVector, second: ScalarVector): ScalarVector {
  const columns: ScalarVector[] = [];
  for (let at = 0; at < scalarCount(first); at += n) {
    columns.push(sliceScalars(first, at, at + n), sliceScalars(second, at, at + n));
  }
  return joinScalars(...columns);
}

function repeated(column: ScalarVector, times: number): ScalarVector {
  return joinScalars(...Array.from({ length: times }, () => column));
}
