import { wordlist } from "@scure/bip39/wordlists/english.js";

const knownWords = new Set(wordlist);

/** True for a word of the English BIP-39 list, in small letters. */
export function isKnownWord(word: string): boolean {
  return knownWords.has(word);
}

/** Words of the list that begin so, in its order: what a person may be typing. Four letters leave one at most. */
export function knownWordsFrom(beginning: string, countMax: number): readonly string[] {
  const found: string[] = [];
  for (const word of wordlist) {
    if (found.length === countMax) break;
    if (word.startsWith(beginning)) found.push(word);
  }
  return found;
}
