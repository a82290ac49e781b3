import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { ShownLanguage } from "../../src/app/i18n/language-codes.ts";
import type { Harness } from "../app/harness.ts";
import { type AppVisitor, PHONE, withVisitor } from "../support/app-visitor.ts";
import { SCREEN_STATES } from "../support/screen-states/all-states.ts";
import { misfitsOf, NARROW_AND_WHOLE, setTextSize, smallTargetsOf } from "../support/text-fits.ts";

declare const harness: Harness;

const LANGUAGES: readonly ShownLanguage[] = ["zh", "rtl", "long", "en"];
const WAY = { ...PHONE, viewport: NARROW_AND_WHOLE };

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

/** What does not fit, by language: at the usual size of text what is too small for a finger, at twice that size all. */
async function misfitsIn(page: Page, language: ShownLanguage): Promise<readonly string[]> {
  await page.evaluate((code) => harness.app.language.use(code), language);
  const small = await smallTargetsOf(page);
  await setTextSize(page, 200);
  const misfits = await misfitsOf(page);
  await setTextSize(page, 100);
  return [...small, ...misfits];
}

describe("at 320 px and twice the text size, in English, Chinese, from right to left, and 40 % longer", () => {
  it.each(SCREEN_STATES)("$name fits, nothing is cut, and targets are as large as a finger", async (state) => {
    const page = await visitor.open(state.path, state.scene, WAY);
    for (const { name, then } of [state, ...(state.next ?? [])]) {
      await then?.(page);
      for (const language of LANGUAGES)
        expect.soft([name, language, ...(await misfitsIn(page, language))]).toEqual([name, language]);
    }
  });
});
