import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { u32, u64 } from "../bytes/writer.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import type { ScalarArithmetic } from "./backend/scalar-arithmetic.ts";
import { commit } from "./commitment.ts";
import { encodeRangeProof, RANGE_BITS, RANGE_LIMIT, roundCount, type RangeStatement } from "./range-proof.ts";
import { Folding } from "./range-proof-folding.ts";
import { rangeProofTable } from "./range-proof-generators.ts";
import { ONE, valueFactors, weightFactors } from "./range-proof-math.ts";
import { TableScalars } from "./range-proof-scalars.ts";
import { RangeProofTranscript } from "./range-proof-transcript.ts";
import { SCALAR_SIZE, ZERO_SCALAR, type Scalar } from "./scalar.ts";
import { joinScalars, scalarAt, scalarCount, sliceScalars, type ScalarVector } from "./scalar-vector.ts";
import { hash32, taggedHash } from "./tagged-hash.ts";

/** Values and blinding factors behind the commitments of a proof. */
export interface RangeWitness {
  readonly chainId: number;
  /** ctx of RG-3. */
  readonly context: Uint8Array;
  /** v_1 … v_m below 2^64; m a power of two. */
  readonly values: readonly bigint[];
  /** γ_1 … γ_m. */
  readonly blindings: readonly Scalar[];
}

export interface ProvenRange {
  readonly proof: Uint8Array;
  readonly commitments: readonly Uint8Array[];
}

const AUX_SIZE = 32;

/** Proves that every value is within 0 … 2^64 − 1 (chapter 3). A value that is not is our own mistake and throws. */
export function proveRange(curve: CurveBackend, witness: RangeWitness, random: Random): ProvenRange {
  const { chainId, context, values, blindings } = witness;
  if (roundCount(values.length) === undefined || blindings.length !== values.length) {
    throw new RangeError(`cannot prove ${values.length} values`);
  }
  if (values.some((value) => value < 0n || value >= RANGE_LIMIT)) throw new RangeError("value out of range");
  const commitments = values.map((value, index) => curve.ristrettoEncode([commit(curve, blindings[index]!, value)]));
  for (;;) {
    const proof = tryProve(curve, witness, { chainId, context, commitments }, random.bytes(AUX_SIZE));
    if (proof !== undefined) return { proof, commitments };
  }
}

/**
 * The prover's scalars in their order (RG-5): α; per round d_L, d_R; r, s, δ, η. They hang on everything secret as well as
 * on `aux`, so that neither a bad generator nor a repeated state can give one scalar to two proofs.
 */
function hedgedScalars(curve: CurveBackend, witness: RangeWitness, aux: Uint8Array, count: number): ScalarVector {
  const { chainId, context, values, blindings } = witness;
  const seed = hash32(
    "stg/bpp/seed",
    aux,
    u32(chainId),
    context,
    concatBytes(...blindings),
    concatBytes(...values.map(u64)),
  );
  const hashes = Array.from({ length: count }, (_, index) => taggedHash("stg/bpp/rnd", seed, u32(index)));
  return curve.scalars.reduceWide(concatBytes(...hashes));
}

/** a_L: the bits of all values, the lowest first. */
function bitsOf(values: readonly bigint[]): ScalarVector {
  const bits = values.flatMap((value) => Array.from(u64(value), (byte) => byte).flatMap(bitsOfByte));
  const vector = new Uint8Array(SCALAR_SIZE * bits.length);
  bits.forEach((bit, index) => (vector[SCALAR_SIZE * index] = bit));
  return vector as ScalarVector;
}

function bitsOfByte(byte: number): number[] {
  return Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1);
}

interface Vectors {
  /** a_k·y^k and b_k. */
  readonly a: ScalarVector;
  readonly b: ScalarVector;
  /** y^−1, y^−2, y^−4, … y^{−N/2}. */
  readonly inverseSquarings: ScalarVector;
  /** z^{2(j+1)}·y^{N+1}: what γ_j counts in α. */
  readonly valueWeights: ScalarVector;
}

