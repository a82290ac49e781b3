import type { CurveBackend, Point, PointTable } from "./backend/curve-backend.ts";
import { commitmentGenerators } from "./commitment.ts";
import type { Folding, FoldedFactors } from "./range-proof-folding.ts";
import { generatorSeries } from "./range-proof-generators.ts";
import { ONE } from "./range-proof-math.ts";
import { TableScalars } from "./range-proof-scalars.ts";
import type { Scalar } from "./scalar.ts";
import { splitScalars } from "./scalar-vector.ts";

/** Factors of G and of H. */
type Bases = readonly [blinding: Scalar, value: Scalar];

/** The last rounds of the inner product argument: sums with secret scalars over generators that are folded once, in public. */
export class FoldedSums {
  readonly #curve: CurveBackend;
  readonly #folding: Folding;
  readonly #table: PointTable;
  readonly #inTable: TableScalars;

  /** Folds the generators of a table of `rangeProofTable` as the vectors are folded by now. */
  constructor(curve: CurveBackend, table: PointTable, folding: Folding) {
    this.#curve = curve;
    this.#folding = folding;
    const size = folding.size;
    const foldedOf = (kind: "G" | "H", { factors }: FoldedFactors): readonly Point[] => {
      // All times the inverse of `start`, so that the first of these scalars is 1.
      const scalars = splitScalars(curve.scalars.expand(ONE, factors));
      const indexes = scalars.map((_, index) => index * size);
      return curve.fixedMsmSeries(table, scalars, generatorSeries(kind, indexes, 1, size));
    };
    const [lefts, rights] = [foldedOf("G", folding.left), foldedOf("H", folding.right)];
    folding.rebase();
    const { blinding, value } = commitmentGenerators(curve);
    this.#table = curve.prepareTable([blinding, value, ...lefts.flatMap((left, index) => [left, rights[index]!])]);
    this.#inTable = new TableScalars(size);
  }

  /** L and R of this round. */
  cross(left: Bases, right: Bases): readonly [Point, Point] {
    const { onG, onH, bit } = this.#folding.cross();
    const sum = (scalars: readonly (Scalar | undefined)[]): Point => this.#curve.fixedMsmSecret(this.#table, scalars);
    return [sum(this.#inTable.setLeft(...left, onG, onH, bit)), sum(this.#inTable.setRight(...right, onG, onH, bit))];
  }

  /** r·G* + s·H* with the generators folded down to one, and multiples of G and H. */
  combine(blinding: Scalar, value: Scalar, r: Scalar, s: Scalar): Point {
    const { onG, onH } = this.#folding.combine(r, s);
    return this.#curve.fixedMsmSecret(this.#table, this.#inTable.set(blinding, value, onG, onH));
  }
}
