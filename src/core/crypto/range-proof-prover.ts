import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes, joinItems } from "../bytes/concat-bytes.ts";
import { u32, u64, Writer } from "../bytes/writer.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend, Point } from "./backend/curve-backend.ts";
import type { ScalarArithmetic } from "./backend/scalar-arithmetic.ts";
import { commit, commitmentGenerators } from "./commitment.ts";
import { invertPublic } from "./public-inverse.ts";
import { encodeRangeProof, RANGE_BITS, RANGE_LIMIT, roundCount, type RangeStatement } from "./range-proof.ts";
import { proverBases } from "./range-proof-bases.ts";
import { BitRounds, type PublicParts } from "./range-proof-bits.ts";
import { FoldedSums } from "./range-proof-folded-sums.ts";
import { Folding } from "./range-proof-folding.ts";
import { ONE, valueFactors, weightFactors } from "./range-proof-math.ts";
import { RangeProofTranscript } from "./range-proof-transcript.ts";
import { SCALAR_SIZE, type Scalar } from "./scalar.ts";
import { joinScalars, scalarAt, scalarCount, sliceScalars, type ScalarVector } from "./scalar-vector.ts";
import { hash32, taggedHashes } from "./tagged-hash.ts";

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
  const indexes = new Writer();
  for (let index = 0; index < count; index++) indexes.u32(index);
  const seeds = joinItems(Array.from({ length: count }, () => seed));
  return curve.scalars.reduceWide(taggedHashes(curve, "stg/bpp/rnd", count, seeds, indexes.finish()));
}

/** The bits of all values, the lowest first, one a byte. */
function bitsOf(values: readonly bigint[]): Uint8Array {
  const bytes = concatBytes(...values.map(u64));
  return Uint8Array.from({ length: 8 * bytes.length }, (_, index) => (bytes[index >> 3]! >> (index & 7)) & 1);
}

/** a_L: the same as numbers. */
function numbersOf(bits: Uint8Array): ScalarVector {
  const vector = new Uint8Array(SCALAR_SIZE * bits.length);
  for (let index = 0; index < bits.length; index++) vector[SCALAR_SIZE * index] = bits[index]!;
  return vector as ScalarVector;
}

interface Vectors {
  /** a_k·y^k and b_k. */
  readonly a: ScalarVector;
  readonly b: ScalarVector;
  readonly parts: PublicParts;
  /** z^{2(j+1)}·y^{N+1}: what γ_j counts in α. */
  readonly valueWeights: ScalarVector;
}

/** What is to be folded, of a_L, a_R and the first challenges. */
function vectorsOf(scalars: ScalarArithmetic, bits: ScalarVector, y: Scalar, z: Scalar): Vectors {
  const size = scalarCount(bits);
  const rounds = Math.log2(size);
  const squarings = scalars.squarings(y, rounds + 1);
  const inverseSquarings = scalars.squarings(invertPublic(y), rounds);
  const zSquare = scalars.multiply(z, z);
  const weights = weightFactors(scalars, zSquare, size / RANGE_BITS);
  const powers = scalars.expand(ONE, sliceScalars(squarings, 0, rounds));
  // z²·y^N: here begins d_k·y^{N−k}, and one y further z^{2(j+1)}·y^{N+1}.
  const top = scalars.multiply(zSquare, scalarAt(squarings, rounds));
  const ofWeights = scalars.multiply(weights, inverseSquarings);
  const complements = scalars.add(bits, scalars.subtract(z, ONE));
  return {
    a: scalars.multiply(scalars.subtract(bits, z), powers),
    b: scalars.add(complements, scalars.expand(top, ofWeights)),
    parts: { squarings, inverseSquarings, z, weightStart: top, weightFactors: ofWeights },
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
  const bases = proverBases(curve, values.length);
  const [bitRoundTotal, size] = [bases.rounds.length, RANGE_BITS * values.length];
  const onBases = (blinding: Scalar, value?: Scalar): Point =>
    curve.fixedMsmSecret(commitmentGenerators(curve).table, [blinding, value]);
  const read = (challenge: Uint8Array): Scalar | undefined => {
    const value = scalarAt(scalars.reduceWide(challenge), 0);
    return isZeroBytes(value) ? undefined : value;
  };

  const drawn = hedgedScalars(curve, witness, aux, 1 + 2 * roundTotal + 4);
  const alpha = scalarAt(drawn, 0);
  const crossBlindings = sliceScalars(drawn, 1, 1 + 2 * roundTotal);
  const [r, s, delta, eta] = [scalarAt(drawn, -4), scalarAt(drawn, -3), scalarAt(drawn, -2), scalarAt(drawn, -1)];

  // A = α·G + Σ ±(G_k + H_k)/2 + Σ (G_k − H_k)/2.
  const bits = bitsOf(values);
  const [signed] = curve.signSums(bases.signs, bits, [
    [
      { sign: 0, point: 0, count: size },
      { sign: 0, point: size, count: size },
    ],
  ]);
  const a0 = curve.ristrettoEncode([curve.msm([signed!, bases.opening, onBases(alpha)], [ONE, ONE, ONE])]);
  const transcript = new RangeProofTranscript(curve, statement, a0);
  const [y, z] = [read(transcript.y()), read(transcript.z())];
  if (y === undefined || z === undefined) return undefined;

  const { a, b, parts, valueWeights } = vectorsOf(scalars, numbersOf(bits), y, z);
  const opened = scalars.dot(valueWeights, joinScalars(...blindings));
  const folding = new Folding(scalars, a, b, y, parts.inverseSquarings);
  const onBits = new BitRounds(curve, bases, bits, parts);
  const rounds: [Uint8Array, Uint8Array][] = [];
  const squares: Scalar[] = [];
  let folded: FoldedSums | undefined;
  for (let round = 0; round < roundTotal; round++) {
    const [cL, cR] = folding.products;
    const [dL, dR] = [scalarAt(crossBlindings, 2 * round), scalarAt(crossBlindings, 2 * round + 1)];
    if (round === bitRoundTotal) folded = new FoldedSums(curve, bases.table, folding);
    const pair = folded
      ? folded.cross([dL, cL], [dR, cR])
      : onBits.sums(round, [folding.left, folding.right], [onBases(dL, cL), onBases(dR, cR)]);
    const encoded = curve.ristrettoEncode(pair);
    const [left, right] = [encoded.subarray(0, 32), encoded.subarray(32)];
    const e = read(transcript.round(left, right));
    if (e === undefined) return undefined;
    rounds.push([left, right]);
    const inverse = invertPublic(e);
    const [square, inverseSquare] = folding.fold(e, inverse);
    if (round + 1 < bitRoundTotal) onBits.fold(round, e, inverse, square, inverseSquare);
    squares.push(square, inverseSquare);
  }

  const { a: lastA, b: lastB } = folding.last;
  const cross = scalars.dot(joinScalars(r, s), joinScalars(lastB, lastA));
  const heads = curve.ristrettoEncode([
    folded!.combine(delta, scalars.multiply(cross, y), r, s),
    onBases(eta, scalars.multiply(scalars.multiply(r, s), y)),
  ]);
  const [a1, b1] = [heads.subarray(0, 32), heads.subarray(32)];
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
