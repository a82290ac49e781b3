import type { CurveBackend, Point } from "./backend/curve-backend.ts";
import type { ScalarArithmetic } from "./backend/scalar-arithmetic.ts";
import type { EquationTerms } from "./equation-terms.ts";
import { RANGE_BITS, type RangeProofParts } from "./range-proof.ts";
import { ONE, valueFactors, weightFactors } from "./range-proof-math.ts";
import { TableScalars } from "./range-proof-scalars.ts";
import { SCALAR_SIZE, scalarOf, ZERO_SCALAR, type Scalar } from "./scalar.ts";
import { joinScalars, scalarAt, scalarCount, sliceScalars, splitScalars, type ScalarVector } from "./scalar-vector.ts";

const MINUS_ONE = scalarOf(-1n);

/** A proof whose points are decoded and whose challenges are known, none of them zero. */
export interface ReadProof {
  readonly valueCount: number;
  readonly parts: RangeProofParts;
  /** V_1 … V_m, A, A1, B1, L_1, R_1, … */
  readonly points: readonly Point[];
  /** y, e_g … e_1, z, e: the first round, which folded the highest bit, comes last. */
  readonly challenges: ScalarVector;
}

/**
 * "Left minus right" of the verifier's equation (chapter 3), summed over proofs with a weight each: the identity where
 * all hold. Scalars that every proof has one of are kept as one vector over all proofs.
 */
export function rangeTerms(curve: CurveBackend, proofs: readonly ReadProof[], weights: ScalarVector): EquationTerms {
  const { scalars } = curve;
  const ofEach = (pick: (proof: ReadProof, index: number) => Scalar): ScalarVector => joinScalars(...proofs.map(pick));
  const [z, e] = [
    ofEach(({ challenges }) => scalarAt(challenges, -2)),
    ofEach((proof) => scalarAt(proof.challenges, -1)),
  ];
  const [r, s] = [ofEach(({ parts }) => parts.r), ofEach(({ parts }) => parts.s)];
  const powers = powersOfChallenges(scalars, proofs);
  const y = ofEach(({ challenges }) => scalarAt(challenges, 0));

  const zSquare = scalars.multiply(z, z);
  const weightE = scalars.multiply(weights, e);
  const scale = scalars.multiply(weightE, e);
  const scaleZ = scalars.multiply(scale, z);
  const scaleZSquare = scalars.multiply(scaleZ, z);
  // z²·y^N is where d_k·y^{N−k} begins.
  const top = scalars.multiply(
    scaleZSquare,
    ofEach((_, index) => scalarAt(powers[index]!.ofY, -1)),
  );
  const topY = scalars.multiply(top, y);
  const minusE = scalars.multiply(weightE, MINUS_ONE);
  const left = scalars.multiply(
    scalars.multiply(r, minusE),
    ofEach((_, index) => powers[index]!.inverseRoundProduct),
  );
  const right = scalars.multiply(
    scalars.multiply(s, minusE),
    ofEach((_, index) => powers[index]!.roundProduct),
  );

  const sum = new TableSum(curve, Math.max(...proofs.map(({ valueCount }) => valueCount)));
  const weightSums: Scalar[] = [];
  const [points, factors]: [Point[], Scalar[]] = [[], []];
  proofs.forEach((proof, index) => {
    const { ofInverseY, squares, inverseSquares } = powers[index]!;
    const weightsOfBits = weightFactors(scalars, scalarAt(zSquare, index), proof.valueCount);
    sum.addLefts(scalarAt(left, index), scalars.multiply(squares, ofInverseY));
    sum.addRights(scalarAt(right, index), inverseSquares);
    sum.addRights(scalarAt(top, index), scalars.multiply(weightsOfBits, ofInverseY));
    sum.addOffset(proof.valueCount, scalarAt(scaleZ, index));
    weightSums.push(sumOfExpansion(scalars, weightsOfBits));
    points.push(...proof.points);
    const own = scalarAt(scale, index);
    factors.push(...splitScalars(scalars.expand(scalarAt(topY, index), valueFactors(weightsOfBits))));
    factors.push(own, scalarAt(weightE, index), scalarAt(weights, index));
    const [ofL, ofR] = [scalars.multiply(squares, own), scalars.multiply(inverseSquares, own)];
    for (let round = scalarCount(ofL) - 1; round >= 0; round--)
      factors.push(scalarAt(ofL, round), scalarAt(ofR, round));
  });

  // z·σ − z²·σ − z·y^{N+1}·Σ d_k, of which `topY` brings z²·y^{N+1}; and r'·s'·y.
  const sigma = scalars.multiply(
    y,
    ofEach((_, index) => powers[index]!.sumOfY),
  );
  const value = scalars.subtract(
    scalars.dot(sigma, scalars.subtract(scaleZ, scaleZSquare)),
    scalars.add(
      scalars.dot(scalars.multiply(topY, z), joinScalars(...weightSums)),
      scalars.dot(scalars.multiply(scalars.multiply(r, s), y), weights),
    ),
  );
  const delta = ofEach(({ parts }) => parts.delta);
  const blinding = scalars.multiply(scalars.dot(delta, weights), MINUS_ONE);
  return { fixed: joinScalars(...sum.scalars(blinding, value)), points, factors: joinScalars(...factors) };
}

