import { concatBytes } from "../bytes/concat-bytes.ts";
import { u32, u8 } from "../bytes/writer.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { RANGE_BITS, type RangeStatement } from "./range-proof.ts";
import { taggedHashes } from "./tagged-hash.ts";

/**
 * Challenges of a range proof (RG-2). Everything the proof is about is hashed before the first of them, so nothing can
 * be chosen to suit a challenge (weak Fiat–Shamir). Each is 64 bytes, still to be read modulo ℓ, where it must not be zero.
 */
export class RangeProofTranscript {
  readonly #curve: Pick<CurveBackend, "sha512Batch">;
  #state: Uint8Array;

  constructor(curve: Pick<CurveBackend, "sha512Batch">, statement: RangeStatement, a: Uint8Array) {
    const { chainId, context, commitments } = statement;
    const counts = [u8(RANGE_BITS), u8(commitments.length)];
    this.#curve = curve;
    this.#state = taggedHashes(curve, "stg/bpp", 1, u32(chainId), ...counts, context, concatBytes(...commitments), a);
  }

  y(): Uint8Array {
    return this.#challenge("stg/bpp/y");
  }

  z(): Uint8Array {
    return this.#challenge("stg/bpp/z");
  }

  round(left: Uint8Array, right: Uint8Array): Uint8Array {
    return this.#challenge("stg/bpp/r", left, right);
  }

  last(a1: Uint8Array, b1: Uint8Array): Uint8Array {
    return this.#challenge("stg/bpp/e", a1, b1);
  }

  #challenge(tag: string, ...items: readonly Uint8Array[]): Uint8Array {
    this.#state = taggedHashes(this.#curve, tag, 1, this.#state, ...items);
    return this.#state;
  }
}
