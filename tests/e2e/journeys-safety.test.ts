import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { zh } from "../../src/app/i18n/zh.ts";
import { BuiltApp } from "../support/built-app.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { KeyboardWalker } from "../support/keyboard-walker.ts";
import { ScreenReaderWalker } from "../support/screen-reader-walker.ts";
import { plugInAuthenticator } from "../support/virtual-authenticator.ts";
import type { Walker } from "../support/walker.ts";

const PIN = "271828";
const OTHER_PIN = "314159";
const CODE = /(?<![0-9A-Z])[0-9A-Z]{4}(-[0-9A-Z]{4}){3}(?![0-9A-Z])/;

let app: BuiltApp;
let browser: Browser;
let folder: string;
const trouble: string[] = [];

beforeAll(async () => {
  [app, browser, folder] = await Promise.all([
    BuiltApp.serve(),
    chromium.launch(CHROMIUM),
    mkdtemp(join(tmpdir(), "stegos-journeys-")),
  ]);
});

afterAll(async () => {
  await browser.close();
  await app.stop();
  await rm(folder, { recursive: true, force: true });
  expect(trouble).toEqual([]);
});

async function visit(lang: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  page.on("pageerror", (error) => trouble.push(String(error)));
  await plugInAuthenticator(await context.newCDPSession(page));
  await page.goto(`${app.url}/?lang=${lang}`);
  return page;
}

const WALKERS = [
  { how: "by keyboard alone", lang: "en", t: en, walk: (page: Page) => new KeyboardWalker(page) },
  { how: "by the accessibility tree alone", lang: "zh", t: zh, walk: (page: Page) => ScreenReaderWalker.on(page) },
] as const;

// Nobody is behind the page: what a device does with its keys needs no network.
describe.each(WALKERS)("$how, in $lang", ({ lang, t, walk }) => {
  let walker: Walker;
  const row = (title: string): RegExp => new RegExp(`^${title}`);

  /** A sheet takes the focus when it opens, and gives it back to what opened it. */
  async function openSheet(title: string): Promise<void> {
    await walker.press("button", row(title));
    await walker.standsOn("button", t.app.close);
  }

  it("sets a PIN: what is wrong is said in its place, and the sheet gives the focus back", async () => {
    walker = await walk(await visit(lang));
    await walker.press("button", t.start.start);
    await walker.standsOn("heading", t.pay.title);
    await walker.press("link", t.tabs.me);
    await walker.standsOn("heading", t.me.title);
    await walker.press("button", row(t.me.safety));
    await walker.standsOn("heading", t.safety.title);
    await openSheet(t.safety.pin);
    await walker.escape();
    await walker.standsOn("button", row(t.safety.pin));
    await openSheet(t.safety.pin);
    await walker.fill(t.pin.pin, PIN);
    await walker.fill(t.pin.again, OTHER_PIN);
    await walker.press("button", t.pin.set);
    await walker.standsOn("textbox", t.pin.again);
    await walker.hears(t.pin.problems.differs);
    await walker.fill(t.pin.again, PIN);
    await walker.press("button", t.pin.set);
    await walker.standsOn("button", row(t.safety.pin));
    await walker.sees(t.safety.pinDone);
  });

  it("locks and unlocks by the PIN, where a wrong one leads back to its field", async () => {
    await walker.press("button", t.safety.lockNow);
    await walker.standsOn("heading", t.lock.title);
    await walker.press("button", t.lock.forgotten.open);
    await walker.standsOn("group", t.lock.forgotten.text);
    await walker.press("button", t.lock.forgotten.cancel);
    await walker.standsOn("button", t.lock.forgotten.open);
    await walker.fill(t.lock.pin, OTHER_PIN);
    await walker.press("button", t.lock.open);
    await walker.standsOn("textbox", t.lock.pin);
    await walker.hears(t.lock.wrongPin);
    await walker.fill(t.lock.pin, PIN);
    await walker.press("button", t.lock.open);
    await walker.standsOn("heading", t.safety.title);
    await walker.page.reload();
    await walker.fill(t.lock.pin, PIN);
    await walker.press("button", t.lock.open);
    await walker.standsOn("heading", t.safety.title);
  });

  it("makes a passkey and unlocks by it", async () => {
    await openSheet(t.safety.passkey);
    await walker.press("button", t.passkey.add);
    await walker.hears(t.passkey.done);
    await walker.standsOn("button", t.passkey.addAnother);
    await walker.press("button", t.passkey.addAnother);
    await walker.hears(t.passkey.problems.exists);
    await walker.standsOn("button", t.passkey.addAnother);
    await walker.escape();
    await walker.standsOn("button", row(t.safety.passkey));
    await walker.press("button", t.safety.lockNow);
    await walker.standsOn("heading", t.lock.title);
    await walker.press("button", t.lock.usePasskey);
    await walker.standsOn("heading", t.safety.title);
  });

  it("makes a backup file and checks it, step by step", async () => {
    await openSheet(t.safety.kit);
    const download = walker.page.waitForEvent("download");
    await walker.press("button", t.kit.make);
    await walker.standsOn("button", t.kit.save);
    await walker.hears(t.kit.saveLead);
    const code = await walker.reads(CODE);
    await walker.press("button", t.kit.save);
    const file = join(folder, `${lang}.png`);
    await (await download).saveAs(file);
    await walker.press("button", t.kit.next);
    await walker.standsOn("button", row(t.kit.file));
    await walker.hears(t.kit.checkLead);
    await walker.attach(t.kit.file, file);
    await walker.fill(t.kit.code, "0000-0000-0000-0000");
    await walker.press("button", t.kit.check);
    await walker.standsOn("textbox", t.kit.code);
    await walker.hears(t.kit.problems.wrong_key);
    await walker.fill(t.kit.code, code);
    await walker.press("button", t.kit.check);
    await walker.hears(t.kit.done);
    await walker.standsOn("button", t.kit.close);
    await walker.press("button", t.kit.close);
    await walker.standsOn("button", row(t.safety.kit));
  });
});
