import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { PaymentState } from "../../src/api/views.ts";
import { en } from "../../src/app/i18n/en.ts";
import { zh } from "../../src/app/i18n/zh.ts";
import { amount } from "../../src/core/values/amount.ts";
import type { Harness } from "../app/harness.ts";
import {
  answer,
  type AppVisitor,
  hook,
  pay,
  review,
  showHistory,
  showSync,
  withVisitor,
} from "../support/app-visitor.ts";
import { fakeAddress, fakeRow } from "../support/fake-client.ts";

declare const harness: Harness;

const TXID = "f0".repeat(32);

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

async function showPayment(page: Page, state: PaymentState, canRetry = false) {
  const row = fakeRow({ id: TXID, state, canRetry, to: fakeAddress(1) });
  await showHistory(page, row);
}

describe("starting", () => {
  it("makes a wallet with one tap and nothing typed", async () => {
    const page = await visitor.open("/", "new");
    await hook(page, "onboard-create").click();
    await hook(page, "home-balance").waitFor();
    expect(new URL(page.url()).pathname).toBe("/pay");
  });

  it("offers the words, or a new wallet, where the stored one is gone", async () => {
    const page = await visitor.open("/pay", "new");
    const lose = () => page.evaluate(() => harness.fake.emit({ type: "engine-stopped", code: "storage_lost" }));
    await lose();
    await page.getByRole("heading", { name: en.stopped.problems.storage_lost.title }).waitFor();
    await answer(page, { open: { ok: true, wallet: { exists: false, wordsSeen: false } } });
    await hook(page, "stopped-action").click();
    await hook(page, "restore-phrase").waitFor();
    await lose();
    await hook(page, "stopped-anew").click();
    await hook(page, "onboard-create").waitFor();
  });

  it("loads the page anew after a failed start: its own files may be gone", async () => {
    const page = await visitor.open("/pay");
    await page.evaluate(async () => {
      harness.fake.broken.add("open");
      await harness.app.session.start();
    });
    await page.getByRole("heading", { name: en.stopped.problems.start_failed.title }).waitFor();
    await hook(page, "stopped-action").click();
    await hook(page, "home-balance").waitFor();
  });

  it("goes on after a stop with the screen that was there", async () => {
    const page = await visitor.open("/pay/history");
    await page.evaluate(() => harness.fake.emit({ type: "engine-stopped", code: "moved_to_other_tab" }));
    await hook(page, "stopped-action").click();
    await page.getByRole("heading", { name: en.history.title, exact: true }).waitFor();
  });
});

describe("the balance", () => {
  it("never reads 0 while nobody knows it", async () => {
    const page = await visitor.open("/pay", "checking");
    const balance = hook(page, "home-balance");
    expect((await balance.textContent())?.trim()).toBe(en.pay.checking);
    expect([await balance.getAttribute("data-total"), await balance.getAttribute("data-usable")]).toEqual([null, null]);
  });

  it("counts change at once and tells what is usable beside it", async () => {
    const balance = hook(await visitor.open("/pay"), "home-balance");
    expect((await balance.textContent())?.trim()).toBe("1,234.56 STG");
    expect(await balance.getAttribute("data-total")).toBe("1234560000");
    expect(await balance.getAttribute("data-usable")).toBe("734560000");
  });

  it("can be hidden", async () => {
    const page = await visitor.open("/pay");
    await page.getByRole("button", { name: en.pay.hide }).click();
    expect((await hook(page, "home-balance").textContent())?.trim()).toBe(en.pay.hidden);
  });

  it("says where the app stands with the network", async () => {
    const page = await visitor.open("/pay");
    const sync = hook(page, "sync-state");
    expect([await sync.getAttribute("data-state"), await sync.getAttribute("data-height")]).toEqual(["live", "9880"]);
    await showSync(page, { state: "catching-up", height: 1_204 });
    expect((await sync.textContent())?.trim()).toBe("Checking 1,204 of 9,880");
    await showSync(page, { isFinalityLate: true });
    await page.getByText(en.sync.late).waitFor();
  });
});

