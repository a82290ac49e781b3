import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

/** Words of one phrase (AD-1). */
export const RECOVERY_WORD_COUNT = 24;
/** Longest word of the list; bounds what a parser looks at. */
const WORD_SIZE_MAX = 8;
const SEED_SIZE = 32;

const knownWords = new Set(wordlist);

export type RecoveryWordsParseCode = "empty" | "bad_count" | "unknown_word" | "bad_checksum";

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
  return entropyToMnemonic(seed, wordlist);
}

/** Parses what a person types: any spacing, any case. `unknown_word` says at which word (from 0) to look. */
export function parseRecoveryWords(
  text: string,
):
  | { readonly ok: true; readonly seed: Uint8Array }
  | { readonly ok: false; readonly code: RecoveryWordsParseCode; readonly index?: number } {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words[0] === "") return { ok: false, code: "empty" };
  const index = words.findIndex((word) => word.length > WORD_SIZE_MAX || !knownWords.has(word));
  if (index >= 0) return { ok: false, code: "unknown_word", index };
  if (words.length !== RECOVERY_WORD_COUNT) return { ok: false, code: "bad_count" };
  // Count and words are right, so the checksum is all that is left for the library to refuse.
  try {
    return { ok: true, seed: mnemonicToEntropy(words.join(" "), wordlist) };
  } catch {
    return { ok: false, code: "bad_checksum" };
  }
}
