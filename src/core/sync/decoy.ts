import { u16, u40 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { uniformDraw } from "../crypto/uniform-draw.ts";
import type { Hash } from "../values/hash.ts";

/** Buckets permuted together, and how many are asked for at once. */
const WINDOW_SIZE = 768;
const TRIPLE_SIZE = 3;

/** The key of a wallet's decoys, out of the secret behind its view key (NW-7). */
export function decoySecret(viewSecret: Uint8Array): Hash {
  return hash32("stg/decoy-key", viewSecret);
}

/** The permutation of one aligned window of buckets: Fisher–Yates from the end, drawn from the wallet's secret. */
export function decoyPermutation(secret: Hash, window: number): readonly number[] {
  const values = Array.from({ length: WINDOW_SIZE }, (_, index) => index);
  for (let index = WINDOW_SIZE - 1; index > 0; index--) {
    const seed = hash32("stg/decoy", secret, u40(window), u16(index));
    const other = uniformDraw(seed, index + 1);
    [values[index], values[other]] = [values[other]!, values[index]!];
  }
  return values;
}

/**
 * [NW-7] The three buckets to ask for, ascending, whichever of them was meant. They depend on nothing but the secret,
 * so repeats, restarts and restores ask for the same three and teach a server nothing. A caller that asks often keeps
 * {@link decoyPermutation} of the window.
 */
export function decoyTriple(
  secret: Hash,
  bucket: number,
  permutation: readonly number[] = decoyPermutation(secret, windowOf(bucket)),
): readonly [number, number, number] {
  const base = windowOf(bucket) * WINDOW_SIZE;
  const place = permutation.indexOf(bucket - base);
  const first = place - (place % TRIPLE_SIZE);
  const triple = permutation.slice(first, first + TRIPLE_SIZE).map((value) => base + value);
  const [low, middle, high] = triple.sort((left, right) => left - right);
  return [low!, middle!, high!];
}

/** The window a bucket lies in. */
export function windowOf(bucket: number): number {
  return Math.floor(bucket / WINDOW_SIZE);
}
