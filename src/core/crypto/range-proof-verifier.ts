import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { NO_TERMS, sumToIdentity, type EquationTerms } from "./equation-terms.ts";
import { parseRangeProof, type RangeClaim, type RangeProofParts, type RangeStatement } from "./range-proof.ts";
import { rangeTerms, type ReadProof } from "./range-proof-equation.ts";
import { ONE } from "./range-proof-math.ts";
import { RangeProofTranscript } from "./range-proof-transcript.ts";
import { randomWeights } from "./random-weights.ts";
import { joinScalars, splitScalars, type ScalarVector } from "./scalar-vector.ts";
import type { BatchVerdict } from "./schnorr.ts";

/** Checks one proof. Total: anything malformed is just invalid. */
export function verifyRange(curve: CurveBackend, claim: RangeClaim): boolean {
  const proof = readProof(curve, claim);
  return proof !== undefined && sumToIdentity(curve, [rangeTerms(curve, [proof], joinScalars(ONE))]);
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
  const proofs: ReadProof[] = [];
  for (const claim of claims) {
    const proof = readProof(curve, claim);
    if (proof === undefined) return undefined;
    proofs.push(proof);
  }
  return proofs.length === 0 ? NO_TERMS : rangeTerms(curve, proofs, randomWeights(random, proofs.length));
}

/** Undefined where a proof is malformed (RG-2, RG-4). */
function readProof(curve: CurveBackend, claim: RangeClaim): ReadProof | undefined {
  const { commitments, context } = claim;
  if (context.length !== 32 || commitments.some((commitment) => commitment.length !== 32)) return undefined;
  const parts = parseRangeProof(claim.proof, commitments.length);
  if (parts === undefined) return undefined;
  const challenges = challengesOf(curve, claim, parts);
  if (splitScalars(challenges).some(isZeroBytes)) return undefined;
  const points = curve.ristrettoDecode(concatBytes(...commitments, ...parts.head, ...parts.rounds.flat()));
  // RG-4: the identity may be part of a proof, but never a commitment.
  if (points === undefined || points.slice(0, commitments.length).some((v) => curve.isIdentity(v))) return undefined;
  return { valueCount: commitments.length, parts, points, challenges };
}

/** y, e_g … e_1, z, e (RG-2). */
function challengesOf(curve: CurveBackend, statement: RangeStatement, parts: RangeProofParts): ScalarVector {
  const [a, a1, b1] = parts.head;
  const transcript = new RangeProofTranscript(statement, a);
  const [y, z] = [transcript.y(), transcript.z()];
  const rounds = parts.rounds.map(([left, right]) => transcript.round(left, right));
  return curve.scalars.reduceWide(concatBytes(y, ...rounds.reverse(), z, transcript.last(a1, b1)));
}