describe("paying", () => {
  it("goes from the form over the review to done, in words", async () => {
    const page = await visitor.open("/pay");
    await hook(page, "pay-open").click();
    await review(page);
    const sheet = page.getByRole("dialog");
    for (const words of ["12.5 STG", "0.022 STG", "987.478 STG", "Thank you"]) {
      expect(await sheet.textContent()).toContain(words);
    }
    await hook(page, "pay-confirm").click();
    const status = hook(page, "pay-status");
    for (const state of ["queued", "sent", "final"] as const) {
      if (state !== "queued") await showPayment(page, state);
      await page.getByRole("heading", { name: en.payment.states[state] }).waitFor();
      expect(await status.getAttribute("data-state")).toBe(state);
      expect(await status.textContent()).toContain(en.payment.words[state]);
    }
    await hook(page, "pay-done").click();
    await hook(page, "home-balance").waitFor();
  });

  it("shows a stored payment again after a reload", async () => {
    const page = await visitor.open("/pay/send", "paid");
    await pay(page);
    await page.reload();
    await hook(page, "pay-status").waitFor();
    expect(await hook(page, "pay-status").getAttribute("data-txid")).toBe(TXID);
    expect(await page.evaluate(() => JSON.stringify(window.history.state))).not.toContain(TXID);
  });

  it("shows no payment that its wallet does not know", async () => {
    const page = await visitor.open("/pay/send", "empty");
    const balance = { total: amount(20_000_000n), usable: amount(20_000_000n) };
    await page.evaluate((given) => harness.fake.emit({ type: "balance-changed", balance: given }), balance);
    await pay(page);
    await page.reload();
    await hook(page, "pay-review").waitFor();
    expect(await hook(page, "pay-status").count()).toBe(0);
  });

  it("builds a failed payment again with one tap and one look", async () => {
    const page = await visitor.open("/pay/send");
    await pay(page);
    await showPayment(page, "failed", true);
    await page.getByText(en.payment.words.failed).first().waitFor();
    await hook(page, "pay-rebuild").click();
    await hook(page, "pay-confirm").click();
    await hook(page, "pay-status").waitFor();
    expect(await page.evaluate(() => harness.fake.calls.map(({ name }) => name).slice(-2))).toEqual([
      "retry",
      "confirm",
    ]);
  });

  it("puts each mistake beside its field as it is typed", async () => {
    const page = await visitor.open("/pay/send");
    await hook(page, "pay-to").fill("stg1qqq");
    await page.getByText(en.send.addressProblems.wrong_network).waitFor();
    await hook(page, "pay-amount").fill("1.2345678");
    await page.getByText(en.send.amountProblems.too_many_decimals).waitFor();
    await hook(page, "pay-amount").fill("900");
    await page.getByText(en.send.busy("734.56 STG")).waitFor();
    await hook(page, "pay-amount").fill("2000");
    await page.getByText(en.send.insufficientPlain).waitFor();
    await hook(page, "pay-amount").fill("1,5");
    await page.getByText(en.send.reads("1.5 STG")).waitFor();
    await hook(page, "pay-note").fill("x".repeat(427));
    await page.getByText(en.send.memoTooLong).waitFor();
    await hook(page, "pay-review").click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("send-to");
  });

  it("keeps the sheet while the same is proposed again, and what is refused then stands below it", async () => {
    const page = await visitor.open("/pay/send");
    await answer(page, { confirm: { ok: false, code: "funds_changed" } });
    await review(page);
    await hook(page, "pay-confirm").click();
    await hook(page, "pay-again").click();
    await hook(page, "pay-confirm").click();
    await answer(page, { propose: { ok: false, code: "not_ready" } });
    await hook(page, "pay-again").click();
    await page.getByText(en.send.notReady).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await answer(page, { propose: "ok" });
    await review(page);
    await hook(page, "pay-confirm").click();
    await page.evaluate(() => harness.fake.silent.add("propose"));
    await hook(page, "pay-again").click();
    await page.locator('dialog [data-testid="pay-again"][aria-busy="true"][aria-disabled="true"]').waitFor();
    expect(await hook(page, "pay-confirm").count()).toBe(0);
  });

  it("goes Back one step at a time and keeps the draft", async () => {
    const page = await visitor.open("/pay");
    await hook(page, "pay-open").click();
    await review(page);
    await page.goBack();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await hook(page, "pay-amount").inputValue()).toBe("12.5");
    await page.goBack();
    await hook(page, "home-balance").waitFor();
    await hook(page, "pay-open").click();
    expect(await hook(page, "pay-amount").inputValue()).toBe("12.5");
  });
});

