import type { Widen } from "./en.ts";
import { claimTexts } from "./en/claim.ts";
import type { ShownLanguage } from "./language-codes.ts";

/** The shape that the texts of the claim page have in every language. */
export type ClaimTexts = Widen<typeof claimTexts>;

/** English comes with the page, the others when they are wanted. Rejects where they cannot be loaded. */
export async function loadClaimTexts(code: ShownLanguage): Promise<ClaimTexts> {
  switch (code) {
    case "en":
      return claimTexts;
    case "zh":
      return (await import("./zh/claim.ts")).claimTexts;
    case "long":
    case "rtl":
      return (await import("./pseudo-texts.ts")).madeOver(claimTexts, code);
    default:
      return code satisfies never;
  }
}
