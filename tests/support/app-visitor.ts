import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { HistoryRow, RestoreView, SyncView } from "../../src/api/views.ts";
import type { Harness } from "../app/harness.ts";
import { AppHarness } from "./app-harness.ts";
import { CHROMIUM } from "./chromium.ts";
import { type FakeAnswers, fakeAddress, LIVE } from "./fake-client.ts";

declare const harness: Harness;

/** A way to look at the app. */
export interface Way {
  readonly lang: "en" | "zh";
  readonly colorScheme: "light" | "dark";
  readonly viewport: { readonly width: number; readonly height: number };
}

export const PHONE: Way = { lang: "en", colorScheme: "light", viewport: { width: 360, height: 740 } };
export const DESK: Way = { lang: "zh", colorScheme: "dark", viewport: { width: 1280, height: 800 } };

/** Somebody who looks at the app over a fake client, screen by screen, in a browser of their own. */
export class AppVisitor {
  readonly site: AppHarness;
  /** Console errors and requests to strangers: both must stay empty. */
  readonly trouble: string[] = [];
  readonly #browser: Browser;
  // One page for every way to look: opening a browser context costs more than most tests.
  readonly #pages = new Map<string, Page>();

  private constructor(site: AppHarness, browser: Browser) {
    this.site = site;
    this.#browser = browser;
  }

  static async arrive(): Promise<AppVisitor> {
    return new AppVisitor(...(await Promise.all([AppHarness.start(), chromium.launch(CHROMIUM)])));
  }

  async leave(): Promise<void> {
    await this.#browser.close();
    await this.site.stop();
  }

  /** Opens a screen over a scene of tests/app/harness.ts, with nothing left of the visit before. */
  async open(path: string, scene = "full", way = PHONE): Promise<Page> {
    const [place = "", fragment] = path.split("#");
    const page = await this.#pageFor(way);
    // Going to the address it already shows would be a reload, which keeps what the history entry holds.
    await page.goto("about:blank");
    const end = fragment === undefined ? "" : `#${fragment}`;
    const mark = place.includes("?") ? "&" : "?";
    await page.goto(`${this.site.url}${place}${mark}scene=${scene}&lang=${way.lang}${end}`);
    await page.waitForFunction(() => (window as { harness?: Harness }).harness?.app.session.phase === "ready");
    await page.waitForSelector("h1");
    return page;
  }

  async #pageFor({ lang, colorScheme, viewport }: Way): Promise<Page> {
    let page = this.#pages.get(lang);
    if (page === undefined) {
      page = await (await this.#browser.newContext({ reducedMotion: "reduce", colorScheme })).newPage();
      this.#pages.set(lang, page);
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      page.on("console", (message) => message.type() === "error" && this.trouble.push(message.text()));
      page.on("pageerror", (error) => this.trouble.push(String(error)));
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(this.site.url) && !url.startsWith(`blob:${this.site.url}`) && url !== "about:blank")
          this.trouble.push(url);
      });
    }
    await page.setViewportSize(viewport);
    return page;
  }
}

/** Somebody for the tests of one file, whom no test of it may give trouble. */
export function withVisitor(arrived: (visitor: AppVisitor) => void): void {
  let visitor: AppVisitor | undefined;
  beforeAll(async () => arrived((visitor = await AppVisitor.arrive())));
  afterAll(() => visitor?.leave());
  afterEach(() => {
    expect(visitor?.trouble.splice(0)).toEqual([]);
  });
}

/** An element by its stable hook. */
export const hook = (page: Page, id: string): Locator => page.getByTestId(id);

/** Says what the client answers from now on. */
export async function answer(page: Page, answers: Partial<FakeAnswers>): Promise<void> {
  await page.evaluate((given) => Object.assign(harness.fake.answers, given), answers);
}

export async function showSync(page: Page, change: Partial<SyncView>): Promise<void> {
  await page.evaluate((sync) => harness.fake.emit({ type: "sync-changed", sync }), { ...LIVE, ...change });
}

export async function showHistory(page: Page, ...history: readonly HistoryRow[]): Promise<void> {
  await page.evaluate((rows) => harness.fake.emit({ type: "history-changed", history: rows }), history);
}

/** A restore in the middle. */
export const RESTORING: RestoreView = {
  rangesDone: 3,
  rangesTotal: 8,
  outputsChecked: 412_000,
  coinsFound: 3,
  isWaiting: false,
  problem: undefined,
};

export async function showRestore(page: Page, restore: RestoreView | undefined): Promise<void> {
  await page.evaluate((view) => harness.fake.emit({ type: "restore-changed", restore: view }), restore);
}

/** Fills the form of a payment and stops before the yes. */
export async function review(page: Page): Promise<void> {
  await hook(page, "pay-to").fill(fakeAddress(1));
  await hook(page, "pay-amount").fill("12.5");
  await hook(page, "pay-note").fill("Thank you");
  await hook(page, "pay-review").click();
  await hook(page, "pay-confirm").waitFor();
}

export async function pay(page: Page): Promise<void> {
  await review(page);
  await hook(page, "pay-confirm").click();
  await hook(page, "pay-status").waitFor();
}
