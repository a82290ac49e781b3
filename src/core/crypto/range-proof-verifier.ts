import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { parseRangeProof, type RangeProofParts, type RangeStatement } from "./range-proof.ts";
import { EquationSum, invertedChallenges, type ReadProof } from "./range-proof-equation.ts";
import { ONE } from "./range-proof-math.ts";
import { RangeProofTranscript } from "./range-proof-transcript.ts";
import { SCALAR_SIZE, type Scalar } from "./scalar.ts";
import { joinScalars, scalarCount, sliceScalars, splitScalars, type ScalarVector } from "./scalar-vector.ts";
import type { BatchVerdict } from "./schnorr.ts";

/** One proof to check. */
export interface RangeClaim extends RangeStatement {
  readonly proof: Uint8Array;
}

/** Bytes of a batch weight (RG-6): a wrong batch passes with a chance of 2^-128. */
const WEIGHT_SIZE = 16;

/** Checks one proof. Total: anything malformed is just invalid. */
export function verifyRange(curve: CurveBackend, claim: RangeClaim): boolean {
  return holdTogether(curve, [claim], () => ONE);
}

/** Checks many proofs by one sum with random weights; when that fails, singly, to name the bad ones (RG-6). */
export function verifyRangeBatch(curve: CurveBackend, claims: readonly RangeClaim[], random: Random): BatchVerdict {
  if (holdTogether(curve, claims, () => randomWeight(random))) return { ok: true };
  const bad = [...claims.keys()].filter((index) => !verifyRange(curve, claims[index]!));
  return bad.length === 0 ? { ok: true } : { ok: false, bad };
}

function randomWeight(random: Random): Scalar {
  const weight = new Uint8Array(SCALAR_SIZE);
  weight.set(random.bytes(WEIGHT_SIZE));
  return weight as Scalar;
}

/** The sum of all equations, each with a weight, comes to zero. */
function holdTogether(curve: CurveBackend, claims: readonly RangeClaim[], drawWeight: () => Scalar): boolean {
  const proofs: ReadProof[] = [];
  for (const claim of claims) {
    const proof = readProof(curve, claim);
    if (proof === undefined) return false;
    proofs.push(proof);
  }
  if (proofs.length === 0) return true;
  // Inverting is slow, and all together cost hardly more than one.
  const inverted = proofs.map(invertedChallenges);
  const inverses = curve.scalars.invert(joinScalars(...inverted));
  const sum = new EquationSum(curve, Math.max(...proofs.map(({ valueCount }) => valueCount)));
  let start = 0;
  proofs.forEach((proof, index) => {
    const end = start + scalarCount(inverted[index]!);
    sum.add(proof, sliceScalars(inverses, start, end), drawWeight());
    start = end;
  });
  return sum.isZero();
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

/** y, z, e_1 … e_g, e (RG-2). */
function challengesOf(curve: CurveBackend, statement: RangeStatement, parts: RangeProofParts): ScalarVector {
  const [a, a1, b1] = parts.head;
  const transcript = new RangeProofTranscript(statement, a);
  const first = [transcript.y(), transcript.z()];
  const rounds = parts.rounds.map(([left, right]) => transcript.round(left, right));
  return curve.scalars.reduceWide(concatBytes(...first, ...rounds, transcript.last(a1, b1)));
}
