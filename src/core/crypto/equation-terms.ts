import type { CurveBackend, Point, PointTable } from "./backend/curve-backend.ts";
import { commitmentGenerators } from "./commitment.ts";
import { RANGE_BITS } from "./range-proof.ts";
import { rangeProofTable } from "./range-proof-generators.ts";
import { joinScalars, scalarCount, sliceScalars, type ScalarVector } from "./scalar-vector.ts";

/** A public sum that is the identity where some claims hold. */
export interface EquationTerms {
  /** For the first of G, H, G_0, H_0, G_1, … (PR-2, RG-1). */
  readonly fixed: ScalarVector;
  readonly points: readonly Point[];
  /** One for each point. */
  readonly factors: ScalarVector;
}

/** Of no claim, which always holds. */
export const NO_TERMS: EquationTerms = { fixed: joinScalars(), points: [], factors: joinScalars() };

/** The sum of sums. */
export function addTerms(curve: CurveBackend, sums: readonly EquationTerms[]): EquationTerms {
  if (sums.length === 1) return sums[0]!;
  const all = sums.map((sum) => sum.fixed);
  const longest = all.reduce((long, each) => (each.length > long.length ? each : long), NO_TERMS.fixed);
  let fixed = longest;
  for (const each of all) {
    if (each === longest) continue;
    const count = scalarCount(each);
    fixed = joinScalars(curve.scalars.add(sliceScalars(fixed, 0, count), each), sliceScalars(fixed, count));
  }
  return {
    fixed,
    points: sums.flatMap(({ points }) => points),
    factors: joinScalars(...sums.map((sum) => sum.factors)),
  };
}

/**
 * Whether sums are the identity all together, by one multi-scalar multiplication that takes each generator once. That
 * speaks for each of them only where their claims have random weights of their own (PR-3, RG-6).
 */
export function sumToIdentity(curve: CurveBackend, sums: readonly EquationTerms[]): boolean {
  const { fixed, points, factors } = addTerms(curve, sums);
  return curve.isIdentity(curve.fixedMsm(tableOf(curve, scalarCount(fixed)), fixed, points, factors));
}

/** The shortest table that has so many generators. */
function tableOf(curve: CurveBackend, count: number): PointTable {
  if (count <= 2) return commitmentGenerators(curve).table;
  return rangeProofTable(curve, (count - 2) / (2 * RANGE_BITS));
}
