import type { BlsBackend } from "../../core/crypto/bls-backend.ts";

/** A BLS backend that may be used once it has been loaded. */
export interface LaterBls {
  readonly bls: BlsBackend;
  /** Loads the library, or rejects; called again it goes on from there. */
  readonly load: () => Promise<void>;
}

/**
 * What is stored shows without a certificate being checked, and the library is a fifth of the client's script. It is
 * loaded before the network is opened and before a checkpoint is entered: nothing else has certificates checked. Using it
 * earlier is our own mistake and throws.
 */
export function laterBls(open: () => Promise<BlsBackend>): LaterBls {
  let loaded: BlsBackend | undefined;
  const own = (): BlsBackend => {
    if (loaded === undefined) throw new Error("BLS is not loaded");
    return loaded;
  };
  return {
    bls: {
      get name() {
        return own().name;
      },
      publicKey: (seed) => own().publicKey(seed),
      sign: (seed, message) => own().sign(seed, message),
      verify: (publicKey, message, signature) => own().verify(publicKey, message, signature),
      aggregate: (signatures) => own().aggregate(signatures),
      verifyAggregate: (publicKeys, message, signature) => own().verifyAggregate(publicKeys, message, signature),
      prove: (seed, message) => own().prove(seed, message),
      verifyPossession: (publicKey, message, proof) => own().verifyPossession(publicKey, message, proof),
      isPublicKey: (publicKey) => own().isPublicKey(publicKey),
    },
    load: async () => {
      loaded ??= await open();
    },
  };
}
