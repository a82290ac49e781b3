import { concatBytes } from "../bytes/concat-bytes.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend, Point } from "./backend/curve-backend.ts";
import { parseRangeProof, RANGE_BITS, type RangeProofParts, type RangeStatement } from "./range-proof.ts";
import { rangeProofTable } from "./range-proof-generators.ts";
import { bitWeights, fixedScalars, invert, powersOf } from "./range-proof-math.ts";
import { RangeProofTranscript } from "./range-proof-transcript.ts";
import { bigintOf, GROUP_ORDER, scalarOf, type Scalar } from "./scalar.ts";
import type { BatchVerdict } from "./schnorr.ts";

/** One proof to check. */
export interface RangeClaim extends RangeStatement {
  readonly proof: Uint8Array;
}

/** Bytes of a batch weight (RG-6): a wrong batch passes with a chance of 2^-128. */
const WEIGHT_SIZE = 16;

/** Checks one proof. Total: anything malformed is just invalid. */
export function verifyRange(curve: CurveBackend, claim: RangeClaim): boolean {
  const sum = new VerificationSum(curve);
  return sum.add(claim, 1n) && sum.isZero();
}

/** Checks many proofs by one sum with random weights; when that fails, singly, to name the bad ones (RG-6). */
export function verifyRangeBatch(curve: CurveBackend, claims: readonly RangeClaim[], random: Random): BatchVerdict {
  const sum = new VerificationSum(curve);
  const isWhole = claims.every((claim) => sum.add(claim, bigintOf(random.bytes(WEIGHT_SIZE))));
  if (isWhole && sum.isZero()) return { ok: true };
  const bad = [...claims.keys()].filter((index) => !verifyRange(curve, claims[index]!));
  return bad.length === 0 ? { ok: true } : { ok: false, bad };
}

const mod = (value: bigint): bigint => value % GROUP_ORDER;

/** Challenges of a proof; undefined if one is zero (RG-2). */
interface Challenges {
  readonly y: bigint;
  readonly z: bigint;
  readonly rounds: readonly bigint[];
  readonly last: bigint;
}

function challengesOf(statement: RangeStatement, parts: RangeProofParts): Challenges | undefined {
  const [a, a1, b1] = parts.head;
  const transcript = new RangeProofTranscript(statement, a);
  const [y, z] = [transcript.y(), transcript.z()];
  const rounds = parts.rounds.map(([left, right]) => transcript.round(left, right));
  const last = transcript.last(a1, b1);
  if (y === undefined || z === undefined || last === undefined) return undefined;
  const known = rounds.filter((round) => round !== undefined);
  return known.length === rounds.length ? { y, z, rounds: known, last } : undefined;
}

/** The weighted sum of "left minus right" of the verifier's equation, over any number of proofs. */
class VerificationSum {
  readonly #curve: CurveBackend;
  readonly #points: Point[] = [];
  readonly #scalars: Scalar[] = [];
  #blinding = 0n;
  #value = 0n;
  readonly #lefts: bigint[] = [];
  readonly #rights: bigint[] = [];

  constructor(curve: CurveBackend) {
    this.#curve = curve;
  }

  /** Adds one proof; false if it is malformed, and then the sum is of no use. */
  add(claim: RangeClaim, weight: bigint): boolean {
    const { commitments, context } = claim;
    if (context.length !== 32 || commitments.some((commitment) => commitment.length !== 32)) return false;
    const parts = parseRangeProof(claim.proof, commitments.length);
    if (parts === undefined) return false;
    const challenges = challengesOf(claim, parts);
    if (challenges === undefined) return false;
    const points = this.#curve.ristrettoDecode(concatBytes(...commitments, ...parts.head, ...parts.rounds.flat()));
    // RG-4: the identity may be part of a proof, but never a commitment.
    if (points === undefined || points.slice(0, commitments.length).some((v) => this.#curve.isIdentity(v)))
      return false;
    this.#points.push(...points);
    this.#addEquation(commitments.length, parts, challenges, weight);
    return true;
  }

  #addEquation(valueCount: number, parts: RangeProofParts, challenges: Challenges, weight: bigint): void {
    const { y, z, rounds, last: e } = challenges;
    const size = RANGE_BITS * valueCount;
    const powers = powersOf(y, size + 2);
    const weights = bitWeights(z, valueCount);
    const inverses = invertAll([y, ...rounds]);
    const inversePowers = powersOf(inverses[0]!, size);
    const factors = foldingFactors(rounds, inverses.slice(1));
    const scale = mod(weight * mod(e * e));
    const [r, s] = [mod(weight * mod(bigintOf(parts.r) * e)), mod(weight * mod(bigintOf(parts.s) * e))];

    for (let k = 0; k < size; k++) {
      const left = scale * z + r * mod(inversePowers[k]! * factors[k]!);
      const right = scale * mod(z + weights[k]! * powers[size - k]!) - s * factors[size - 1 - k]!;
      this.#lefts[k] = mod((this.#lefts[k] ?? 0n) - left);
      this.#rights[k] = mod((this.#rights[k] ?? 0n) + right);
    }
    const [powerSum, weightSum] = [powers.slice(1, size + 1), weights].map((list) => mod(list.reduce((x, w) => x + w)));
    const top = powers[size + 1]!;
    const constant = z * powerSum! - mod(z * top) * weightSum! - mod(z * z) * powerSum!;
    this.#value = mod(
      this.#value + scale * mod(constant) - weight * mod(mod(bigintOf(parts.r) * bigintOf(parts.s)) * y),
    );
    this.#blinding = mod(this.#blinding - weight * bigintOf(parts.delta));

    for (let j = 0; j < valueCount; j++) this.#scalars.push(scalarOf(scale * mod(weights[RANGE_BITS * j]! * top)));
    this.#scalars.push(scalarOf(scale), scalarOf(weight * e), scalarOf(weight));
    rounds.forEach((round, index) => {
      const inverse = inverses[index + 1]!;
      this.#scalars.push(scalarOf(scale * mod(round * round)), scalarOf(scale * mod(inverse * inverse)));
    });
  }

  isZero(): boolean {
    const valueCount = this.#lefts.length / RANGE_BITS;
    if (valueCount === 0) return true;
    const fixed = fixedScalars(this.#blinding, this.#value, this.#lefts, this.#rights);
    const table = rangeProofTable(this.#curve, valueCount);
    return this.#curve.isIdentity(this.#curve.fixedMsm(table, fixed, this.#points, this.#scalars));
  }
}

/** Inverses of many numbers for the price of one: 1/y and 1/e_k of a proof. */
function invertAll(values: readonly bigint[]): bigint[] {
  const products = [1n];
  for (const value of values) products.push(mod(products.at(-1)! * value));
  let inverse = invert(products.at(-1)!);
  const inverses: bigint[] = [];
  for (let index = values.length - 1; index >= 0; index--) {
    inverses[index] = mod(inverse * products[index]!);
    inverse = mod(inverse * values[index]!);
  }
  return inverses;
}

/**
 * Π e_j^{±1} for each k: plus where the bit of round j, the first round being the highest bit, is set. With y^{−k} it
 * is the factor of G_k in the folded generator; read backwards it is that of H_k.
 */
function foldingFactors(rounds: readonly bigint[], inverses: readonly bigint[]): bigint[] {
  let factors = [inverses.reduce((product, inverse) => mod(product * inverse), 1n)];
  for (const round of rounds.toReversed()) {
    const square = mod(round * round);
    factors = [...factors, ...factors.map((factor) => mod(factor * square))];
  }
  return factors;
}
