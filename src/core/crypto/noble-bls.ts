import { bls12_381 } from "@noble/curves/bls12-381.js";
import { equalBytes } from "../bytes/compare-bytes.ts";
import type { BlsBackend } from "./bls-backend.ts";
import { BlsKeyCache } from "./bls-key-cache.ts";
import { bigintOf } from "./scalar.ts";
import { taggedHash } from "./tagged-hash.ts";

const { longSignatures, G1, G2, fields } = bls12_381;
type PublicPoint = InstanceType<typeof G1.Point>;
type SignaturePoint = InstanceType<typeof G2.Point>;

/** Domains of PR-7: a proof of possession can never pass for a signature. */
const SIGNATURE_DOMAIN = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_DOMAIN = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
export const BLS_PUBLIC_KEY_BYTES = 48;
export const BLS_SIGNATURE_BYTES = 96;

/** LE(TH("stg/bls", seed)) mod r (PR-7), as the 32 big-endian bytes that BLS libraries take. */
export function deriveBlsSecret(seed: Uint8Array): Uint8Array {
  return fields.Fr.toBytes(fields.Fr.create(bigintOf(taggedHash("stg/bls", seed))));
}

/** A point in its prime-order subgroup, not the identity, of exactly these bytes; undefined for anything else. */
function decode<P extends PublicPoint | SignaturePoint>(
  parse: (bytes: Uint8Array) => P,
  bytes: Uint8Array,
  size: number,
): P | undefined {
  if (bytes.length !== size) return undefined;
  let point: P;
  // noble has no decoder that answers instead of throwing; the size is right, so it can only mean the contents.
  try {
    point = parse(bytes);
  } catch {
    return undefined;
  }
  const isGood = !point.is0() && point.isTorsionFree() && equalBytes(point.toBytes(), bytes);
  return isGood ? point : undefined;
}

const decodeSignature = (bytes: Uint8Array): SignaturePoint | undefined =>
  decode((encoding) => G2.Point.fromBytes(encoding), bytes, BLS_SIGNATURE_BYTES);

/** BLS on BigInt arithmetic: for browsers, and the reference for the native one. */
export function createNobleBls(): BlsBackend {
  const keys = new BlsKeyCache((bytes) =>
    decode((encoding) => G1.Point.fromBytes(encoding), bytes, BLS_PUBLIC_KEY_BYTES),
  );

  function sign(seed: Uint8Array, message: Uint8Array, domain: string): Uint8Array {
    return longSignatures.sign(longSignatures.hash(message, domain), deriveBlsSecret(seed)).toBytes();
  }

  function check(key: PublicPoint | undefined, message: Uint8Array, signature: Uint8Array, domain: string): boolean {
    // Keys whose sum is the identity would make the identity a valid signature.
    if (key === undefined || key.is0()) return false;
    const point = decodeSignature(signature);
    return point !== undefined && longSignatures.verify(point, longSignatures.hash(message, domain), key);
  }

  return {
    name: "noble",
    publicKey: (seed) => longSignatures.getPublicKey(deriveBlsSecret(seed)).toBytes(),
    sign: (seed, message) => sign(seed, message, SIGNATURE_DOMAIN),
    verify: (key, message, signature) => check(keys.get(key), message, signature, SIGNATURE_DOMAIN),
    aggregate(signatures) {
      let sum: SignaturePoint = G2.Point.ZERO;
      for (const signature of signatures) {
        const point = decodeSignature(signature);
        if (point === undefined) return undefined;
        sum = sum.add(point);
      }
      return sum.is0() ? undefined : sum.toBytes();
    },
    verifyAggregate(publicKeys, message, signature) {
      const points = keys.getAll(publicKeys);
      const sum = points?.reduce((total, point) => total.add(point));
      return check(sum, message, signature, SIGNATURE_DOMAIN);
    },
    prove: (seed, message) => sign(seed, message, POSSESSION_DOMAIN),
    verifyPossession: (key, message, proof) => check(keys.get(key), message, proof, POSSESSION_DOMAIN),
    isPublicKey: (key) => keys.get(key) !== undefined,
  };
}
