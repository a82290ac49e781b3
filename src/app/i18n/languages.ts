import { en, type Texts } from "./en.ts";
import type { ShownLanguage } from "./language-codes.ts";

/** English is in the bundle, the others arrive on demand; one that does not arrive is no reason to show nothing. */
export async function loadTexts(code: ShownLanguage): Promise<Texts> {
  switch (code) {
    case "en":
      return en;
    case "zh":
      return (await import("./zh.ts")).zh;
    case "long":
    case "rtl":
      return (await import("./pseudo-texts.ts")).pseudoTexts(code);
    default:
      return code satisfies never;
  }
}
