import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { zh } from "../../src/app/i18n/zh.ts";
import type { Problem } from "../../src/app/state/problem.ts";
import { AilingBrowser, launchBrowser } from "../support/ailing-browser.ts";
import { readWords } from "../support/browser.ts";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";

const WAIT_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** Before, in the middle of and after signing and storing; the last one only when the page says that it is stored. */
const CLOSED_AFTER_MS = [0, 150, 600, undefined];
const FAUCET_MICRO = "1000000000";

let devnet: Devnet;
let browser: Browser;

beforeAll(async () => {
  [devnet, browser] = await Promise.all([startDevnet(), launchBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await devnet.stop();
  await removeDevnet(devnet);
});

const tap = (page: Page, id: string): Promise<void> => page.getByTestId(id).first().click();

/** The screen of a stop: what happened, whether the coins are safe, what to do, a code. */
async function expectStop(page: Page, code: Problem, texts: typeof en | typeof zh = en): Promise<void> {
  const words = texts.stopped.problems[code];
  const screen = page.locator(`[data-testid="stopped"][data-code="${code}"]`);
  await screen.waitFor({ timeout: WAIT_MS }).catch(async () => {
    const stopped = page.getByTestId("stopped");
    const seen = (await stopped.count()) === 0 ? "goes on" : await stopped.first().getAttribute("data-code");
    throw new Error(`${code} expected, and the app ${seen}`);
  });
  const text = (await screen.textContent()) ?? "";
  for (const part of [words.title, words.text, words.action, code]) expect(text).toContain(part);
  // Nothing behind it looks like a wallet, old or new.
  for (const id of ["home-balance", "onboard-create"]) expect(await page.getByTestId(id).count()).toBe(0);
}

async function expectBalance(page: Page, micro: string): Promise<void> {
  await page.locator(`[data-testid="home-balance"][data-total="${micro}"]`).waitFor({ timeout: WAIT_MS });
}

async function expectLive(page: Page): Promise<void> {
  await page.locator('[data-testid="sync-state"][data-state="live"]').first().waitFor({ timeout: WAIT_MS });
}

async function makeWallet(page: Page): Promise<void> {
  await tap(page, "onboard-create");
  await expectLive(page);
}

/** Everything that was sent is final, once the wallet is up to date. */
async function expectAllFinal(page: Page, rows: Locator): Promise<void> {
  await page.locator('[data-testid="history-row"]').first().waitFor({ timeout: WAIT_MS });
  const states = (): Promise<readonly (string | null)[]> =>
    rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-state")));
  await expect.poll(async () => (await states()).every((state) => state === "final"), { timeout: WAIT_MS }).toBe(true);
}

describe("a device that is not as it should be", () => {
  it("[NW-19] storage denied: no wallet is made, and none in memory; with storage it begins", async () => {
    const device = await AilingBrowser.open(browser, devnet.url, { isStorageDenied: true });
    await expectStop(await device.visit("/?lang=zh"), "storage_denied", zh);
    const page = await device.visit();
    await expectStop(page, "storage_denied");
    await tap(page, "stopped-action");
    await expectStop(page, "storage_denied");
    await device.fall({});
    await tap(page, "stopped-action");
    await page.getByTestId("onboard-create").waitFor();
    await device.close();
  });

  it("[NW-19] storage full, then deleted under the app, then between visits: each said, no coin lost", async () => {
    const device = await AilingBrowser.open(browser, devnet.url);
    let page = await device.visit();
    await makeWallet(page);
    await tap(page, "faucet");
    await expectBalance(page, FAUCET_MICRO);
    const words = await readWords(page);
    await expectBalance(page, FAUCET_MICRO);
    // The last balance shows before there is a client that could find no room.
    await expectLive(page);

    await device.fall({ isStorageFull: true });
    await expectStop(page, "storage_full");
    await tap(page, "stopped-action");
    await expectStop(page, "storage_full");
    await expectStop(await device.visit("/?lang=zh"), "storage_full", zh);
    await device.fall({});
    page = await device.visit();
    await expectBalance(page, FAUCET_MICRO);
    await expectLive(page);

    await device.besideTheApp(() => new Promise((done) => (indexedDB.deleteDatabase("stegos").onsuccess = done)));
    await expectStop(page, "storage_lost");
    // The next visit misses it as well, until the person says how to go on.
    await expectStop(await device.visit("/?lang=zh"), "storage_lost", zh);
    page = await device.visit();
    await expectStop(page, "storage_lost");
    await tap(page, "stopped-action");
    await page.getByTestId("restore-phrase").fill(words);
    await tap(page, "restore-submit");
    await expectBalance(page, FAUCET_MICRO);

    await device.evict();
    await expectStop(page, "storage_lost");
    // Where the browser has dropped even that there was a wallet, it begins as for anybody: nothing is made by itself.
    page = await device.visit();
    await page.getByTestId("onboard-create").waitFor({ timeout: WAIT_MS });
    await page.getByTestId("onboard-restore").waitFor();
    expect(await page.getByTestId("home-balance").count()).toBe(0);
    await device.close();
  });

  it("[NW-19] two tabs: the one in front has the wallet, the other says where it went, and they may change back", async () => {
    const device = await AilingBrowser.open(browser, devnet.url);
    const first = await device.visit();
    await makeWallet(first);
    const second = await device.tab("/?lang=zh");
    await expectLive(second);
    await expectStop(first, "moved_to_other_tab");
    await tap(first, "stopped-action");
    await expectLive(first);
    await expectStop(second, "moved_to_other_tab", zh);

    // A newer version of the app, as the older one sees it.
    await device.besideTheApp(
      () => new Promise((done) => (indexedDB.open("stegos", 1_000).onsuccess = () => done(undefined))),
    );
    await expectStop(first, "storage_newer");
    await tap(second, "stopped-action");
    await expectStop(second, "storage_newer", zh);
    // Updating loads the page anew; while the older app is all there is, it says so again and touches nothing.
    await tap(first, "stopped-action");
    await first.waitForLoadState();
    await expectStop(first, "storage_newer");
    await device.close();
  });

  it("[NW-18] a page that is closed right after a payment was confirmed: it is made once, or not at all", async () => {
    const device = await AilingBrowser.open(browser, devnet.url);
    let page = await device.visit();
    await makeWallet(page);
    await tap(page, "faucet");
    await expectBalance(page, FAUCET_MICRO);
    const stranger = await AilingBrowser.open(browser, devnet.url);
    await makeWallet(await stranger.visit());
    const to = (await stranger.page.getByTestId("receive-address").first().getAttribute("data-address")) ?? "";
    let stored: string | null = null;
    for (const afterMs of CLOSED_AFTER_MS) {
      page = await device.visit("/pay/send?lang=en");
      await page.getByTestId("pay-to").fill(to);
      await page.getByTestId("pay-amount").fill("1");
      await tap(page, "pay-review");
      await tap(page, "pay-confirm");
      if (afterMs === undefined)
        stored = await page.getByTestId("pay-status").getAttribute("data-txid", { timeout: WAIT_MS });
      else await page.waitForTimeout(afterMs);
      await page.close({ runBeforeUnload: false });
      page = await device.visit("/pay/history?lang=en");
      const sent = page.locator('[data-testid="history-row"][data-direction="out"]');
      await expectAllFinal(page, sent);
    }
    page = await device.visit("/pay/history?lang=en");
    const sent = page.locator('[data-testid="history-row"][data-direction="out"]');
    await expectAllFinal(page, sent);
    const made = await sent.count();
    expect(made).toBeLessThanOrEqual(CLOSED_AFTER_MS.length);
    // What the page called stored is not lost.
    expect(stored).toMatch(/^[0-9a-f]{64}$/);
    expect(await page.locator(`[data-testid="history-row"][data-txid="${stored}"]`).count()).toBe(1);
    await expectBalance(stranger.page, String(made * 1_000_000));
    await device.close();
    await stranger.close();
  });

  it.each([
    ["ahead", DAY_MS],
    ["behind", -DAY_MS],
  ])("[LC-6] a clock that is a day %s is named, and set right it goes on by itself", async (_name, clockOffMs) => {
    const device = await AilingBrowser.open(browser, devnet.url, { clockOffMs });
    const page = await device.visit();
    await tap(page, "onboard-create");
    await page.getByText(en.sync.problems.clock_wrong).waitFor({ timeout: WAIT_MS });
    await (await device.visit("/?lang=zh")).getByText(zh.sync.problems.clock_wrong).waitFor({ timeout: WAIT_MS });
    await device.fall({});
    await expectLive(await device.visit());
    await expectBalance(device.page, "0");
    await device.close();
  });
});
