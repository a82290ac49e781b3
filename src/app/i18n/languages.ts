import { en, type Texts } from "./en.ts";

export type LanguageCode = "en" | "zh";

/** Each language under its own name, as a person who reads it looks for it. */
export const LANGUAGE_NAMES: Readonly<Record<LanguageCode, string>> = { en: "English", zh: "中文" };

/** What `lang` of the document says, so that browsers choose the right glyphs and voices. */
export const LANGUAGE_TAGS: Readonly<Record<LanguageCode, string>> = { en: "en", zh: "zh-Hans" };

/** English is in the bundle, the others arrive on demand; one that does not arrive is no reason to show nothing. */
export async function loadTexts(code: LanguageCode): Promise<Texts> {
  return code === "zh" ? (await import("./zh.ts")).zh : en;
}

export function isLanguageCode(text: string | null | undefined): text is LanguageCode {
  return text === "en" || text === "zh";
}

/** What `?lang=` of the page's address asks for. */
export function forcedLanguage(search: string): string | null {
  return new URLSearchParams(search).get("lang");
}

/** The forced language, else the person's own choice, else the first of the browser's that we have. */
export function chooseLanguage(
  forced: string | null,
  chosen: string | null,
  preferred: readonly string[],
): LanguageCode {
  if (isLanguageCode(forced)) return forced;
  if (isLanguageCode(chosen)) return chosen;
  return preferred.map((tag) => tag.split("-")[0]?.toLowerCase()).find(isLanguageCode) ?? "en";
}