/** What the equation of a proof needs of y and of e_g … e_1, N being 2^g. */
interface ChallengePowers {
  /** y, y², y⁴, … y^N, and y^−1 … y^{−N/2}. */
  readonly ofY: ScalarVector;
  readonly ofInverseY: ScalarVector;
  /** Σ_{i<N} y^i */
  readonly sumOfY: Scalar;
  /** e_k² and e_k^−2. */
  readonly squares: ScalarVector;
  readonly inverseSquares: ScalarVector;
  /** Π e_k and Π e_k^−1. */
  readonly roundProduct: Scalar;
  readonly inverseRoundProduct: Scalar;
}

function powersOfChallenges(scalars: ScalarArithmetic, proofs: readonly ReadProof[]): ChallengePowers[] {
  // Inverting is slow, and all together cost hardly more than one.
  const inverted = proofs.map(({ challenges }) => sliceScalars(challenges, 0, -2));
  const all = joinScalars(...inverted);
  const inverses = scalars.invert(all);
  const squares = scalars.multiply(all, all);
  const inverseSquares = scalars.multiply(inverses, inverses);
  let end = 0;
  return inverted.map((own) => {
    const start = end;
    end += scalarCount(own);
    const rounds = (values: ScalarVector): ScalarVector => sliceScalars(values, start + 1, end);
    const ofY = scalars.squarings(scalarAt(own, 0), scalarCount(own));
    return {
      ofY,
      ofInverseY: scalars.squarings(scalarAt(inverses, start), scalarCount(own) - 1),
      sumOfY: sumOfExpansion(scalars, sliceScalars(ofY, 0, -1)),
      squares: rounds(squares),
      inverseSquares: rounds(inverseSquares),
      roundProduct: scalars.product(rounds(all)),
      inverseRoundProduct: scalars.product(rounds(inverses)),
    };
  });
}

/** The sum over the expansion of 1. */
function sumOfExpansion(scalars: ScalarArithmetic, factors: ScalarVector): Scalar {
  return scalars.product(scalars.add(factors, ONE));
}

/** Scalars of the generator table, summed over proofs. */
class TableSum {
  readonly #arithmetic: ScalarArithmetic;
  readonly #lefts: ScalarVector;
  readonly #rights: ScalarVector;
  /** For each value what is still to be taken from all its G_k and added to all its H_k. */
  readonly #offsets: Scalar[];

  /** For proofs of at most so many values. */
  constructor(curve: CurveBackend, valueCount: number) {
    this.#arithmetic = curve.scalars;
    const zeros = (): ScalarVector => new Uint8Array(SCALAR_SIZE * RANGE_BITS * valueCount) as ScalarVector;
    this.#lefts = zeros();
    this.#rights = zeros();
    this.#offsets = Array.from({ length: valueCount }, () => ZERO_SCALAR);
  }

  /** Adds an expansion to the scalars of the first G_k. */
  addLefts(start: Scalar, factors: ScalarVector): void {
    this.#add(this.#lefts, start, factors);
  }

  /** Adds an expansion to the scalars of the first H_k. */
  addRights(start: Scalar, factors: ScalarVector): void {
    this.#add(this.#rights, start, factors);
  }

  /** Takes one number from every G_k of the first values, and adds it to every H_k of theirs. */
  addOffset(valueCount: number, offset: Scalar): void {
    for (let j = 0; j < valueCount; j++) this.#offsets[j] = this.#arithmetic.add(this.#offsets[j]!, offset);
  }

  /** All of them, with those of G and H. */
  scalars(blinding: Scalar, value: Scalar): readonly Scalar[] {
    const ofValue = (sums: ScalarVector, j: number): ScalarVector =>
      sliceScalars(sums, RANGE_BITS * j, RANGE_BITS * (j + 1));
    const arithmetic = this.#arithmetic;
    const lefts = this.#offsets.map((offset, j) => arithmetic.subtract(ofValue(this.#lefts, j), offset));
    const rights = this.#offsets.map((offset, j) => arithmetic.add(ofValue(this.#rights, j), offset));
    const inTable = new TableScalars(RANGE_BITS * this.#offsets.length);
    return inTable.set(blinding, value, joinScalars(...lefts), joinScalars(...rights));
  }

  #add(sums: ScalarVector, start: Scalar, factors: ScalarVector): void {
    const first = sliceScalars(sums, 0, 2 ** scalarCount(factors));
    first.set(this.#arithmetic.expandAdd(first, start, factors));
  }
}
