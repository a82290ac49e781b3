import { wordlist } from "@scure/bip39/wordlists/english.js";
import { decodeWords, encodeWords, type WordCodeFault } from "./word-code.ts";

/** Words of one phrase (AD-1). */
export const RECOVERY_WORD_COUNT = 24;
const SEED_SIZE = 32;

const knownWords = new Set(wordlist);

export type RecoveryWordsParseCode = WordCodeFault;

/** True for a word of the list, in small letters. */
export function isRecoveryWord(word: string): boolean {
  return knownWords.has(word);
}

/** Words of the list that begin so, in its order: what a person may be typing. Four letters leave one at most. */
export function recoveryWordsFrom(beginning: string, countMax: number): readonly string[] {
  const found: string[] = [];
  for (const word of wordlist) {
    if (found.length === countMax) break;
    if (word.startsWith(beginning)) found.push(word);
  }
  return found;
}

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
