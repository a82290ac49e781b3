import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Brand } from "./brand.ts";

/** 32 bytes that came out of a hash, or the all-zero sentinel. */
export type Hash = Brand<Uint8Array, "Hash">;

export const HASH_SIZE = 32;

/** Brands 32 bytes; any other size throws RangeError. */
export function hash(bytes: Uint8Array): Hash {
  if (bytes.length !== HASH_SIZE) throw new RangeError(`hash of ${bytes.length} bytes`);
  return bytes as Hash;
}

/** 32 zero bytes: an empty subtree, a nil vote, the parent of genesis. */
export const ZERO_HASH: Hash = hash(new Uint8Array(HASH_SIZE));

export function isZeroHash(value: Hash): boolean {
  return equalBytes(value, ZERO_HASH);
}
