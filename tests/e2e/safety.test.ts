import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { BuiltApp } from "../support/built-app.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { plugInAuthenticator } from "../support/virtual-authenticator.ts";

const WAIT_MS = 60_000;
const PIN = "271828";
const OTHER_PIN = "314159";
const WORD_COUNT = 24;

let app: BuiltApp;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const trouble: string[] = [];

beforeAll(async () => {
  [app, browser] = await Promise.all([BuiltApp.serve(), chromium.launch(CHROMIUM)]);
});

afterAll(async () => {
  await browser.close();
  await app.stop();
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  context.setDefaultTimeout(WAIT_MS);
  page = await visit();
});

afterEach(async () => {
  await context.close();
  expect(trouble.splice(0)).toEqual([]);
});

async function visit(path = "/"): Promise<Page> {
  const tab = await context.newPage();
  tab.on("pageerror", (error) => trouble.push(String(error)));
  tab.on("console", (message) => {
    if (/Content Security Policy|Trusted ?Types/i.test(message.text())) trouble.push(message.text());
  });
  await tab.goto(`${app.url}${path}?lang=en`);
  return tab;
}

const hook = (id: string, on = page) => on.getByTestId(id);
const tap = (id: string, on = page): Promise<void> => hook(id, on).first().click();

async function makeWallet(): Promise<void> {
  await tap("onboard-create");
  await hook("home-balance").waitFor();
}

/** How this person opens a locked wallet; every page that is loaded anew asks. */
type Opening = () => Promise<unknown>;

async function go(path: string, ready: string, opening?: Opening): Promise<void> {
  await page.goto(`${app.url}${path}?lang=en`);
  await hook(ready).or(hook("locked")).first().waitFor();
  if (opening !== undefined) await opening();
  await hook(ready).waitFor();
}

const openSafety = (opening?: Opening): Promise<void> => go("/me/safety", "safety-level", opening);

/** The words: which wallet this is. */
async function words(opening?: Opening): Promise<string> {
  await openSafety(opening);
  await tap("safety-words");
  await tap("words-show");
  const list = hook("words").getByRole("listitem");
  await list.nth(WORD_COUNT - 1).waitFor();
  const items = await list.allTextContents();
  await page.goBack();
  await hook("words").waitFor({ state: "detached" });
  return items.map((item) => item.replace(/[^a-z]/g, "")).join(" ");
}

async function setPin(pin: string): Promise<void> {
  await tap("pin-open");
  await hook("pin-new").fill(pin);
  await hook("pin-again").fill(pin);
  await tap("pin-submit");
  await hook("pin-new").waitFor({ state: "detached" });
}

async function unlock(pin: string): Promise<void> {
  await hook("unlock-pin").fill(pin);
  await tap("unlock-submit");
}

describe("a PIN", () => {
  it("opens the wallet after a reload, a lock and in another tab, which takes it over locked", async () => {
    await makeWallet();
    const before = await words();
    await setPin(PIN);
    await page.reload();
    await hook("locked").waitFor();
    for (const id of ["home-balance", "safety-level", "onboard-create"]) expect(await hook(id).count()).toBe(0);
    await unlock(OTHER_PIN);
    await page.getByText(en.lock.wrongPin).waitFor();
    await unlock(PIN);
    await hook("lock-now").waitFor();
    await tap("lock-now");
    await hook("locked").waitFor();
    await unlock(PIN);
    await hook("lock-now").waitFor();
    const second = await visit("/pay");
    await hook("locked", second).waitFor();
    await page.locator('[data-testid="stopped"][data-code="moved_to_other_tab"]').waitFor();
    await second.close();
    await tap("stopped-action");
    await unlock(PIN);
    await hook("lock-now").waitFor();
    expect(await words(() => unlock(PIN))).toBe(before);
  });

  it("slows down, also over a reload, and whoever has forgotten it comes to the other ways", async () => {
    await makeWallet();
    await openSafety();
    await setPin(PIN);
    await page.reload();
    for (let tries = 0; tries < 5; tries++) {
      await hook("unlock-pin").waitFor();
      await unlock(OTHER_PIN);
      await page.locator('[data-testid="unlock-submit"][aria-busy="false"]').waitFor();
      await page.locator('[data-testid="unlock-pin"][aria-invalid="true"]').waitFor();
    }
    await expect.poll(() => hook("unlock-submit").isDisabled()).toBe(true);
    await page.reload();
    await hook("locked").waitFor();
    expect(await hook("unlock-submit").isDisabled()).toBe(true);
    await tap("forgotten-open");
    await hook("forgotten-understood").check();
    await tap("forgotten-confirm");
    await hook("restore-phrase").waitFor();
  });
});

