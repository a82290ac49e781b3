import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../architecture/source-files.ts";
import { AppHarness } from "../support/app-harness.ts";
import { violationsOn } from "../support/axe-scan.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { faintControlsOf, faintTextsOf, ringlessOf } from "../support/contrast.ts";
import { misfitsOf, NARROW, NARROW_AND_WHOLE, setTextSize } from "../support/text-fits.ts";

/** Pictures for people to look at; a folder that no commit holds. */
const PICTURES = join(ROOT, "dist/gallery");
const WAYS: readonly (BrowserContextOptions & { readonly name: string; readonly lang: string })[] = [
  { name: "light", lang: "en", colorScheme: "light" },
  { name: "dark", lang: "zh", colorScheme: "dark" },
  { name: "forced-colors", lang: "en", forcedColors: "active" },
  { name: "reduced-motion", lang: "en", reducedMotion: "reduce" },
];
const STRIPS = ["offline", "late", "too_old", "fork"] as const;

let site: AppHarness;
let browser: Browser;
const trouble: string[] = [];
beforeAll(async () => {
  [site, browser] = await Promise.all([AppHarness.start(), chromium.launch(CHROMIUM)]);
  await mkdir(PICTURES, { recursive: true });
});
afterAll(async () => {
  await browser.close();
  await site.stop();
});

async function open({ lang, ...options }: (typeof WAYS)[number]): Promise<Page> {
  const page = await (await browser.newContext({ ...options, viewport: { width: 360, height: 740 } })).newPage();
  page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(String(error)));
  await page.goto(`${site.url}/_/gallery?lang=${lang}`);
  await page.locator("svg[role=img]").nth(1).waitFor();
  // What a check of a draw has found is on view once it was asked for; the last one goes on.
  const checks = page.getByTestId("packet-verify");
  await checks.evaluateAll((buttons) => {
    for (const button of buttons) (button as HTMLButtonElement).click();
  });
  await page.getByTestId("packet-check").locator("progress").waitFor();
  return page;
}

describe.each(WAYS)("the gallery, $name", (way) => {
  it("shows every component and state: readable, large enough, with a ring for the keyboard", async () => {
    const page = await open(way);
    try {
      for (const strip of STRIPS) {
        await page.getByTestId(`strip-${strip}`).click();
        if (way.forcedColors === undefined) expect([strip, ...(await faintTextsOf(page))]).toEqual([strip]);
      }
      await page.setViewportSize({ width: 360, height: 6_000 });
      await page.screenshot({ path: join(PICTURES, `${way.name}.png`), fullPage: true });
      await page.getByTestId("gallery-checks").screenshot({ path: join(PICTURES, `${way.name}-checks.png`) });
      await page.getByTestId("gallery-avatars").screenshot({ path: join(PICTURES, `${way.name}-avatars.png`) });
      if (way.forcedColors === undefined) {
        expect(await faintControlsOf(page)).toEqual([]);
        expect(await ringlessOf(page)).toEqual([]);
      }
      expect(await violationsOn(page)).toEqual([]);

      await page.getByTestId("gallery-sheet").click();
      await page.locator("dialog[open]").waitFor();
      await page.screenshot({ path: join(PICTURES, `${way.name}-sheet.png`) });
      if (way.forcedColors === undefined) expect(await faintTextsOf(page)).toEqual([]);
      const moves = await page.evaluate(() => document.getAnimations().length);
      if (way.reducedMotion === "reduce") expect(moves).toBe(0);
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });

      await page.getByTestId("gallery-toast").click();
      expect((await page.locator("[aria-live=polite].visually-hidden").textContent())?.length).toBeGreaterThan(0);
      expect(trouble.splice(0)).toEqual([]);
    } finally {
      await page.context().close();
    }
  });

  it("fits 320 px at twice the text size, with targets of 44 px", async () => {
    const page = await open(way);
    try {
      await page.setViewportSize(NARROW);
      const small = await page
        .locator("button:visible, a:visible, input:visible, textarea:visible")
        .evaluateAll((all) =>
          all
            .map((target) => target.closest("label") ?? target)
            .filter(
              (target) => target.getBoundingClientRect().height < 43.9 || target.getBoundingClientRect().width < 43.9,
            )
            .map((target) => target.outerHTML),
        );
      expect(small).toEqual([]);
      await page.setViewportSize(NARROW_AND_WHOLE);
      await setTextSize(page, 200);
      await page.screenshot({ path: join(PICTURES, `${way.name}-large.png`), fullPage: true });
      expect(await misfitsOf(page)).toEqual([]);
    } finally {
      await page.context().close();
    }
  });
});
