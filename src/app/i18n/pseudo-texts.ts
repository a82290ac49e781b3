import { en, type Texts, type Widen } from "./en.ts";
import type { PseudoLanguage } from "./language-codes.ts";

/** How much longer than English other languages get, German above all. */
const GROWTH = 0.4;
/** Stand for parameters while a text is made over: private-use characters, which no text of ours holds. */
const FIRST_PARAMETER = 0xe000;
const PARAMETERS = /[\ue000-\ue0ff]/g;
/** Right-to-left override and its end: letters between them run as those of Arabic and Hebrew do. */
const [OVERRIDE, OVERRIDE_END] = ["\u202e", "\u202c"];
/** A part that keeps its own direction, and its end. */
const [ISOLATE, ISOLATE_END] = ["\u2068", "\u2069"];

type Leaf = string | ((...parameters: readonly string[]) => string);
interface Branch {
  readonly [key: string]: Leaf | Branch;
}

/** Every word longer by GROWTH at least, in itself: that is what breaks lines and buttons. */
function longer(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => {
    const extra = Math.ceil(word.length * GROWTH);
    return Array.from(word, (letter, index) => (index < extra ? letter + letter : letter)).join("");
  });
}

/** Every word runs from right to left, as do the lines; what is put in between keeps its direction. */
function rightToLeft(text: string): string {
  return text
    .replace(/\p{L}[\p{L}’'-]*/gu, (word) => `${OVERRIDE}${word}${OVERRIDE_END}`)
    .replace(PARAMETERS, (parameter) => `${ISOLATE}${parameter}${ISOLATE_END}`);
}

const MAKE: Readonly<Record<PseudoLanguage, (text: string) => string>> = { long: longer, rtl: rightToLeft };

function makeLeaf(leaf: Leaf, make: (text: string) => string): Leaf {
  if (typeof leaf === "string") return make(leaf);
  return (...parameters) => {
    const marks = parameters.map((_, index) => String.fromCharCode(FIRST_PARAMETER + index));
    return make(leaf(...marks)).replace(PARAMETERS, (mark) => parameters[mark.charCodeAt(0) - FIRST_PARAMETER] ?? "");
  };
}

function makeBranch(branch: Branch, make: (text: string) => string): Branch {
  return Object.fromEntries(
    Object.entries(branch).map(([key, value]) => [
      key,
      typeof value === "object" ? makeBranch(value, make) : makeLeaf(value, make),
    ]),
  );
}

/** English texts made over, with the same keys and parameters. */
export function madeOver<T extends object>(texts: T, language: PseudoLanguage): Widen<T> {
  return makeBranch(texts as Branch, MAKE[language]) as unknown as Widen<T>;
}

/** Those of the app. */
export function pseudoTexts(language: PseudoLanguage): Texts {
  return madeOver(en, language);
}
