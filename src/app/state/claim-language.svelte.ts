import { type ClaimTexts, loadClaimTexts } from "../i18n/claim-texts.ts";
import { claimTexts } from "../i18n/en/claim.ts";
import { Formats } from "../i18n/formats.ts";
import type { ShownLanguage } from "../i18n/language-codes.ts";

/** The language of the claim page, which has no other texts than its own. */
export class ClaimLanguage {
  code = $state.raw<ShownLanguage>("en");
  texts = $state.raw<ClaimTexts>(claimTexts);
  readonly formats = $derived(new Formats(this.code));

  /** Keeps the language of before when the texts cannot be loaded. */
  async use(code: ShownLanguage): Promise<void> {
    try {
      this.texts = await loadClaimTexts(code);
      this.code = code;
    } catch {
      // Offline: the person reads on in the language that is there.
    }
  }
}