/** What is to be folded, of a_L, a_R and the first challenges. */
function vectorsOf(
  scalars: ScalarArithmetic,
  bits: ScalarVector,
  complements: ScalarVector,
  y: Scalar,
  z: Scalar,
): Vectors {
  const size = scalarCount(bits);
  const rounds = Math.log2(size);
  const squarings = scalars.squarings(y, rounds + 1);
  const inverseSquarings = scalars.squarings(scalars.invert(y), rounds);
  const zSquare = scalars.multiply(z, z);
  const weights = weightFactors(scalars, zSquare, size / RANGE_BITS);
  const powers = scalars.expand(ONE, sliceScalars(squarings, 0, rounds));
  // z²·y^N: here begins d_k·y^{N−k}, and one y further z^{2(j+1)}·y^{N+1}.
  const top = scalars.multiply(zSquare, scalarAt(squarings, rounds));
  return {
    a: scalars.multiply(scalars.subtract(bits, z), powers),
    b: scalars.add(scalars.add(complements, z), scalars.expand(top, scalars.multiply(weights, inverseSquarings))),
    inverseSquarings,
    valueWeights: scalars.expand(scalars.multiply(top, y), valueFactors(weights)),
  };
}

/** One attempt; undefined if a challenge is zero (RG-2). */
function tryProve(
  curve: CurveBackend,
  witness: RangeWitness,
  statement: RangeStatement,
  aux: Uint8Array,
): Uint8Array | undefined {
  const { scalars } = curve;
  const { values, blindings } = witness;
  const roundTotal = roundCount(values.length)!;
  const table = rangeProofTable(curve, values.length);
  const inTable = new TableScalars(RANGE_BITS * values.length);
  const encodeSum = (factors: readonly (Scalar | undefined)[]): Uint8Array =>
    curve.ristrettoEncode([curve.fixedMsmSecret(table, factors)]);
  const read = (challenge: Uint8Array): Scalar | undefined => {
    const value = scalarAt(scalars.reduceWide(challenge), 0);
    return isZeroBytes(value) ? undefined : value;
  };

  const drawn = hedgedScalars(curve, witness, aux, 1 + 2 * roundTotal + 4);
  const alpha = scalarAt(drawn, 0);
  const crossBlindings = sliceScalars(drawn, 1, 1 + 2 * roundTotal);
  const [r, s, delta, eta] = [scalarAt(drawn, -4), scalarAt(drawn, -3), scalarAt(drawn, -2), scalarAt(drawn, -1)];

  const bits = bitsOf(values);
  const complements = scalars.subtract(bits, ONE);
  const a0 = encodeSum(inTable.set(alpha, ZERO_SCALAR, bits, complements));
  const transcript = new RangeProofTranscript(statement, a0);
  const [y, z] = [read(transcript.y()), read(transcript.z())];
  if (y === undefined || z === undefined) return undefined;

  const { a, b, inverseSquarings, valueWeights } = vectorsOf(scalars, bits, complements, y, z);
  const opened = scalars.dot(valueWeights, joinScalars(...blindings));
  const folding = new Folding(scalars, a, b, y, inverseSquarings);
  const rounds: [Uint8Array, Uint8Array][] = [];
  const squares: Scalar[] = [];
  for (let round = 0; round < roundTotal; round++) {
    const { cL, cR, onG, onH, bit } = folding.cross();
    const [dL, dR] = [scalarAt(crossBlindings, 2 * round), scalarAt(crossBlindings, 2 * round + 1)];
    const left = encodeSum(inTable.setLeft(dL, cL, onG, onH, bit));
    const right = encodeSum(inTable.setRight(dR, cR, onG, onH, bit));
    const e = read(transcript.round(left, right));
    if (e === undefined) return undefined;
    rounds.push([left, right]);
    const inverse = scalars.invert(e);
    const [square, inverseSquare] = [scalars.multiply(e, e), scalars.multiply(inverse, inverse)];
    folding.fold(e, inverse, square, inverseSquare);
    squares.push(square, inverseSquare);
  }

  const { a: lastA, b: lastB } = folding.last;
  const { onG, onH } = folding.combine(r, s);
  const cross = scalars.dot(joinScalars(r, s), joinScalars(lastB, lastA));
  const a1 = encodeSum(inTable.set(delta, scalars.multiply(cross, y), onG, onH));
  const b1 = encodeSum([eta, scalars.multiply(scalars.multiply(r, s), y)]);
  const e = read(transcript.last(a1, b1));
  if (e === undefined) return undefined;
  const blinding = scalars.add(scalars.add(alpha, opened), scalars.dot(crossBlindings, joinScalars(...squares)));
  return encodeRangeProof({
    head: [a0, a1, b1],
    r: scalars.multiplyAdd(lastA, e, r),
    s: scalars.multiplyAdd(lastB, e, s),
    delta: scalars.multiplyAdd(scalars.multiplyAdd(blinding, e, delta), e, eta),
    rounds,
  });
}
