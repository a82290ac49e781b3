import type { CurveBackend, Point } from "./backend/curve-backend.ts";
import { RANGE_BITS, type RangeProofParts } from "./range-proof.ts";
import { rangeProofTable } from "./range-proof-generators.ts";
import { ONE, valueFactors, weightFactors } from "./range-proof-math.ts";
import { TableScalars } from "./range-proof-scalars.ts";
import { scalarOf, ZERO_SCALAR, type Scalar } from "./scalar.ts";
import { joinScalars, scalarAt, scalarCount, sliceScalars, splitScalars, type ScalarVector } from "./scalar-vector.ts";

const MINUS_ONE = scalarOf(-1n);

/** A proof whose points are decoded and whose challenges are known, none of them zero. */
export interface ReadProof {
  readonly valueCount: number;
  readonly parts: RangeProofParts;
  /** V_1 … V_m, A, A1, B1, L_1, R_1, … */
  readonly points: readonly Point[];
  /** y, z, e_1 … e_g, e. */
  readonly challenges: ScalarVector;
}

/** Those challenges of a proof whose inverses its equation needs: y, e_1 … e_g. */
export function invertedChallenges({ challenges }: ReadProof): ScalarVector {
  return joinScalars(scalarAt(challenges, 0), sliceScalars(challenges, 2, -1));
}

/** The weighted sum of "left minus right" of the verifier's equation (chapter 3), over any number of proofs. */
export class EquationSum {
  readonly #curve: CurveBackend;
  readonly #points: Point[] = [];
  readonly #scalars: Scalar[] = [];
  #blinding = ZERO_SCALAR;
  #value = ZERO_SCALAR;
  /** Of G_k and H_k, but for what each proof of enough values adds to all k of a value alike: that is in the offsets. */
  readonly #lefts: ScalarVector;
  readonly #rights: ScalarVector;
  readonly #offsets: Scalar[];

  /** A sum over proofs of at most so many values. */
  constructor(curve: CurveBackend, valueCount: number) {
    this.#curve = curve;
    const zeros = (): ScalarVector =>
      joinScalars(...Array.from({ length: RANGE_BITS * valueCount }, () => ZERO_SCALAR));
    this.#lefts = zeros();
    this.#rights = zeros();
    this.#offsets = Array.from({ length: valueCount }, () => ZERO_SCALAR);
  }

  /** Adds a proof; `inverses` are those of its {@link invertedChallenges}. */
  add(proof: ReadProof, inverses: ScalarVector, weight: Scalar): void {
    const { scalars } = this.#curve;
    const { valueCount, parts, challenges } = proof;
    const [y, z, e] = [scalarAt(challenges, 0), scalarAt(challenges, 1), scalarAt(challenges, -1)];
    const [rounds, inverseRounds] = [sliceScalars(challenges, 2, -1), sliceScalars(inverses, 1)];
    const roundTotal = scalarCount(rounds);

    const weightE = scalars.multiply(weight, e);
    const scale = scalars.multiply(weightE, e);
    const [squares, inverseSquares] = [rounds, inverseRounds].map((each) => scalars.multiply(each, each));
    const squarings = scalars.squarings(y, roundTotal + 1);
    const inverseSquarings = scalars.squarings(scalarAt(inverses, 0), roundTotal);
    const zSquare = scalars.multiply(z, z);
    const weights = weightFactors(scalars, zSquare, valueCount);
    const scaleZ = scalars.multiply(scale, z);
    const top = scalars.multiply(scalars.multiply(scale, zSquare), scalarAt(squarings, roundTotal));

    // −r'·e of G*, −s'·e of H*: the first round folded the highest bit.
    const ends = scalars.multiply(joinScalars(parts.r, parts.s), scalars.multiply(weightE, MINUS_ONE));
    const left = scalars.multiply(scalarAt(ends, 0), scalars.product(inverseRounds));
    const right = scalars.multiply(scalarAt(ends, 1), scalars.product(rounds));
    this.#addTo(this.#lefts, left, scalars.multiply(reversed(squares!), inverseSquarings));
    this.#addTo(this.#rights, right, reversed(inverseSquares!));
    // d_k·y^{N−k} of H_k, and z of all alike.
    this.#addTo(this.#rights, top, scalars.multiply(weights, inverseSquarings));
    for (let j = 0; j < valueCount; j++) this.#offsets[j] = scalars.add(this.#offsets[j]!, scaleZ);

    const topY = scalars.multiply(top, y);
    const powerSum = scalars.multiply(y, this.#sumOf(sliceScalars(squarings, 0, roundTotal)));
    // z·σ − z²·σ − z·y^{N+1}·Σ d_k, of which `topY` brings scale·z²·y^{N+1}.
    const ofPowers = scalars.multiply(powerSum, scalars.subtract(scaleZ, scalars.multiply(scaleZ, z)));
    const ofWeights = scalars.multiply(scalars.multiply(topY, z), this.#sumOf(weights));
    const ofEnds = scalars.multiply(scalars.multiply(scalars.multiply(parts.r, parts.s), y), weight);
    const value = scalars.subtract(ofPowers, scalars.add(ofWeights, ofEnds));
    this.#value = scalars.add(this.#value, value);
    this.#blinding = scalars.subtract(this.#blinding, scalars.multiply(parts.delta, weight));

    this.#points.push(...proof.points);
    this.#scalars.push(...splitScalars(scalars.expand(topY, valueFactors(weights))), scale, weightE, weight);
    const [ofL, ofR] = [squares!, inverseSquares!].map((each) => scalars.multiply(each, scale));
    for (let k = 0; k < roundTotal; k++) this.#scalars.push(scalarAt(ofL!, k), scalarAt(ofR!, k));
  }

  isZero(): boolean {
    const { scalars } = this.#curve;
    const perValue = (sums: ScalarVector, how: "add" | "subtract"): ScalarVector =>
      joinScalars(
        ...this.#offsets.map((offset, j) =>
          scalars[how](sliceScalars(sums, RANGE_BITS * j, RANGE_BITS * (j + 1)), offset),
        ),
      );
    const [lefts, rights] = [perValue(this.#lefts, "subtract"), perValue(this.#rights, "add")];
    const table = rangeProofTable(this.#curve, this.#offsets.length);
    const fixed = new TableScalars(scalarCount(lefts)).set(this.#blinding, this.#value, lefts, rights);
    return this.#curve.isIdentity(this.#curve.fixedMsm(table, fixed, this.#points, this.#scalars));
  }

  /** Adds an expansion to the first numbers of a vector. */
  #addTo(sums: ScalarVector, start: Scalar, factors: ScalarVector): void {
    const first = sliceScalars(sums, 0, 2 ** scalarCount(factors));
    first.set(this.#curve.scalars.expandAdd(first, start, factors));
  }

  /** The sum over an expansion of 1. */
  #sumOf(factors: ScalarVector): Scalar {
    return this.#curve.scalars.product(this.#curve.scalars.add(factors, ONE));
  }
}

function reversed(values: ScalarVector): ScalarVector {
  return joinScalars(...splitScalars(values).reverse());
}