describe("a passkey", () => {
  let devtools: CDPSession;
  /** Questions that the browser asked. */
  let gestures: () => Promise<number>;

  async function plugIn(change: Partial<Record<"hasPrf" | "hasLargeBlob", boolean>> = {}): Promise<string> {
    devtools = await context.newCDPSession(page);
    const authenticatorId = await plugInAuthenticator(devtools, change);
    gestures = async () => {
      const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
      return credentials.reduce((sum, { signCount }) => sum + signCount, 0);
    };
    return authenticatorId;
  }

  async function addPasskey(): Promise<void> {
    await openSafety();
    await tap("passkey-open");
    await tap("passkey-add");
  }

  it("[G27] is made, opens the wallet after a reload, and brings it back in a fresh profile, in two gestures or fewer", async () => {
    await plugIn();
    await makeWallet();
    const before = await words();
    await addPasskey();
    await hook("passkey-added").waitFor();
    await page.getByText(en.passkey.done).waitFor();
    expect(await gestures()).toBeLessThanOrEqual(2);
    await page.goBack();
    await page
      .locator('[data-testid="safety-level"][data-level="3"], [data-testid="safety-level"][data-level="1"]')
      .waitFor();
    await page.reload();
    await hook("locked").waitFor();
    let asked = await gestures();
    await tap("unlock-passkey");
    await hook("safety-level").waitFor();
    expect((await gestures()) - asked).toBe(1);
    // A browser that never saw it: all that is left is the passkey.
    await page.goto("about:blank");
    await devtools.send("Storage.clearDataForOrigin", { origin: app.url, storageTypes: "all" });
    await page.goto(`${app.url}/?lang=en`);
    await tap("onboard-restore");
    asked = await gestures();
    await tap("restore-passkey");
    await hook("home-balance").waitFor();
    expect((await gestures()) - asked).toBe(1);
    expect(await words(() => tap("unlock-passkey"))).toBe(before);
    // It opens this browser's wallet from now on.
    await page.reload();
    await tap("unlock-passkey");
    await hook("safety-level").waitFor();
    await tap("passkey-open");
    await hook("passkeys").getByRole("button", { name: en.passkey.remove }).click();
    await tap("passkey-remove-confirm");
    await hook("passkeys").waitFor({ state: "detached" });
    await page.reload();
    await hook("safety-level").waitFor();
  });

  it("that can hold nothing locks this device alone, and the app says so", async () => {
    await plugIn({ hasLargeBlob: false });
    await makeWallet();
    await addPasskey();
    await page.getByText(en.passkey.doneHere).waitFor();
    await page.goBack();
    await page.locator('[data-testid="safety-level"][data-level="0"]').waitFor();
    await page.reload();
    await tap("unlock-passkey");
    await hook("safety-level").waitFor();
  });

  it("without a secret counts for nothing, and leaves the wallet open", async () => {
    await plugIn({ hasPrf: false });
    await makeWallet();
    await addPasskey();
    await page.locator('[data-testid="passkey-problem"][data-code="no_prf"]').waitFor();
    await page.reload();
    await hook("safety-level").waitFor();
  });

  it("a second one on the same device is refused by its name", async () => {
    await plugIn();
    await makeWallet();
    await addPasskey();
    await hook("passkey-added").waitFor();
    await tap("passkey-add");
    await page.locator('[data-testid="passkey-problem"][data-code="exists"]').waitFor();
  });

  it("of nobody brings nothing back, and the other ways are there", async () => {
    await plugIn();
    await tap("onboard-restore");
    await tap("restore-passkey");
    await page.locator('[data-testid="passkey-problem"]').waitFor();
    await hook("restore-phrase").waitFor();
    await hook("restore-file").waitFor();
  });
});

