import { hkdf } from "@noble/hashes/hkdf.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeUtf8 } from "../bytes/utf8.ts";

/** Bytes of every derived key. */
const KEY_SIZE = 32;
/** Bytes of the salt that goes with it. */
export const KEY_SALT_SIZE = 16;

/** scrypt's N as a power of two, with r = 8 and p = 1: 64 MiB, a quarter of a second, a second on a cheap phone. */
export const PASSPHRASE_COST_LOG2 = 16;
/** Below it guessing is cheap; above it a phone runs out of memory or patience. */
export const PASSPHRASE_COST_LOG2_MIN = 14;
export const PASSPHRASE_COST_LOG2_MAX = 18;
const BLOCK_SIZE = 8;
/** What scrypt needs is 128·N·r bytes and a little. */
const MEMORY_BYTES_MAX = 128 * BLOCK_SIZE * (2 ** PASSPHRASE_COST_LOG2_MAX + 8);

/**
 * A key for a text that a person knows: scrypt of RFC 7914, 32 bytes, however the text's letters were composed. Throws
 * RangeError for a cost out of bounds: whoever decodes one checks it.
 */
export function passphraseKey(passphrase: string, salt: Uint8Array, costLog2: number): Uint8Array {
  if (!isPassphraseCost(costLog2)) throw new RangeError(`cost ${costLog2}`);
  const cost = { N: 2 ** costLog2, r: BLOCK_SIZE, p: 1, dkLen: KEY_SIZE, maxmem: MEMORY_BYTES_MAX };
  return scrypt(encodeUtf8(passphrase.normalize("NFKC")), salt, cost);
}

export function isPassphraseCost(costLog2: number): boolean {
  return costLog2 >= PASSPHRASE_COST_LOG2_MIN && costLog2 <= PASSPHRASE_COST_LOG2_MAX;
}

/** HKDF-SHA-256 of RFC 5869, 32 bytes, from a secret that is already uniform; `use` keeps keys for different ends apart. */
export function expandedKey(secret: Uint8Array, salt: Uint8Array, use: string): Uint8Array {
  return hkdf(sha256, secret, salt, encodeUtf8(use), KEY_SIZE);
}
