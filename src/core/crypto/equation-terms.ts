import type { CurveBackend, Point } from "./backend/curve-backend.ts";
import { commitmentGenerators } from "./commitment.ts";
import { RANGE_BITS } from "./range-proof.ts";
import { rangeProofTable } from "./range-proof-generators.ts";
import type { Scalar } from "./scalar.ts";

/** A public sum that is the identity where some claims hold. */
export interface EquationTerms {
  /** For the first of G, H, G_0, H_0, G_1, … (PR-2, RG-1). */
  readonly fixed: readonly Scalar[];
  readonly points: readonly Point[];
  /** One for each point. */
  readonly factors: readonly Scalar[];
}

/** Of no claim, which always holds. */
export const NO_TERMS: EquationTerms = { fixed: [], points: [], factors: [] };

/**
 * Whether sums are the identity all together, by one multi-scalar multiplication that takes each generator once. That
 * speaks for each of them only where their claims have random weights of their own (PR-3, RG-6).
 */
export function sumToIdentity(curve: CurveBackend, sums: readonly EquationTerms[]): boolean {
  const fixed: Scalar[] = [];
  for (const sum of sums) {
    for (const [index, scalar] of sum.fixed.entries()) {
      const before = fixed[index];
      fixed[index] = before === undefined ? scalar : curve.scalars.add(before, scalar);
    }
  }
  const points = sums.flatMap((sum) => sum.points);
  const factors = sums.flatMap((sum) => sum.factors);
  return curve.isIdentity(curve.fixedMsm(tableOf(curve, fixed.length), fixed, points, factors));
}

/** The shortest table that has so many generators. */
function tableOf(curve: CurveBackend, count: number) {
  if (count <= 2) return commitmentGenerators(curve).table;
  return rangeProofTable(curve, (count - 2) / (2 * RANGE_BITS));
}
