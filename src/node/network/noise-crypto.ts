import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { defaultCrypto } from "@libp2p/noise/crypto";
import type { NoiseCrypto } from "../../net/host/connection-stack.ts";

const CIPHER = "chacha20-poly1305";
const TAG_BYTES = 16;
const TAG = { authTagLength: TAG_BYTES };

/**
 * What Noise encrypts with in Node.js. Node takes longer to look at the bytes of a key than to encrypt a frame of a few
 * kilobytes, so it looks at the key of a connection's direction once. All but ChaCha20-Poly1305 (RFC 8439) is Noise's own.
 */
export function nodeNoiseCrypto(): NoiseCrypto {
  // By the bytes of the key, which Noise keeps as long as the direction lasts and never changes.
  const keys = new WeakMap<Uint8Array, KeyObject>();
  const keyOf = (bytes: Uint8Array): KeyObject => {
    const known = keys.get(bytes) ?? createSecretKey(bytes);
    keys.set(bytes, known);
    return known;
  };
  return {
    ...defaultCrypto,
    chaCha20Poly1305Encrypt(plaintext, nonce, associated, key) {
      const cipher = createCipheriv(CIPHER, keyOf(key), nonce, TAG);
      cipher.setAAD(associated, { plaintextLength: plaintext.byteLength });
      const encrypted = cipher.update(plaintext.subarray());
      cipher.final();
      return Buffer.concat([encrypted, cipher.getAuthTag()]);
    },
    /** @throws Error Where the tag is wrong, as Noise expects it. */
    chaCha20Poly1305Decrypt(ciphertext, nonce, associated, key) {
      const decipher = createDecipheriv(CIPHER, keyOf(key), nonce, TAG);
      const end = ciphertext.byteLength - TAG_BYTES;
      decipher.setAAD(associated, { plaintextLength: end });
      decipher.setAuthTag(ciphertext.subarray(end));
      const plaintext = decipher.update(ciphertext.subarray(0, end));
      decipher.final();
      return plaintext;
    },
  };
}
