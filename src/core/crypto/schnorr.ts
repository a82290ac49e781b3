import { equalBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { commitmentGenerators } from "./commitment.ts";
import { decodePoint } from "./point.ts";
import {
  addScalars,
  bigintOf,
  multiplyScalars,
  parseScalar,
  scalarOf,
  subtractScalars,
  ZERO_SCALAR,
  type Scalar,
} from "./scalar.ts";
import { hashToScalar } from "./tagged-hash.ts";

/** R ‖ s (PR-3). */
export const SCHNORR_SIGNATURE_SIZE = 64;
const MESSAGE_SIZE = 32;
/** 128-bit weights: a wrong batch passes with a chance of 2^-128. */
const WEIGHT_SIZE = 16;

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
  const nonce = hashToScalar("stg/nonce", secret, message, aux);
  const commitment = curve.ristrettoEncode([baseMultiple(curve, nonce)]);
  const challenge = hashToScalar("stg/sig", commitment, schnorrPublicKey(curve, secret), message);
  return concatBytes(commitment, addScalars(nonce, multiplyScalars(challenge, secret)));
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
  const challenge = hashToScalar("stg/sig", parts.commitment, publicKey, message);
  const negated = subtractScalars(ZERO_SCALAR, challenge);
  // Encoding what R must be costs no more than decoding R, and equal bytes are canonical bytes.
  const expected = curve.msm([curve.ristrettoBase(), key], [parts.response, negated]);
  return equalBytes(curve.ristrettoEncode([expected]), parts.commitment);
}

/** Checks many signatures by one random combination; when that fails, singly, to name the bad ones. */
export function schnorrVerifyBatch(curve: CurveBackend, claims: readonly SchnorrClaim[], random: Random): BatchVerdict {
  if (holdsTogether(curve, claims, random)) return { ok: true };
  const bad = [...claims.keys()].filter((index) => {
    const { publicKey, message, signature } = claims[index]!;
    return !schnorrVerify(curve, publicKey, message, signature);
  });
  return bad.length === 0 ? { ok: true } : { ok: false, bad };
}

/** Σ wᵢ·(sᵢ·G − Rᵢ − eᵢ·Pᵢ) is the identity. */
function holdsTogether(curve: CurveBackend, claims: readonly SchnorrClaim[], random: Random): boolean {
  const encodings: Uint8Array[] = [];
  const scalars: Scalar[] = [];
  let baseFactor = 0n;
  for (const { publicKey, message, signature } of claims) {
    const parts = parseSignature(signature);
    if (parts === undefined || publicKey.length !== 32 || message.length !== MESSAGE_SIZE) return false;
    const weight = bigintOf(random.bytes(WEIGHT_SIZE));
    const challenge = bigintOf(hashToScalar("stg/sig", parts.commitment, publicKey, message));
    baseFactor += weight * bigintOf(parts.response);
    encodings.push(parts.commitment, publicKey);
    scalars.push(scalarOf(-weight), scalarOf(-weight * challenge));
  }
  const points = curve.ristrettoDecode(concatBytes(...encodings));
  if (points === undefined) return false;
  return curve.isIdentity(curve.msm([curve.ristrettoBase(), ...points], [scalarOf(baseFactor), ...scalars]));
}

function baseMultiple(curve: CurveBackend, secret: Scalar) {
  return curve.fixedMsmSecret(commitmentGenerators(curve).table, [secret]);
}

function parseSignature(
  signature: Uint8Array,
): { readonly commitment: Uint8Array; readonly response: Scalar } | undefined {
  if (signature.length !== SCHNORR_SIGNATURE_SIZE) return undefined;
  const response = parseScalar(signature.slice(32));
  return response === undefined ? undefined : { commitment: signature.slice(0, 32), response };
}
