import { aggregateSignatures, fastAggregateVerify, PublicKey, SecretKey, Signature, verify } from "@chainsafe/blst";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import { BlsKeyCache } from "../../core/crypto/bls-key-cache.ts";
import {
  BLS_PUBLIC_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  createNobleBls,
  deriveBlsSecret,
} from "../../core/crypto/noble-bls.ts";

/** Bytes to a checked point; undefined for wrong encoding, wrong subgroup or the identity. */
function decode<P extends { toBytes(): Uint8Array }>(
  parse: (bytes: Uint8Array) => P,
  bytes: Uint8Array,
  size: number,
): P | undefined {
  if (bytes.length !== size) return undefined;
  // The binding only throws; the size is right, so it means the contents.
  try {
    const point = parse(bytes);
    return equalBytes(point.toBytes(), bytes) ? point : undefined;
  } catch {
    return undefined;
  }
}

const decodeKey = (bytes: Uint8Array): PublicKey | undefined =>
  decode((encoding) => PublicKey.fromBytes(encoding, true), bytes, BLS_PUBLIC_KEY_BYTES);
const decodeSignature = (bytes: Uint8Array): Signature | undefined =>
  decode((encoding) => Signature.fromBytes(encoding, true, true), bytes, BLS_SIGNATURE_BYTES);

/** BLS by native code, about ten times faster than noble. Keys and signatures are checked when they are decoded. */
export function createBlstBls(): BlsBackend {
  const keys = new BlsKeyCache(decodeKey);
  // The binding knows the signature domain only (PR-7). Proofs of possession are rare: one a stake.
  const reference = createNobleBls();
  const secretOf = (seed: Uint8Array): SecretKey => SecretKey.fromBytes(deriveBlsSecret(seed));

  return {
    name: "blst",
    publicKey: (seed) => secretOf(seed).toPublicKey().toBytes(),
    sign: (seed, message) => secretOf(seed).sign(message).toBytes(),
    verify(publicKey, message, signature) {
      const key = keys.get(publicKey);
      const point = key === undefined ? undefined : decodeSignature(signature);
      return key !== undefined && point !== undefined && verify(message, key, point, false, false);
    },
    aggregate(signatures) {
      const points: Signature[] = [];
      for (const signature of signatures) {
        const point = decodeSignature(signature);
        if (point === undefined) return undefined;
        points.push(point);
      }
      if (points.length === 0) return undefined;
      const sum = aggregateSignatures(points, false).toBytes();
      // Signatures that cancel each other leave the identity, which is no signature.
      return decodeSignature(sum) === undefined ? undefined : sum;
    },
    verifyAggregate(publicKeys, message, signature) {
      const points = keys.getAll(publicKeys);
      const point = points === undefined ? undefined : decodeSignature(signature);
      if (points === undefined || point === undefined) return false;
      return fastAggregateVerify(message, [...points], point, false);
    },
    prove: (seed, message) => reference.prove(seed, message),
    verifyPossession: (key, message, proof) => reference.verifyPossession(key, message, proof),
    isPublicKey: (key) => keys.get(key) !== undefined,
  };
}
