import { equalBytes } from "../bytes/compare-bytes.ts";
import { concatBytes, joinItems } from "../bytes/concat-bytes.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { commitmentGenerators } from "./commitment.ts";
import { NO_TERMS, sumToIdentity, type EquationTerms } from "./equation-terms.ts";
import { decodePoint } from "./point.ts";
import { randomWeights } from "./random-weights.ts";
import { parseScalar, scalarOf, type Scalar } from "./scalar.ts";
import { joinScalars, scalarAt, type ScalarVector } from "./scalar-vector.ts";
import { taggedHash, taggedHashes } from "./tagged-hash.ts";

/** R ‖ s (PR-3). */
export const SCHNORR_SIGNATURE_SIZE = 64;
const MESSAGE_SIZE = 32;
const CHALLENGE_TAG = "stg/sig";
const MINUS_ONE = scalarOf(-1n);

/** One signature to check. */
export interface SchnorrClaim {
  readonly publicKey: Uint8Array;
  /** Always 32 bytes, a hash. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** All is well, or which ones are not, by index. */
export type BatchVerdict = { readonly ok: true } | { readonly ok: false; readonly bad: readonly number[] };

/** P = x·G, 32 bytes. */
export function schnorrPublicKey(curve: CurveBackend, secret: Scalar): Uint8Array {
  return curve.ristrettoEncode([baseMultiple(curve, secret)]);
}

/** PR-3. The nonce hangs on key and message as well as on `aux`, so a bad generator cannot repeat it. */
export function schnorrSign(curve: CurveBackend, secret: Scalar, message: Uint8Array, aux: Uint8Array): Uint8Array {
  if (message.length !== MESSAGE_SIZE) throw new RangeError(`message of ${message.length} bytes`);
  const nonce = scalarAt(curve.scalars.reduceWide(taggedHash("stg/nonce", secret, message, aux)), 0);
  const commitment = curve.ristrettoEncode([baseMultiple(curve, nonce)]);
  const hash = challengeHash(commitment, schnorrPublicKey(curve, secret), message);
  const challenge = scalarAt(curve.scalars.reduceWide(hash), 0);
  return concatBytes(commitment, curve.scalars.multiplyAdd(challenge, secret, nonce));
}

/** PR-3: R canonical, s < ℓ, s·G = R + e·P. Total: anything malformed is just invalid. */
export function schnorrVerify(
  curve: CurveBackend,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const parts = parseSignature(signature);
  const key = decodePoint(curve, publicKey);
  if (parts === undefined || key === undefined || message.length !== MESSAGE_SIZE) return false;
  const challenge = curve.scalars.reduceWide(challengeHash(parts.commitment, publicKey, message));
  const negated = scalarAt(curve.scalars.multiply(challenge, MINUS_ONE), 0);
  // Encoding what R must be costs no more than decoding R, and equal bytes are canonical bytes.
  const expected = curve.msm([curve.ristrettoBase(), key], [parts.response, negated]);
  return equalBytes(curve.ristrettoEncode([expected]), parts.commitment);
}

/** Checks many signatures by one random combination; when that fails, singly, to name the bad ones. */
export function schnorrVerifyBatch(curve: CurveBackend, claims: readonly SchnorrClaim[], random: Random): BatchVerdict {
  const terms = schnorrTerms(curve, claims, random);
  if (terms !== undefined && sumToIdentity(curve, [terms])) return { ok: true };
  const bad = [...claims.keys()].filter((index) => {
    const { publicKey, message, signature } = claims[index]!;
    return !schnorrVerify(curve, publicKey, message, signature);
  });
  return bad.length === 0 ? { ok: true } : { ok: false, bad };
}

/** Σ wᵢ·(sᵢ·G − Rᵢ − eᵢ·Pᵢ) with a random weight each; undefined where one of the claims is malformed. */
export function schnorrTerms(
  curve: CurveBackend,
  claims: readonly SchnorrClaim[],
  random: Random,
): EquationTerms | undefined {
  if (claims.length === 0) return NO_TERMS;
  const { scalars } = curve;
  const parts = claims.map(({ signature }) => parseSignature(signature));
  if (parts.some((part) => part === undefined)) return undefined;
  if (claims.some(({ publicKey, message }) => publicKey.length !== 32 || message.length !== MESSAGE_SIZE))
    return undefined;
  const commitments = joinItems(parts.map((part) => part!.commitment));
  const keys = joinItems(claims.map(({ publicKey }) => publicKey));
  const messages = joinItems(claims.map(({ message }) => message));
  const points = curve.ristrettoDecode(concatBytes(commitments, keys));
  if (points === undefined) return undefined;
  const hashes = taggedHashes(curve, CHALLENGE_TAG, claims.length, commitments, keys, messages);
  const weights = randomWeights(random, claims.length);
  const ofCommitments = scalars.multiply(weights, MINUS_ONE);
  const ofKeys = scalars.multiply(ofCommitments, scalars.reduceWide(hashes));
  const fixed = scalars.dot(weights, joinItems(parts.map((part) => part!.response)) as ScalarVector);
  return { fixed: joinScalars(fixed), points, factors: joinScalars(ofCommitments, ofKeys) };
}

/** e of PR-3, still to be read modulo ℓ. */
function challengeHash(commitment: Uint8Array, publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  return taggedHash(CHALLENGE_TAG, commitment, publicKey, message);
}

function baseMultiple(curve: CurveBackend, secret: Scalar) {
  return curve.fixedMsmSecret(commitmentGenerators(curve).table, [secret]);
}

function parseSignature(
  signature: Uint8Array,
): { readonly commitment: Uint8Array; readonly response: Scalar } | undefined {
  if (signature.length !== SCHNORR_SIGNATURE_SIZE) return undefined;
  const response = parseScalar(signature.subarray(32));
  return response === undefined ? undefined : { commitment: signature.subarray(0, 32), response };
}
