import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { en, type Texts } from "../../src/app/i18n/en.ts";
import { zh } from "../../src/app/i18n/zh.ts";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { formatAddress } from "../../src/core/values/address.ts";
import { deriveAccount, deriveAddress } from "../../src/core/wallet/keys.ts";
import { KeyboardWalker } from "../support/keyboard-walker.ts";
import { FAUCET_MICRO, People } from "../support/people.ts";
import { ScreenReaderWalker } from "../support/screen-reader-walker.ts";
import type { Walker } from "../support/walker.ts";

const NOTE = "for the tea";

let people: People;

beforeAll(async () => {
  people = await People.gather();
});

afterAll(async () => {
  expect(await people.leave()).toBe(0);
});

/** An address that somebody was given; nobody here holds its keys. */
function addressOfSomebody(): string {
  const curve = createNobleBackend();
  return formatAddress(deriveAddress(curve, deriveAccount(curve, new Uint8Array(32).fill(8), 0).view, 0), "dev");
}

async function visit(name: string, lang: string): Promise<Page> {
  const { page } = await people.arrive(name);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  if (lang !== "en") await page.goto(`${people.devnet.url}/?lang=${lang}`);
  return page;
}

async function makeWalletAndGetCoins(walker: Walker, t: Texts): Promise<void> {
  await walker.press("button", t.start.start);
  await walker.sees(t.sync.live);
  await walker.press("button", t.faucet.get);
  await walker.sees(t.history.received);
  // It is listed a moment before it can be spent, and nobody reads that anywhere.
  await walker.page.locator(`[data-testid="home-balance"][data-usable="${FAUCET_MICRO}"]`).waitFor();
}

async function pay(walker: Walker, t: Texts): Promise<void> {
  await walker.press("button", t.pay.send);
  await walker.fill(t.send.to, addressOfSomebody());
  await walker.fill(t.send.amount, "12.5");
  await walker.fill(new RegExp(`^${t.send.note}`), NOTE);
  await walker.press("button", t.send.review);
  await walker.press("button", t.review.confirm("12.5 STG"));
  await walker.sees(t.payment.words.final);
  await walker.press("button", t.payment.done);
}

/** From the history to the proof of the payment, and with it to the check that anybody can make. */
async function proveAndCheck(walker: Walker, t: Texts): Promise<void> {
  await walker.press("button", t.pay.all);
  await walker.press("button", new RegExp(NOTE));
  await walker.press("button", t.proof.open);
  await walker.press("button", t.proof.copyText);
  await walker.sees(t.app.copied);
  const proof = await walker.page.evaluate(() => navigator.clipboard.readText());
  for (const sheet of [t.proof.title, t.payment.title]) {
    await walker.sees(sheet);
    await walker.press("button", t.app.close);
  }
  await walker.press("button", t.app.back);
  await walker.press("link", t.tabs.me);
  await walker.press("button", t.check.title);
  await walker.fill(t.check.proof, proof);
  await walker.press("button", t.check.check);
  await walker.sees(t.check.valid.title);
  await walker.press("button", t.app.back);
}

async function explore(walker: Walker, t: Texts): Promise<void> {
  await walker.press("link", t.tabs.explore);
  await walker.sees(t.explore.validators.seat("4"));
  await walker.press("button", new RegExp(`^${t.stake.title}`));
  await walker.sees(t.stake.terms.title);
  await walker.press("button", t.app.back);
}

/** The words are read, the wallet goes, and the words bring it back. */
async function eraseAndRestore(walker: Walker, t: Texts): Promise<void> {
  await walker.press("link", t.tabs.me);
  await walker.press("button", new RegExp(`^${t.me.words}`));
  await walker.press("button", t.words.show);
  const words = await walker.readWords();
  await walker.press("button", t.app.close);
  await walker.press("button", new RegExp(`^${t.me.erase}`));
  await walker.press("checkbox", t.erase.understood);
  await walker.press("button", t.erase.confirm);
  await walker.standsOn("heading", t.start.title);
  await walker.press("button", t.start.restore);
  await walker.fill(t.restore.words, words);
  await walker.press("button", t.restore.submit);
  // What is left of the test coins, whether it is found among old outputs or in the newest blocks.
  await walker.sees("987.");
}

const WALKERS = [
  { how: "by keyboard alone", lang: "en", texts: en, walk: (page: Page) => new KeyboardWalker(page) },
  { how: "by the accessibility tree alone", lang: "zh", texts: zh, walk: (page: Page) => ScreenReaderWalker.on(page) },
] as const;

describe.each(WALKERS)("$how, in $lang", ({ how, lang, texts: t, walk }) => {
  let walker: Walker;

  it("makes a wallet and gets coins", async () => {
    walker = await walk(await visit(how.split(" ")[1]!, lang));
    await makeWalletAndGetCoins(walker, t);
  });

  it("pays and sees it done", () => pay(walker, t));

  it("[PP-1] finds the payment in the history, copies its proof and checks one", () => proveAndCheck(walker, t));

  it("explores, down to the stakes", () => explore(walker, t));

  it("reads the words, erases the wallet and restores it", () => eraseAndRestore(walker, t));
});
