import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { ROUTES } from "../../src/app/state/routes.ts";
import { type AppVisitor, withVisitor } from "../support/app-visitor.ts";
import { SCREEN_STATES } from "../support/screen-states/all-states.ts";
import { scanState, type Scan } from "../support/screen-states/scan-state.ts";

const SCANS_MIN = 300;
const NARROW = { width: 320, height: 640 };

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

/** What does not fit a narrow window, and what is smaller there than a finger. */
async function misfits(page: Page): Promise<readonly string[]> {
  await page.setViewportSize(NARROW);
  const targets = page.locator("button:visible, a:visible:not(.skip), input:visible, textarea:visible");
  const small = await targets.evaluateAll((all) =>
    all
      // A box in a label is as large as its label.
      .map((target) => target.closest("label") ?? target)
      .filter((target) => target.getBoundingClientRect().height < 43.9 || target.getBoundingClientRect().width < 43.9)
      .map((target) => target.outerHTML),
  );
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  return width > NARROW.width ? [`${width} px wide`, ...small] : small;
}

describe("for everybody", () => {
  const scans: Scan[] = [];

  it.each(SCREEN_STATES)("$name passes axe, fits its width and has targets of 44 px", async (state) => {
    await scanState(visitor, state, async (scan, page) => {
      scans.push(scan);
      expect(scan).toEqual({ ...scan, violations: [] });
      // The theme changes no size.
      if (scan.colorScheme === "light") expect([scan.state, scan.lang, ...(await misfits(page))]).toHaveLength(2);
    });
  });

  it("has states for every route", () => {
    const paths = SCREEN_STATES.map(({ path }) => path.split("#")[0]);
    expect(ROUTES.filter((route) => !paths.includes(route))).toEqual([]);
  });

  it("has been scanned in both languages and both themes, often enough", () => {
    expect(scans.length).toBeGreaterThanOrEqual(SCANS_MIN);
    expect(new Set(scans.map(({ state, lang, colorScheme }) => `${state} ${lang} ${colorScheme}`)).size).toBe(
      scans.length,
    );
  });
});
