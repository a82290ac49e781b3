import { isKnownWord, knownWordsFrom } from "../../core/values/known-words.ts";
import { parseRecoveryWords, RECOVERY_WORD_COUNT } from "../../core/values/recovery-words.ts";

/** Suggestions shown at once: as many as fit one line of a phone. */
const SUGGESTIONS_MAX = 4;
/** Letters shown of a wrong word: no word of the list has more than eight. */
export const WRONG_WORD_LENGTH_MAX = 12;

export type PhraseProblem = "empty" | "unknown_word" | "too_few" | "too_many" | "bad_checksum";

/** What can be said of typed recovery words. It holds no more of them than the person is looking at. */
export interface PhraseCheck {
  readonly count: number;
  readonly problem: PhraseProblem | undefined;
  /** The first word that is not in the list, numbered from 1 and cut if it is long, and words that begin as it does. */
  readonly wrong: { readonly number: number; readonly word: string; readonly alike: readonly string[] } | undefined;
  /** How the word at the end may go on. */
  readonly endings: readonly string[];
}

/** The words in what people type or paste: numbered lists, commas, capitals, wide letters of an input method. */
export function cleanPhrase(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^a-z]+/g, " ")
    .trim();
}

/** While the person still types, the last word may be half a word, and words may be missing. */
export function checkPhrase(text: string, isFinished: boolean): PhraseCheck {
  const phrase = cleanPhrase(text);
  const words = phrase === "" ? [] : phrase.split(" ");
  const typed = isFinished || !/[a-zA-Z]$/.test(text.normalize("NFKC")) ? undefined : words.at(-1);
  // What fits no word is not going to; what fits only itself is finished.
  const endings = typed === undefined ? [] : knownWordsFrom(typed, SUGGESTIONS_MAX).filter((word) => word !== typed);
  const finished = endings.length > 0 ? words.slice(0, -1) : words;
  const wrong = firstWrong(finished);
  const base = { count: words.length, wrong, endings };
  if (wrong !== undefined) return { ...base, problem: "unknown_word" };
  if (words.length > RECOVERY_WORD_COUNT) return { ...base, problem: "too_many" };
  if (finished.length === RECOVERY_WORD_COUNT)
    return { ...base, problem: hasChecksum(phrase) ? undefined : "bad_checksum" };
  if (!isFinished) return { ...base, problem: undefined };
  return { ...base, problem: words.length === 0 ? "empty" : "too_few" };
}

function firstWrong(words: readonly string[]): PhraseCheck["wrong"] {
  const index = words.findIndex((word) => !isKnownWord(word));
  const word = words[index];
  if (word === undefined) return undefined;
  const isLong = word.length > WRONG_WORD_LENGTH_MAX;
  const shown = isLong ? `${word.slice(0, WRONG_WORD_LENGTH_MAX - 1)}…` : word;
  return { number: index + 1, word: shown, alike: wordsLike(word.slice(0, WRONG_WORD_LENGTH_MAX)) };
}

/** Words with the longest beginning in common, of two letters at least: slips are rare at the start of a word. */
function wordsLike(word: string): readonly string[] {
  for (let size = word.length; size >= 2; size--) {
    const alike = knownWordsFrom(word.slice(0, size), SUGGESTIONS_MAX);
    if (alike.length > 0) return alike;
  }
  return [];
}

function hasChecksum(phrase: string): boolean {
  const parsed = parseRecoveryWords(phrase);
  // The page has no use for the seed: the client worker makes its own.
  if (parsed.ok) parsed.seed.fill(0);
  return parsed.ok;
}

/** The text with its first wrong word, or its unfinished last one, replaced by a word of the list. */
export function replaceWord(text: string, check: PhraseCheck, word: string): string {
  const number = check.wrong?.number ?? check.count;
  const words = cleanPhrase(text).split(" ");
  words[number - 1] = word;
  return `${words.join(" ")} `;
}
