import { readdir, readFile, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AppVersions } from "../support/app-versions.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { fakeAddress } from "../support/fake-client.ts";

const WAIT_MS = 60_000;
const DRAFT = { "pay-to": fakeAddress(1), "pay-amount": "12.5", "pay-note": "半写的 note" };

let browser: Browser;
let versions: AppVersions;
let context: BrowserContext;

beforeAll(async () => void (browser = await chromium.launch(CHROMIUM)));
afterAll(() => browser.close());
beforeEach(async () => {
  [versions, context] = await Promise.all([AppVersions.start(), browser.newContext()]);
});
afterEach(async () => {
  await context.close();
  await versions.stop();
});

/** A page of the app with a wallet, kept on this device. */
async function visit(path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${versions.url}${path}`);
  await untilKept(page);
  return page;
}

/** Until a worker has all files and answers for this page. */
async function untilKept(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated", null, {
    timeout: WAIT_MS,
  });
}

async function makeWallet(page: Page): Promise<void> {
  await page.getByTestId("onboard-create").click();
  await page.getByTestId("home-balance").waitFor({ timeout: WAIT_MS });
}

const versionOf = (page: Page): Promise<string | null> => page.locator("#app").getAttribute("data-version");

/** The browser looks for a newer version, as it does when a page is loaded; how the attempt ended. */
function lookForUpdate(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    if (registration === undefined) return "nothing";
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    if (worker === null) return "nothing";
    while (worker.state === "installing")
      await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
    return worker.state;
  });
}

async function fillDraft(page: Page): Promise<void> {
  for (const [id, text] of Object.entries(DRAFT)) await page.getByTestId(id).fill(text);
}

async function expectDraft(page: Page): Promise<void> {
  for (const [id, text] of Object.entries(DRAFT)) expect(await page.getByTestId(id).inputValue()).toBe(text);
}

describe("a new version of the app", () => {
  it("is offered within one visit and applied without losing a half-filled payment", async () => {
    const page = await visit("/?lang=en");
    await makeWallet(page);
    await versions.publish("v2");
    // Loading the page is all it takes: the browser asks for the worker again.
    await page.goto(`${versions.url}/send?lang=en`);
    expect(await versionOf(page)).toBeNull();
    await page.getByTestId("pay-to").waitFor({ timeout: WAIT_MS });
    await fillDraft(page);
    await page.getByTestId("update-ready").waitFor({ timeout: WAIT_MS });
    await expectDraft(page);

    await page.getByTestId("update-apply").click();
    await page.locator('#app[data-version="v2"]').waitFor({ state: "attached", timeout: WAIT_MS });
    await page.getByTestId("pay-to").waitFor({ timeout: WAIT_MS });
    await expectDraft(page);
    expect(await page.getByTestId("update-ready").count()).toBe(0);
    // It was handed over in memory: nothing of it is stored, and a further load finds nothing.
    const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, history.state]));
    for (const text of Object.values(DRAFT)) expect(stored).not.toContain(text);
    await page.reload();
    await page.getByTestId("pay-to").waitFor({ timeout: WAIT_MS });
    expect(await page.getByTestId("pay-to").inputValue()).toBe("");
  });

  it("in one of two tabs: the other stays usable on the old one, is told, and keeps its draft when it follows", async () => {
    const first = await visit("/?lang=en");
    await makeWallet(first);
    await first.goto(`${versions.url}/send?lang=en`);
    await first.getByTestId("pay-to").waitFor({ timeout: WAIT_MS });
    // A tab in the background may fetch what is near long after its page is there.
    await first.locator('nav a[href="/me"]').click();
    await first.getByTestId("settings-open").waitFor({ timeout: WAIT_MS });
    await first.goBack();
    await fillDraft(first);
    const second = await visit("/pay?lang=en");
    await versions.publish("v2");
    expect(await lookForUpdate(second)).toBe("installed");
    await expectAllRight(second);
    await second.getByTestId("update-apply").click();
    await second.locator('#app[data-version="v2"]').waitFor({ state: "attached", timeout: WAIT_MS });

    expect(await versionOf(first)).toBeNull();
    await first.bringToFront();
    await first.getByTestId("stopped-action").click();
    await first.getByTestId("pay-to").waitFor({ timeout: WAIT_MS });
    await expectDraft(first);
    await first.getByTestId("update-ready").waitFor({ timeout: WAIT_MS });
    // It opens a part that it has not loaded yet, and that is gone, from the browser's own cache as well.
    await (await context.newCDPSession(first)).send("Network.clearBrowserCache");
    await first.locator('nav a[href="/me"]').click();
    await first.getByTestId("settings-open").click();
    await first.getByTestId("part-again").click({ timeout: WAIT_MS });
    await first.locator('#app[data-version="v2"]').waitFor({ state: "attached", timeout: WAIT_MS });
    await first.locator("h1").first().waitFor({ timeout: WAIT_MS });
    await first.locator('nav a[href="/pay"]').click();
    await first.getByTestId("pay-open").click();
    await first.getByTestId("pay-to").waitFor({ timeout: WAIT_MS });
    await expectDraft(first);
  });

  const SPOILT: readonly (readonly [string, (folder: string) => Promise<void>])[] = [
    ["a file is missing", async (folder) => unlink(await someFile(folder))],
    ["a file is cut short", async (folder) => truncate(await someFile(folder), 100)],
    [
      "a file is another one",
      async (folder) => {
        const file = await someFile(folder);
        await writeFile(file, `${await readFile(file, "utf8")}\n// and more`);
      },
    ],
  ];
  it.each(SPOILT)("of which %s is not taken: the old one keeps working, offline too", async (_name, spoil) => {
    const page = await visit("/?lang=en");
    await makeWallet(page);
    await versions.publish("v2", spoil);
    expect(await lookForUpdate(page)).toBe("redundant");
    expect(await page.getByTestId("update-ready").count()).toBe(0);
    await expectOldWorks(page);
    await expectAllRight(page);
    // Once the whole of it is there, it is offered.
    await versions.publish("v3");
    await page.goto(`${versions.url}/pay?lang=en`);
    await page.getByTestId("update-apply").click({ timeout: WAIT_MS });
    await page.locator('#app[data-version="v3"]').waitFor({ state: "attached", timeout: WAIT_MS });
    await expectAllRight(page);
  });

  it("for which there is no room is not taken: the old one keeps working", async () => {
    const page = await visit("/?lang=en");
    await makeWallet(page);
    await versions.publish("v2");
    const session = await context.newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: versions.url, quotaSize: 1_000 });
    expect(await lookForUpdate(page)).toBe("redundant");
    await session.send("Storage.overrideQuotaForOrigin", { origin: versions.url });
    await expectOldWorks(page);
  });
});

async function someFile(folder: string): Promise<string> {
  const names = await readdir(join(folder, "assets"));
  return join(folder, "assets", names.find((name) => name.startsWith("SettingsScreen") && name.endsWith(".js")) ?? "");
}

async function expectOldWorks(page: Page): Promise<void> {
  await context.setOffline(true);
  for (const path of ["/pay", "/me/settings"]) {
    await page.goto(`${versions.url}${path}?lang=en`);
    expect(await versionOf(page)).toBeNull();
    await page.locator("h1").last().waitFor({ timeout: WAIT_MS });
  }
  await context.setOffline(false);
}

/** About finds the files of the version that runs, and no other's; then the sheet is closed again. */
async function expectAllRight(page: Page): Promise<void> {
  await page.goto(`${versions.url}/me?lang=en`);
  await page.getByTestId("about-open").click();
  await page.locator('[data-testid="files-checked"], dialog [role="alert"]').waitFor({ timeout: WAIT_MS });
  expect(await page.getByTestId("files-checked").count()).toBe(1);
  await page.goBack();
  await page.getByTestId("fingerprint").waitFor({ state: "detached" });
}
