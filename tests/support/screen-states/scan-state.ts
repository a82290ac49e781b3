import type { Page } from "playwright-core";
import type { Harness } from "../../app/harness.ts";
import { type AppVisitor, DESK, PHONE, type Way } from "../app-visitor.ts";
import { type Violation, violationsOn } from "../axe-scan.ts";
import type { ScreenState } from "./screen-state.ts";

declare const harness: Harness;

/** Both languages in both themes, a narrow and a wide window in each. */
const WAYS: readonly Way[] = [PHONE, { ...DESK, lang: "en" }, DESK, { ...PHONE, lang: "zh" }];

/** What axe has to say of one state, seen in one way. */
export interface Scan {
  readonly state: string;
  readonly lang: Way["lang"];
  readonly colorScheme: Way["colorScheme"];
  readonly violations: readonly Violation[];
}

/** Changes language, theme and window of an open page, which keeps its state, and waits until all of it is drawn. */
export async function lookAt(page: Page, { lang, colorScheme, viewport }: Way): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(viewport);
  await page.evaluate((code) => harness.app.language.use(code), lang);
  await frames(page);
  // A second pane comes with the wider window, and its screen a moment after it.
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".pane:not(.nothing)")].every((pane) => pane.querySelector("h1") !== null),
  );
  await stillness(page);
  await page.evaluate(() => {
    // Colours that fade from one theme to the other are nobody's colours.
    for (const animation of document.getAnimations())
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
  });
}

/** The page has been drawn once more, with what became known meanwhile. */
async function frames(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );
}

/** Screens that are drawn in several tasks are whole: nothing came from one drawing to the next. */
async function stillness(page: Page): Promise<void> {
  const count = (): Promise<number> => page.evaluate(() => document.querySelectorAll("*").length);
  let before = -1;
  for (let now = await count(); now !== before; now = await count()) {
    before = now;
    await frames(page);
  }
}

/** Opens a state, then those that follow it, and scans each in every way, all in one page load. */
export async function scanState(visitor: AppVisitor, state: ScreenState, scanned: (scan: Scan) => void): Promise<void> {
  const page = await visitor.open(state.path, state.scene);
  for (const { name, then } of [state, ...(state.next ?? [])]) {
    await then?.(page);
    for (const way of WAYS) {
      await lookAt(page, way);
      const violations = await violationsOn(page);
      scanned({ state: name, lang: way.lang, colorScheme: way.colorScheme, violations });
    }
  }
}
