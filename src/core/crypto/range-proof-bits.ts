import type { CurveBackend, Point } from "./backend/curve-backend.ts";
import type { BitRound, ProverBases } from "./range-proof-bases.ts";
import type { FoldedFactors } from "./range-proof-folding.ts";
import { generatorSeries } from "./range-proof-generators.ts";
import { HALF, ONE } from "./range-proof-math.ts";
import type { Scalar } from "./scalar.ts";
import { joinScalars, scalarAt, scalarCount, sliceScalars, splitScalars, type ScalarVector } from "./scalar-vector.ts";

/** What everybody may know of the vectors that are folded. */
export interface PublicParts {
  /** y, y², y⁴, … and the inverses. */
  readonly squarings: ScalarVector;
  readonly inverseSquarings: ScalarVector;
  readonly z: Scalar;
  /** Of d_k·y^{N−k}: the first one, and what each bit of k multiplies it with. */
  readonly weightStart: Scalar;
  readonly weightFactors: ScalarVector;
}

/**
 * The first rounds of the inner product argument, in which vectors are hardly more than the bits of the values: a_k·y^k is
 * y^k·(±1/2 + 1/2 − z), and b_k is ±1/2 + z − 1/2 + d_k·y^{N−k}, both with plus where the bit is set. Folded j times, entry i
 * is a sum over p < 2^j of such entries with public factors, and so is a folded generator over q < 2^j. Only signs are
 * secret. Each pair p, q has a sum of generators with secret signs, and its factor is a product over the rounds of X^δ,
 * where δ = −1, 0 or 1 is what the bit of that round in q has more than in p: e²·y^−f is X for the G_k and e^−2 for the H_k. So
 * all pairs of the same differences are one sum, and 3^j public scalars meet a secret point each (PR-9: the time of public
 * sums hangs on scalars alone). The rest is public: z is met by sums of generators in blocks, and d_k·y^{N−k} by such sums
 * with these as factors, of which the rows here have what hangs on the lower bits of k.
 */
export class BitRounds {
  readonly #curve: CurveBackend;
  readonly #bases: ProverBases;
  readonly #signs: Uint8Array;
  readonly #parts: PublicParts;
  readonly #rows: readonly Point[];
  /** Entries of a row. */
  readonly #rowSize: number;
  /** For each combination of differences the factor on the G_k and on the H_k; that of the last round counts most. */
  #onG: ScalarVector = joinScalars(ONE);
  #onH: ScalarVector = joinScalars(ONE);
  /** What 1/2 − z, z − 1/2 and d_k·y^{N−k} are when they are folded, the last one for the lowest k there is. */
  #constantOfA: Scalar;
  #constantOfB: Scalar;
  #weight: Scalar;

  /** The bits of all values, one a byte. */
  constructor(curve: CurveBackend, bases: ProverBases, bits: Uint8Array, parts: PublicParts) {
    this.#curve = curve;
    this.#bases = bases;
    this.#signs = bits;
    this.#parts = parts;
    this.#constantOfA = curve.scalars.subtract(HALF, parts.z);
    this.#constantOfB = curve.scalars.subtract(parts.z, HALF);
    this.#weight = parts.weightStart;
    const rowCount = 2 ** bases.rounds.length;
    this.#rowSize = bits.length / rowCount;
    const factors = curve.scalars.expand(ONE, sliceScalars(parts.weightFactors, 0, Math.log2(this.#rowSize)));
    const indexes = Array.from({ length: this.#rowSize }, (_, index) => index);
    const series = generatorSeries("H", indexes, this.#rowSize, rowCount);
    this.#rows = curve.fixedMsmSeries(bases.table, splitScalars(factors), series);
  }

  /** L and R of a round, less their multiples of G and H, which are `more`; with the factors of generators folded so far. */
  sums(
    round: number,
    [left, right]: readonly [FoldedFactors, FoldedFactors],
    more: readonly [Point, Point],
  ): readonly [Point, Point] {
    const own = this.#bases.rounds[round]!;
    const { squarings, inverseSquarings, weightFactors } = this.#parts;
    const bit = Math.log2(own.half);
    const { scalars } = this.#curve;
    const expand = (constant: Scalar, { start, factors }: FoldedFactors, within?: ScalarVector): ScalarVector =>
      scalars.expand(scalars.multiply(constant, start), within ? joinScalars(within, factors) : factors);
    const onG = joinScalars(this.#onG, expand(this.#constantOfA, left));
    const onH = joinScalars(this.#onH, expand(this.#constantOfB, right));
    const onRows = expand(this.#weight, right, sliceScalars(weightFactors, Math.log2(this.#rowSize), bit));
    const signed = this.#curve.signSums(this.#bases.signs, this.#signs, [
      ...own.onG[0],
      ...own.onH[0],
      ...own.onG[1],
      ...own.onH[1],
    ]);
    const cut = signed.length / 2;
    const sum = (isRight: 0 | 1, factor: Scalar, rowScalars: ScalarVector): Point =>
      this.#sum(own, isRight, scalars.multiply(onG, factor), onH, rowScalars, [
        ...signed.slice(isRight * cut, (isRight + 1) * cut),
        more[isRight],
      ]);
    return [
      sum(0, scalarAt(inverseSquarings, bit), scalars.multiply(onRows, scalarAt(weightFactors, bit))),
      sum(1, scalarAt(squarings, bit), onRows),
    ];
  }

  /** Takes in the challenge of a round, its inverse, and the squares of both. */
  fold(round: number, e: Scalar, inverse: Scalar, square: Scalar, inverseSquare: Scalar): void {
    const { scalars } = this.#curve;
    const { squarings, inverseSquarings, weightFactors } = this.#parts;
    const bit = Math.log2(this.#bases.rounds[round]!.half);
    const power = scalarAt(squarings, bit);
    const grow = (factors: ScalarVector, minus: Scalar, plus: Scalar): ScalarVector =>
      joinScalars(scalars.multiply(factors, minus), factors, scalars.multiply(factors, plus));
    const [minus, plus] = [
      scalars.multiply(inverseSquare, power),
      scalars.multiply(square, scalarAt(inverseSquarings, bit)),
    ];
    this.#onG = grow(this.#onG, minus, plus);
    this.#onH = grow(this.#onH, square, inverseSquare);
    const times = (constant: Scalar, low: Scalar, high: Scalar, factor: Scalar): Scalar =>
      scalars.multiply(constant, scalars.multiplyAdd(high, factor, low));
    this.#constantOfA = times(this.#constantOfA, e, inverse, power);
    this.#constantOfB = times(this.#constantOfB, inverse, e, ONE);
    this.#weight = times(this.#weight, inverse, e, scalarAt(weightFactors, bit));
  }

  #sum(
    { half, blocks }: BitRound,
    isRight: 0 | 1,
    onG: ScalarVector,
    onH: ScalarVector,
    onRows: ScalarVector,
    points: readonly Point[],
  ): Point {
    const differences = scalarCount(this.#onG);
    const upTo = (scalars: ScalarVector): ScalarVector => sliceScalars(scalars, 0, differences);
    const beyond = (scalars: ScalarVector): ScalarVector => sliceScalars(scalars, differences);
    // `half` entries of each vector that is left in turn.
    const rows = this.#rows.filter((_, row) => ((row * this.#rowSize) / half) % 2 >= 1 === (isRight === 1));
    return this.#curve.fixedMsm(
      blocks[isRight],
      joinScalars(beyond(onG), beyond(onH)),
      [...points, ...rows],
      joinScalars(upTo(onG), upTo(onH), ONE, onRows),
    );
  }
}
