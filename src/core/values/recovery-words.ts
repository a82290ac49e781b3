import { decodeWords, encodeWords, type WordCodeFault } from "./word-code.ts";

/** Words of one phrase (AD-1). */
export const RECOVERY_WORD_COUNT = 24;
const SEED_SIZE = 32;

export type RecoveryWordsParseCode = WordCodeFault;

/** The 24 English BIP-39 words whose entropy is the seed itself, not a PBKDF2 result (AD-1). */
export function formatRecoveryWords(seed: Uint8Array): string {
  if (seed.length !== SEED_SIZE) throw new RangeError(`seed of ${seed.length} bytes`);
  return encodeWords(seed);
}

/** Parses what a person types: any spacing, any case. `unknown_word` says at which word (from 0) to look. */
export function parseRecoveryWords(
  text: string,
):
  | { readonly ok: true; readonly seed: Uint8Array }
  | { readonly ok: false; readonly code: RecoveryWordsParseCode; readonly index?: number } {
  const decoded = decodeWords(text, RECOVERY_WORD_COUNT);
  return decoded.ok ? { ok: true, seed: decoded.bytes } : decoded;
}
