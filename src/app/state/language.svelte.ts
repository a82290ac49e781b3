import { en, type Texts } from "../i18n/en.ts";
import { Formats } from "../i18n/formats.ts";
import type { ShownLanguage } from "../i18n/language-codes.ts";
import { loadTexts } from "../i18n/languages.ts";

/** The language shown now. */
export class Language {
  code = $state.raw<ShownLanguage>("en");
  texts = $state.raw<Texts>(en);
  readonly formats = $derived(new Formats(this.code));

  /** Keeps the language of before when the texts cannot be loaded. */
  async use(code: ShownLanguage): Promise<void> {
    try {
      this.texts = await loadTexts(code);
      this.code = code;
    } catch {
      // Offline and not precached yet: the person reads on in the language that is there.
    }
  }
}