describe("a backup file", () => {
  it("[G20] is saved, checked with its code, and brings the wallet back", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stegos-kit-"));
    await makeWallet();
    await openSafety();
    await tap("kit-open");
    await tap("kit-make");
    const code = (await hook("kit-code").textContent()) ?? "";
    const [download] = await Promise.all([page.waitForEvent("download"), tap("kit-save")]);
    const file = join(folder, download.suggestedFilename());
    await download.saveAs(file);
    await tap("kit-next");
    await tap("kit-check");
    await page.locator('[data-testid="kit-file"][data-problem="no_file"]').waitFor();
    await hook("kit-file").setInputFiles(file);
    await hook("kit-code-entry").fill("0000-0000-0000-0000");
    await tap("kit-check");
    await page.locator('[data-testid="kit-code-entry"][data-problem="wrong_key"]').waitFor();
    await hook("kit-code-entry").fill(code.toLowerCase());
    await tap("kit-check");
    await hook("kit-done").waitFor();
    await page.goBack();
    await page.locator('[data-testid="safety-level"][data-level="2"]').waitFor();
    const before = await words();
    await wipe();
    await tap("onboard-restore");
    await tap("restore-file");
    await hook("kit-file").setInputFiles(file);
    await hook("kit-code-entry").fill(code);
    await tap("restore-file-submit");
    await hook("home-balance").waitFor();
    expect(await words()).toBe(before);
    await rm(folder, { recursive: true });
  });
});

async function wipe(opening?: Opening): Promise<void> {
  await go("/me", "erase-open", opening);
  await tap("erase-open");
  await hook("erase-understood").check();
  await tap("erase-confirm");
  await hook("onboard-create").waitFor();
}

it("an erase leaves what a first visit does, nothing of the wallet, and the page can restore one offline", async () => {
  await makeWallet();
  await openSafety();
  await setPin(PIN);
  await page.evaluate(async () => {
    localStorage.setItem("left", "1");
    sessionStorage.setItem("left", "1");
    for (const name of ["left", "late-files"]) await caches.open(name);
    await new Promise((resolve) => (indexedDB.open("left").onsuccess = resolve));
    await navigator.serviceWorker.ready;
  });
  const held = () =>
    page.evaluate(async () => (await caches.keys()).filter((name) => /precache|^file-list$/.test(name)));
  const ownCaches = await held();
  expect(ownCaches).toHaveLength(2);
  await wipe(() => unlock(PIN));
  const left = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open("stegos");
      opening.onsuccess = () => resolve(opening.result);
    });
    const keys = await new Promise((resolve) => {
      const request = database.transaction("meta").objectStore("meta").getAllKeys();
      request.onsuccess = () => resolve(request.result);
    });
    database.close();
    return {
      databases: (await indexedDB.databases()).map(({ name }) => name),
      keys,
      caches: await caches.keys(),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      storages: [localStorage.length, sessionStorage.length],
    };
  });
  expect(left).toEqual({
    databases: ["stegos"],
    keys: ["generation", "key"],
    caches: ownCaches,
    workers: 1,
    storages: [0, 0],
  });
  await context.setOffline(true);
  // A part that this page has not loaded.
  await tap("onboard-restore");
  await hook("restore-phrase").waitFor();
  await page.reload();
  await hook("restore-phrase").waitFor();
});
