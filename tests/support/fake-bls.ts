import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import { concatBytes, xorBytes } from "../../src/core/bytes/concat-bytes.ts";
import type { BlsBackend } from "../../src/core/crypto/bls-backend.ts";
import { taggedHash } from "../../src/core/crypto/tagged-hash.ts";

/**
 * Signatures anybody could make, in microseconds: for tests of what is signed rather than of who signs. Aggregates are
 * the exclusive or of their parts, so one signature taken twice is missing, as it would be wrong with real ones.
 */
export const fakeBls: BlsBackend = {
  name: "fake",
  publicKey: (seed) => taggedHash("test/bls-key", seed).slice(0, 48),
  sign: (seed, message) => signatureOf("test/bls-sign", fakeBls.publicKey(seed), message),
  verify: (key, message, signature) => equalBytes(signatureOf("test/bls-sign", key, message), signature),
  aggregate: (signatures) => (signatures.length === 0 ? undefined : signatures.reduce(xorBytes)),
  verifyAggregate: (keys, message, signature) =>
    keys.length > 0 &&
    equalBytes(keys.map((key) => signatureOf("test/bls-sign", key, message)).reduce(xorBytes), signature),
  prove: (seed, message) => signatureOf("test/bls-prove", fakeBls.publicKey(seed), message),
  verifyPossession: (key, message, proof) => equalBytes(signatureOf("test/bls-prove", key, message), proof),
  isPublicKey: (key) => key.length === 48,
};

function signatureOf(tag: string, key: Uint8Array, message: Uint8Array): Uint8Array {
  return concatBytes(taggedHash(tag, key, message), taggedHash(`${tag}-2`, key, message).slice(0, 32));
}
