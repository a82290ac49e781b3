import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import { xorBytes } from "../../src/core/bytes/concat-bytes.ts";
import { formatHex } from "../../src/core/bytes/hex.ts";
import type { BlsBackend } from "../../src/core/crypto/bls-backend.ts";
import { taggedHash } from "../../src/core/crypto/tagged-hash.ts";

/**
 * NOT a signature scheme; for long simulations only. A signature is a hash of the secret seed and the message and
 * verifying looks the seed up, so a simulated cheater cannot make one for a key whose seed it was not given.
 */
export class SimulationBls implements BlsBackend {
  readonly name = "simulation";
  /** Calls that would cost a pairing check each. */
  checks = 0;
  readonly #seeds = new Map<string, Uint8Array>();

  publicKey(seed: Uint8Array): Uint8Array {
    const key = taggedHash("fake/key", seed).slice(0, 48);
    this.#seeds.set(formatHex(key), seed);
    return key;
  }

  sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
    const left = taggedHash("fake/sig", seed, message);
    const signature = new Uint8Array(96);
    signature.set(left);
    signature.set(left.subarray(0, 32), 64);
    return signature;
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    return this.verifyAggregate([publicKey], message, signature);
  }

  aggregate(signatures: readonly Uint8Array[]): Uint8Array | undefined {
    if (signatures.length === 0 || signatures.some((signature) => signature.length !== 96)) return undefined;
    return signatures.reduce(xorBytes);
  }

  verifyAggregate(publicKeys: readonly Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean {
    this.checks += 1;
    const seeds = publicKeys.map((key) => this.#seeds.get(formatHex(key)));
    if (seeds.length === 0 || seeds.includes(undefined)) return false;
    const sum = this.aggregate(seeds.map((seed) => this.sign(seed!, message)));
    return sum !== undefined && equalBytes(sum, signature);
  }

  prove(seed: Uint8Array, message: Uint8Array): Uint8Array {
    return this.sign(seed, taggedHash("fake/pop", message));
  }

  verifyPossession(publicKey: Uint8Array, message: Uint8Array, proof: Uint8Array): boolean {
    return this.verify(publicKey, taggedHash("fake/pop", message), proof);
  }

  isPublicKey(publicKey: Uint8Array): boolean {
    return publicKey.length === 48;
  }
}
