import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

/** Bytes a sealed text is longer than its plaintext. */
export const AEAD_TAG_SIZE = 16;
/** PR-5: zeros, because a key seals one text only. */
const NONCE = new Uint8Array(12);

/** ChaCha20-Poly1305 of RFC 8439 (PR-5). Each key MUST be used once. */
export function aeadSeal(key: Uint8Array, plaintext: Uint8Array, associatedData?: Uint8Array): Uint8Array {
  return chacha20poly1305(key, NONCE, associatedData).encrypt(plaintext);
}

/** The plaintext, or undefined when key, associated data or text is not what was sealed. */
export function aeadOpen(key: Uint8Array, sealed: Uint8Array, associatedData?: Uint8Array): Uint8Array | undefined {
  if (sealed.length < AEAD_TAG_SIZE) return undefined;
  // The sizes are right, so all that is left to throw for is the tag.
  try {
    return chacha20poly1305(key, NONCE, associatedData).decrypt(sealed);
  } catch {
    return undefined;
  }
}
