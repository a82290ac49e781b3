import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** A rule that is broken, and the elements that break it. */
export type Violation = readonly [rule: string, ...elements: string[]];

/** Does nothing, but is not empty: the builder would put all of axe in its place. */
const ALREADY_THERE = ";";

/** What axe has to say of a page as it stands; empty where all is well. */
export async function violationsOn(page: Page): Promise<readonly Violation[]> {
  // To read half a megabyte of axe takes three times as long as to let it look: once in each load of a page is enough.
  const isThere = await page.evaluate(() => "axe" in window);
  const builder = new AxeBuilder({ page, ...(isThere ? { axeSource: ALREADY_THERE } : {}) });
  // The other mode opens one more page for each scan, for frames that we do not have.
  const { violations } = await builder
    .setLegacyMode()
    // Off by itself: what lies over a target makes it too small for a finger (WCAG 2.5.8).
    .options({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } })
    .analyze();
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)] as const);
}
