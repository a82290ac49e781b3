export type LanguageCode = "en" | "zh";

/** Made from the English texts, to see what breaks before somebody speaks such a language: `?lang=` alone shows them. */
export type PseudoLanguage = "long" | "rtl";

/** Whatever the page may be shown in. */
export type ShownLanguage = LanguageCode | PseudoLanguage;

/** Each language under its own name, as a person who reads it looks for it. */
export const LANGUAGE_NAMES: Readonly<Record<LanguageCode, string>> = { en: "English", zh: "中文" };

/** What `lang` of the document says, so that browsers choose the right glyphs and voices. */
export const LANGUAGE_TAGS: Readonly<Record<ShownLanguage, string>> = {
  en: "en",
  zh: "zh-Hans",
  long: "en-XA",
  rtl: "ar-XB",
};

/** `dir` of the document. */
export function directionOf(code: ShownLanguage): "ltr" | "rtl" {
  return code === "rtl" ? "rtl" : "ltr";
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
): ShownLanguage {
  if (isLanguageCode(forced) || forced === "long" || forced === "rtl") return forced;
  if (isLanguageCode(chosen)) return chosen;
  return preferred.map((tag) => tag.split("-")[0]?.toLowerCase()).find(isLanguageCode) ?? "en";
}
