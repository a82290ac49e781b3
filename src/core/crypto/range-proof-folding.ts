import type { ScalarArithmetic } from "./backend/scalar-arithmetic.ts";
import { FOLDED_HEAD, foldProgram } from "./range-proof-fold-program.ts";
import { ONE } from "./range-proof-math.ts";
import type { Scalar } from "./scalar.ts";
import { joinScalars, scalarAt, scalarCount, sliceScalars, type ScalarVector } from "./scalar-vector.ts";

const NO_SCALARS = joinScalars();

/** Factors of folded generators in the original ones, as an expansion. */
export interface FoldedFactors {
  readonly start: Scalar;
  /** The bit folded last comes first. */
  readonly factors: ScalarVector;
}

/** See {@link Folding.cross}. */
export interface Cross {
  readonly onG: ScalarVector;
  readonly onH: ScalarVector;
  readonly bit: number;
}

/**
 * The vectors of the prover's inner product argument while they are halved (chapter 3). a_k is kept times y^k, and G_k
 * times y^−k, which takes y out of the folding: a_i ← e·a_i + e^−1·a_{f+i}.
 *
 * The generators are not folded with them. What is kept is the factors of folded ones in the original ones, as expansions:
 * those of G_k are Π e^{±1}·y^−k and those of H_k are Π e^{∓1}, with the upper sign where the bit that a round folded is set
 * in k. After some rounds all generators are folded at once ({@link Folding.rebase}), and count as the original ones.
 */
export class Folding {
  #a: ScalarVector;
  #b: ScalarVector;
  readonly #scalars: ScalarArithmetic;
  readonly #y: Scalar;
  /** y^−1, y^−2, y^−4, … and what they expand to: y^−k, as many as there are generators after {@link rebase}. */
  readonly #inverseSquarings: ScalarVector;
  #inversePowers = NO_SCALARS;
  #products: readonly [cL: Scalar, cR: Scalar];
  /** Factor of G_k and of H_k where no bit of those folded so far is set, and what each of these bits multiplies it with. */
  #left: Scalar = ONE;
  #right: Scalar = ONE;
  #leftFactors = NO_SCALARS;
  #rightFactors = NO_SCALARS;

  /** a_k·y^k and b_k, y, and y^−1, y^−2, y^−4, … as many as there are rounds. */
  constructor(scalars: ScalarArithmetic, a: ScalarVector, b: ScalarVector, y: Scalar, inverseSquarings: ScalarVector) {
    this.#scalars = scalars;
    this.#a = a;
    this.#b = b;
    this.#y = y;
    this.#inverseSquarings = inverseSquarings;
    const [aLow, aHigh] = halves(a);
    const [bLow, bHigh] = halves(b);
    const [left, right] = [scalars.dot(aLow, bHigh), scalars.dot(aHigh, bLow)];
    this.#products = [scalars.multiply(y, left), scalars.multiply(y, right)];
  }

  /** Entries of each vector. */
  get size(): number {
    return scalarCount(this.#a);
  }

  /** The numbers that are left when all rounds are over. */
  get last(): { readonly a: Scalar; readonly b: Scalar } {
    return { a: scalarAt(this.#a, 0), b: scalarAt(this.#b, 0) };
  }

  /** Factors of the folded G_k, but for y^−i, and of the folded H_k. */
  get left(): FoldedFactors {
    return { start: this.#left, factors: this.#leftFactors };
  }
  get right(): FoldedFactors {
    return { start: this.#right, factors: this.#rightFactors };
  }

  /** Takes it that generators are folded now by their factors, with those that start an expansion still to come. */
  rebase(): void {
    this.#leftFactors = NO_SCALARS;
    this.#rightFactors = NO_SCALARS;
    this.#inversePowers = this.#scalars.expand(ONE, sliceScalars(this.#inverseSquarings, 0, Math.log2(this.size)));
  }

  /** c_L and c_R of this round. */
  get products(): readonly [cL: Scalar, cR: Scalar] {
    return this.#products;
  }

  /**
   * What L and R of a round after {@link rebase} are made of besides c_L and c_R: scalars of all G_k and H_k. Those of G_k are
   * for L where `bit` is set in k and else for R, and those of H_k the other way round.
   */
  cross(): Cross {
    const scalars = this.#scalars;
    const [aLow, aHigh] = halves(this.#a);
    const [bLow, bHigh] = halves(this.#b);
    const size = scalarCount(this.#a);
    const onFoldedG = scalars.multiply(joinScalars(aHigh, aLow), sliceScalars(this.#inversePowers, 0, size));
    return {
      onG: scalars.expand(scalars.multiply(onFoldedG, this.#left), this.#leftFactors),
      onH: scalars.expand(scalars.multiply(joinScalars(bHigh, bLow), this.#right), this.#rightFactors),
      bit: Math.log2(size) - 1,
    };
  }

  /** Halves everything with the challenge of this round and its inverse; gives the squares of both. */
  fold(e: Scalar, inverse: Scalar): readonly [square: Scalar, inverseSquare: Scalar] {
    const { size } = this;
    const half = size / 2;
    const power = scalarAt(this.#inverseSquarings, Math.log2(half));
    const inputs = joinScalars(e, inverse, this.#y, power, this.#left, this.#right, this.#a, this.#b);
    const folded = this.#scalars.run(foldProgram(size), inputs);
    const [square, inverseSquare] = [scalarAt(folded, 0), scalarAt(folded, 1)];
    this.#left = scalarAt(folded, 2);
    this.#right = scalarAt(folded, 3);
    this.#leftFactors = joinScalars(scalarAt(folded, 4), this.#leftFactors);
    this.#rightFactors = joinScalars(inverseSquare, this.#rightFactors);
    this.#a = sliceScalars(folded, FOLDED_HEAD, FOLDED_HEAD + half);
    this.#b = sliceScalars(folded, FOLDED_HEAD + half, FOLDED_HEAD + size);
    if (half > 1) this.#products = [scalarAt(folded, -2), scalarAt(folded, -1)];
    return [square, inverseSquare];
  }

  /** Scalars of all G_k and H_k in r·G* + s·H*, with the generators folded down to one. */
  combine(r: Scalar, s: Scalar): { readonly onG: ScalarVector; readonly onH: ScalarVector } {
    const scalars = this.#scalars;
    return {
      onG: scalars.expand(scalars.multiply(this.#left, r), this.#leftFactors),
      onH: scalars.expand(scalars.multiply(this.#right, s), this.#rightFactors),
    };
  }
}

function halves(values: ScalarVector): [ScalarVector, ScalarVector] {
  const half = scalarCount(values) / 2;
  return [sliceScalars(values, 0, half), sliceScalars(values, half)];
}
