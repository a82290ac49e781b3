import { isZeroBytes } from "../bytes/compare-bytes.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { addTerms, NO_TERMS, sumToIdentity, type EquationTerms } from "./equation-terms.ts";
import { drawChallenges } from "./range-proof-challenges.ts";
import { roundCount, type RangeClaim } from "./range-proof.ts";
import { proofColumns } from "./range-proof-columns.ts";
import { equationProgram, joinInputs, proofsAtOnce } from "./range-proof-equation.ts";
import { ONE } from "./range-proof-math.ts";
import { randomWeights } from "./random-weights.ts";
import { joinScalars, scalarCount, sliceScalars, type ScalarVector } from "./scalar-vector.ts";
import type { BatchVerdict } from "./schnorr.ts";

/** Checks one proof. Total: anything malformed is just invalid. */
export function verifyRange(curve: CurveBackend, claim: RangeClaim): boolean {
  const terms = termsOf(curve, [claim], joinScalars(ONE));
  return terms !== undefined && sumToIdentity(curve, [terms]);
}

/** Checks many proofs by one sum with random weights; when that fails, singly, to name the bad ones (RG-6). */
export function verifyRangeBatch(curve: CurveBackend, claims: readonly RangeClaim[], random: Random): BatchVerdict {
  const terms = rangeBatchTerms(curve, claims, random);
  if (terms !== undefined && sumToIdentity(curve, [terms])) return { ok: true };
  const bad = [...claims.keys()].filter((index) => !verifyRange(curve, claims[index]!));
  return bad.length === 0 ? { ok: true } : { ok: false, bad };
}

/** The equations of many proofs with a random weight each; undefined where one of them is malformed. */
export function rangeBatchTerms(
  curve: CurveBackend,
  claims: readonly RangeClaim[],
  random: Random,
): EquationTerms | undefined {
  if (claims.length === 0) return NO_TERMS;
  const groups = new Map<number, RangeClaim[]>();
  for (const claim of claims) {
    const { length } = claim.commitments;
    const group = groups.get(length);
    if (group === undefined) groups.set(length, [claim]);
    else group.push(claim);
  }
  const weights = randomWeights(random, claims.length);
  const sums: EquationTerms[] = [];
  let start = 0;
  for (const [valueCount, group] of groups) {
    if (roundCount(valueCount) === undefined) return undefined;
    const most = proofsAtOnce(valueCount);
    for (let first = 0; first < group.length; first += most) {
      const some = group.slice(first, first + most);
      const terms = termsOf(curve, some, sliceScalars(weights, start, start + some.length));
      if (terms === undefined) return undefined;
      sums.push(terms);
      start += some.length;
    }
  }
  return addTerms(curve, sums);
}

/** The equations of proofs of equally many values; undefined where one of them is malformed (RG-2, RG-4). */
function termsOf(curve: CurveBackend, claims: readonly RangeClaim[], weights: ScalarVector): EquationTerms | undefined {
  const columns = proofColumns(claims);
  if (columns === undefined) return undefined;
  // RG-4: the identity, whose encoding is all zeros, may be part of a proof, but never a commitment.
  if (claims.some(({ commitments }) => commitments.some(isZeroBytes))) return undefined;
  const challenges = drawChallenges(curve, columns);
  if (challenges === undefined) return undefined;
  const points = curve.ristrettoDecode(columns.points);
  if (points === undefined) return undefined;
  const inputs = joinInputs(weights, challenges.all, columns.responses);
  const factors = curve.scalars.run(equationProgram(columns.count, columns.valueCount), inputs);
  const ofPoints = scalarCount(factors) - points.length;
  return { fixed: sliceScalars(factors, 0, ofPoints), points, factors: sliceScalars(factors, ofPoints) };
}