describe("the rest", () => {
  it("receives: address, code, copy, a new address, and the news of what arrived", async () => {
    const page = await visitor.open("/pay/receive");
    const address = hook(page, "receive-address");
    expect(await address.getAttribute("data-address")).toBe(fakeAddress(1));
    expect((await address.textContent())?.trim()).toBe(fakeAddress(1));
    await page.getByRole("img", { name: en.receive.qr }).waitFor();
    await page.getByRole("button", { name: en.app.copy }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(fakeAddress(1));
    await hook(page, "receive-fresh").click();
    await page.waitForSelector(`[data-address="${fakeAddress(2)}"]`);
    const row = fakeRow({ id: "leaf:99", direction: "in", amount: amount(5_000_000n) });
    await showHistory(page, row);
    await page.getByText(en.receive.arrived("5 STG")).waitFor();
  });

  it("keeps the screen on while a code is shown, and lets it sleep afterwards", async () => {
    const page = await visitor.open("/pay");
    const held = () => page.evaluate(() => (window as { locks?: number }).locks);
    await page.evaluate(() => {
      const counted = Object.assign(window, { locks: 0 });
      const request = () => {
        counted.locks += 1;
        return Promise.resolve({ released: false, release: () => Promise.resolve(void (counted.locks -= 1)) });
      };
      Object.defineProperty(navigator, "wakeLock", { value: { request } });
    });
    await page.evaluate(() => harness.app.router.go("/pay/receive"));
    await page.getByRole("img", { name: en.receive.qr }).waitFor();
    expect(await held()).toBe(1);
    await page.evaluate(() => harness.app.router.go("/me/settings"));
    await hook(page, "checkpoint-show").waitFor();
    expect(await held()).toBe(0);
    await hook(page, "checkpoint-show").click();
    await hook(page, "checkpoint").waitFor();
    expect(await held()).toBe(1);
  });

  it("says on the button what could not be copied", async () => {
    const page = await visitor.open("/pay/receive");
    await page.evaluate(() => Object.assign(navigator.clipboard, { writeText: () => Promise.reject(new Error("no")) }));
    await page.getByRole("button", { name: en.app.copy }).click();
    await page.getByRole("button", { name: en.app.copyFailed }).waitFor();
  });

  it("past draws: who won, and what the recheck on this device says of each", async () => {
    const page = await visitor.open("/explore");
    const rows = hook(page, "award-past");
    await rows.first().waitFor();
    const said = await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-recheck")));
    expect(said).toEqual(["ok", "unchecked", "wrong_winner"]);
    const { award } = en.explore;
    const words = [award.checked, award.unchecked, award.wrong("wrong_winner", "AW-2")];
    for (const [index, text] of words.entries()) await rows.nth(index).getByText(text, { exact: true }).waitFor();
    expect(await rows.first().textContent()).toContain("b0b0b0b0…b0b0b0b0");
  });

  it("stakes: an offer, its answer, a look, the yes", async () => {
    const page = await visitor.open("/explore");
    await hook(page, "stake-link").click();
    await hook(page, "stake-open").click();
    await hook(page, "stake-key").fill("b0".repeat(48));
    await hook(page, "stake-offer").click();
    await hook(page, "stake-offer-text").waitFor();
    await hook(page, "stake-acceptance").fill("dstgaccept1fake");
    await hook(page, "stake-amount").fill("150");
    await hook(page, "stake-review").click();
    const sheet = page.getByRole("dialog", { name: en.stake.sheet.titles.stake });
    await sheet.getByText(en.stake.risks.slashed).waitFor();
    await hook(page, "stake-confirm").click();
    await sheet.waitFor({ state: "detached" });
    await hook(page, "stake-open").waitFor();
    expect(await page.locator("nav a[aria-current]").textContent()).toBe(en.tabs.explore);
    const asked = await page.evaluate(() => harness.fake.calls.map(({ name }) => name));
    expect(asked.filter((name) => name === "proposeStake" || name === "confirm")).toEqual(["proposeStake", "confirm"]);
    await page.getByRole("button", { name: en.app.back, exact: true }).click();
    await hook(page, "stake-link").waitFor();
  });

  it("shows a tab as taken before its screen is made", async () => {
    const page = await visitor.open("/pay");
    await page.evaluate(() => {
      const held: FrameRequestCallback[] = [];
      const draw = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (callback) => held.push(callback);
      Object.assign(window, { drawHeld: () => held.splice(0).forEach((callback) => draw(callback)) });
    });
    const current = () => page.locator("nav a[aria-current]").textContent();
    await page.locator('nav a[href="/explore"]').click();
    expect([await current(), new URL(page.url()).pathname]).toEqual([en.tabs.explore, "/pay"]);
    await page.evaluate(() => (window as unknown as { drawHeld: () => void }).drawHeld());
    await expect.poll(() => new URL(page.url()).pathname).toBe("/explore");
    expect(await current()).toBe(en.tabs.explore);
  });

  it("asks a stake back only after a look", async () => {
    const page = await visitor.open("/explore/stake");
    const confirmed = () => page.evaluate(() => harness.fake.calls.filter(({ name }) => name === "confirm").length);
    await hook(page, "unstake").first().click();
    const sheet = page.getByRole("dialog", { name: en.stake.sheet.titles.unstake });
    await sheet.getByText(en.stake.sheet.texts.unstake).waitFor();
    expect(await confirmed()).toBe(0);
    await hook(page, "stake-confirm").click();
    await sheet.waitFor({ state: "detached" });
    expect(await confirmed()).toBe(1);
  });

  it("keeps the sheet of a stake while the same is proposed again, with nothing to say yes to", async () => {
    const page = await visitor.open("/explore/stake");
    await answer(page, { confirm: { ok: false, code: "funds_changed" } });
    await hook(page, "withdraw").click();
    await hook(page, "stake-confirm").click();
    await page.evaluate(() => harness.fake.silent.add("proposeWithdrawal"));
    await hook(page, "stake-again").click();
    await page.locator('dialog [data-testid="stake-again"][aria-busy="true"][aria-disabled="true"]').waitFor();
    expect(await hook(page, "stake-confirm").count()).toBe(0);
  });

  it("a stake that comes back is no news to somebody who waits to be paid", async () => {
    const page = await visitor.open("/pay/receive");
    const withdrawn = fakeRow({ id: "f0".repeat(32), direction: "in", act: "withdraw", amount: amount(7_000_000n) });
    const paid = fakeRow({ id: "leaf:99", direction: "in", amount: amount(5_000_000n) });
    await showHistory(page, withdrawn, paid);
    await page.getByText(en.receive.arrived("5 STG")).waitFor();
    await page.getByRole("button", { name: en.app.back, exact: true }).click();
    await showHistory(page, { ...withdrawn, state: "queued" });
    await hook(page, "history-row").waitFor();
    expect(await hook(page, "balance-incoming").count()).toBe(0);
  });

  it("asks the faucet, and says that coins are on their way", async () => {
    const page = await visitor.open("/pay", "empty");
    await hook(page, "faucet").click();
    await page.getByText(en.faucet.asked).waitFor();
  });

  it("shows the words on a tap only, and erases only what is understood", async () => {
    const page = await visitor.open("/me", "unsafe");
    await hook(page, "words-open").click();
    expect(await hook(page, "words").count()).toBe(0);
    await hook(page, "words-show").click();
    expect(await hook(page, "words").getByRole("listitem").count()).toBe(24);
    await page.goBack();
    await hook(page, "words").waitFor({ state: "detached" });
    await hook(page, "erase-open").click();
    expect(await hook(page, "erase-confirm").isDisabled()).toBe(true);
    await hook(page, "erase-understood").check();
    await hook(page, "erase-confirm").click();
    await hook(page, "onboard-create").waitFor();
  });

  it("leads from Me to the address with its code, and back; About says what is new", async () => {
    const page = await visitor.open("/me");
    await hook(page, "me-address").click();
    await page.getByRole("img", { name: en.receive.qr }).waitFor();
    await page.goBack();
    await hook(page, "about-open").click();
    await page.getByText(en.about.changeList.board).waitFor();
    // This host publishes no list of files, which the browser says in its own words.
    await page.getByText(en.about.none).waitFor();
    expect(visitor.trouble.splice(0)).toEqual([expect.stringContaining("404")]);
  });

  it("changes the language at once", async () => {
    const page = await visitor.open("/me");
    await hook(page, "settings-open").click();
    await page.getByRole("radio", { name: "中文" }).check();
    await page.getByRole("heading", { name: zh.settings.title, exact: true }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-Hans");
  });

  it("offers an update and leaves the moment to the person", async () => {
    const page = await visitor.open("/pay");
    await page.evaluate(() => harness.offerUpdate());
    await page.getByRole("button", { name: en.update.apply }).waitFor();
    // Recovery words that are half typed would be gone.
    await showSync(page, { state: "offline", problem: "checkpoint_too_old" });
    await page.evaluate(() => harness.app.router.go("/restore"));
    await page.getByRole("button", { name: en.settings.checkpoint.enter }).waitFor();
    expect(await page.getByRole("button", { name: en.update.apply }).count()).toBe(0);
  });
});
