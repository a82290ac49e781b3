/**
 * BLS12-381 with public keys in G1 (48 B) and signatures in G2 (96 B), PR-7. blst does it in Node.js, noble in browsers.
 * Every method that takes peers' bytes checks encoding, subgroup and identity, and answers false instead of throwing.
 */
export interface BlsBackend {
  readonly name: string;
  /** Public key of the secret `LE(TH("stg/bls", seed)) mod r`, 48 bytes. */
  publicKey(seed: Uint8Array): Uint8Array;
  /** Signature of `message` under the key of `seed`, 96 bytes. */
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Sum of valid signatures; undefined if the list is empty or one is malformed. */
  aggregate(signatures: readonly Uint8Array[]): Uint8Array | undefined;
  /** One signature of several keys over one message. Keys need a proven possession (ST-1). */
  verifyAggregate(publicKeys: readonly Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean;
  /** Proof of possession over `message` (ST-1), with its own domain (PR-7). */
  prove(seed: Uint8Array, message: Uint8Array): Uint8Array;
  verifyPossession(publicKey: Uint8Array, message: Uint8Array, proof: Uint8Array): boolean;
  /** Canonical encoding, in the subgroup, not the identity. */
  isPublicKey(publicKey: Uint8Array): boolean;
}

/** One signature of all these keys over one message, to be verified. */
export interface AggregateClaim {
  readonly blsKeys: readonly Uint8Array[];
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}
