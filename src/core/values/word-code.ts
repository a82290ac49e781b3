import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

/** Longest word of the list; bounds what a parser looks at. */
const WORD_SIZE_MAX = 8;

const knownWords = new Set(wordlist);

export type WordCodeFault = "empty" | "bad_count" | "unknown_word" | "bad_checksum";

export type WordCodeResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: WordCodeFault; readonly index?: number };

/** 16 or 32 bytes as 12 or 24 English words with a checksum of 4 or 8 bits: the coding of BIP-39, without its PBKDF2. */
export function encodeWords(bytes: Uint8Array): string {
  return entropyToMnemonic(bytes, wordlist);
}

/** Parses what a person types: any spacing, any case. `unknown_word` says at which word (from 0) to look. */
export function decodeWords(text: string, count: 12 | 24): WordCodeResult {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words[0] === "") return { ok: false, code: "empty" };
  const index = words.findIndex((word) => word.length > WORD_SIZE_MAX || !knownWords.has(word));
  if (index >= 0) return { ok: false, code: "unknown_word", index };
  if (words.length !== count) return { ok: false, code: "bad_count" };
  // Count and words are right, so the checksum is all that is left for the library to refuse.
  try {
    return { ok: true, bytes: mnemonicToEntropy(words.join(" "), wordlist) };
  } catch {
    return { ok: false, code: "bad_checksum" };
  }
}
