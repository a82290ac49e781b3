import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { amount } from "../../src/core/values/amount.ts";
import { timeMs } from "../../src/core/values/height.ts";
import { formatRecoveryWords } from "../../src/core/values/recovery-words.ts";
import type { Harness } from "../app/harness.ts";
import {
  answer,
  type AppVisitor,
  hook,
  RESTORING,
  showHistory,
  showRestore,
  showSync,
  withVisitor,
} from "../support/app-visitor.ts";
import { fakeAddress, FAKE_CHECKPOINT, fakeRow } from "../support/fake-client.ts";

declare const harness: Harness;

const WORDS = formatRecoveryWords(new Uint8Array(32).fill(7));
const PROOF_TEXT = "dstgproof1fake";
const PROOF = {
  to: fakeAddress(1),
  amount: amount(12_500_000n),
  height: 9_000,
  leaf: 4,
  timeMs: timeMs(Date.UTC(2026, 4, 4, 12)),
  outputHash: "",
};

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

const callsOf = (page: Page, name: string) =>
  page.evaluate((wanted) => harness.fake.calls.filter((call) => call.name === wanted), name);

describe("restoring from a backup", () => {
  it("blames a file only for what is wrong with it, not for what a passkey holds", async () => {
    const page = await visitor.open("/restore", "new");
    await answer(page, { restoreBackup: { ok: false, code: "damaged" } });
    await hook(page, "restore-passkey").click();
    await hook(page, "passkey-problem").waitFor();
    await hook(page, "restore-file").click();
    await hook(page, "kit-file").waitFor();
    expect(await hook(page, "kit-file").getAttribute("data-problem")).toBeNull();
    expect(await page.getByText(en.kit.problems.damaged).count()).toBe(0);
    await hook(page, "kit-file").setInputFiles({ name: "kit.png", mimeType: "image/png", buffer: Buffer.from([1]) });
    await hook(page, "restore-file-submit").click();
    await page.getByText(en.kit.problems.damaged).waitFor();
  });
});

describe("restoring from words", () => {
  it("goes from the first screen to the balance, and leaves no word behind", async () => {
    const page = await visitor.open("/", "new");
    await hook(page, "onboard-restore").click();
    await hook(page, "restore-phrase").fill(`${WORDS.toUpperCase()}\n`);
    await hook(page, "restore-birthday").fill("2026-05-10");
    await hook(page, "restore-submit").click();
    await hook(page, "home-balance").waitFor();
    expect(new URL(page.url()).pathname).toBe("/pay");
    const birthdayMs = Date.UTC(2026, 4, 3);
    expect(await callsOf(page, "restore")).toEqual([{ name: "restore", argument: { words: WORDS, birthdayMs } }]);
    expect(await page.content()).not.toContain(WORDS.split(" ")[3]);
    await page.goBack();
    await page.goForward();
    expect(await page.locator("textarea").count()).toBe(0);
  });

  it("says which word is wrong by its number, and mends it with one tap", async () => {
    const page = await visitor.open("/restore", "new");
    const field = hook(page, "restore-phrase");
    await field.fill("abandon abilty able");
    await page.getByText(en.restore.problems.unknown_word("2", "abilty")).waitFor();
    await page.getByRole("button", { name: "ability" }).click();
    expect(await field.inputValue()).toBe("abandon ability able ");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("restore-phrase");
    await field.pressSequentially("abs");
    await page.getByRole("button", { name: "absurd" }).click();
    expect(await field.inputValue()).toBe("abandon ability able absurd ");
  });

  it("asks for what is missing, and lets the browser remember nothing", async () => {
    const page = await visitor.open("/restore", "new");
    const field = hook(page, "restore-phrase");
    const attributes = ["autocomplete", "autocorrect", "autocapitalize", "spellcheck"] as const;
    expect(await Promise.all(attributes.map((name) => field.getAttribute(name)))).toEqual([
      "off",
      "off",
      "none",
      "false",
    ]);
    await hook(page, "restore-submit").click();
    await page.getByText(en.restore.problems.empty).waitFor();
    await field.fill("abandon ability");
    await hook(page, "restore-submit").click();
    await page.getByText(en.restore.problems.too_few("2")).waitFor();
    await field.fill(`${WORDS} abandon `);
    await page.getByText(en.restore.problems.too_many("25")).waitFor();
    await field.fill(`${WORDS.split(" ").reverse().join(" ")} `);
    await page.getByText(en.restore.problems.bad_checksum).waitFor();
    await field.fill(WORDS);
    await answer(page, { restore: { ok: false, code: "words_invalid" } });
    await hook(page, "restore-submit").click();
    await page.getByText(en.restore.problems.words_invalid).waitFor();
    await hook(page, "restore-birthday").fill("2099-01-01");
    await page.getByText(en.restore.birthdayAhead).waitFor();
    expect((await callsOf(page, "restore")).length).toBe(1);
  });

  it("shows true counts and how it ended", async () => {
    const page = await visitor.open("/pay");
    await showRestore(page, RESTORING);
    await page.getByText(en.restoring.counts("412,000", "3")).waitFor();
    await page.getByText(en.restoring.parts("3", "8")).waitFor();
    await page.getByRole("heading", { name: en.restoring.soFar }).waitFor();
    await showRestore(page, undefined);
    await hook(page, "restored").getByText(en.restoring.done("3")).waitFor();
    expect(await page.locator("[aria-live]").last().textContent()).toBe(en.restoring.done("3"));
  });

  it("says that there is nothing only once the newest blocks have been looked at and the balance is 0", async () => {
    const page = await visitor.open("/pay", "empty");
    await showSync(page, { state: "catching-up", height: 9_700 });
    await showRestore(page, { ...RESTORING, coinsFound: 0 });
    await showRestore(page, undefined);
    await hook(page, "restoring").waitFor({ state: "detached" });
    expect(await hook(page, "restored").count()).toBe(0);
    await showSync(page, {});
    await hook(page, "restored").getByText(en.restoring.doneNone).waitFor();
    const balance = { total: amount(20_000_000n), usable: amount(20_000_000n) };
    await page.evaluate((given) => harness.fake.emit({ type: "balance-changed", balance: given }), balance);
    await hook(page, "restored").getByText(en.restoring.doneNew).waitFor();
    await page.locator("[aria-live]").getByText(en.restoring.doneNew).waitFor();
  });

  it("can be stopped, which removes what it stored", async () => {
    const page = await visitor.open("/pay");
    await showRestore(page, RESTORING);
    await page.getByRole("button", { name: en.restoring.stop }).click();
    await page.getByRole("dialog").getByText(en.restoring.stopText).waitFor();
    await hook(page, "erase-confirm").click();
    await hook(page, "onboard-restore").waitFor();
    expect((await callsOf(page, "erase")).length).toBe(1);
  });

  it("is not done over a wallet that is there", async () => {
    const page = await visitor.open("/restore");
    await page.getByRole("heading", { name: en.restore.exists.title }).waitFor();
    expect(await hook(page, "restore-phrase").count()).toBe(0);
  });

  it("tells that older history is not known, and times only as bounds", async () => {
    const page = await visitor.open("/pay/history");
    expect(await page.getByText(en.history.restored).count()).toBe(0);
    await showHistory(page, fakeRow({ id: "leaf:1", direction: "in", isTimeBound: true }));
    const wallet = { exists: true, wordsSeen: true, isRestored: true };
    await page.evaluate((view) => harness.fake.emit({ type: "wallet-changed", wallet: view }), wallet);
    await page.getByText(en.history.restored).waitFor();
    expect(await hook(page, "history-row").textContent()).toContain("or before");
  });

  it("is no time to say that there were no payments", async () => {
    const page = await visitor.open("/pay", "empty");
    expect(await hook(page, "pay-empty").textContent()).toContain("No payments yet");
    const wallet = { exists: true, wordsSeen: true, isRestored: true };
    await page.evaluate((view) => harness.fake.emit({ type: "wallet-changed", wallet: view }), wallet);
    await hook(page, "pay-empty").getByText(en.pay.emptyRestored).waitFor();
    await page.evaluate(() => harness.app.router.go("/pay/history"));
    await page.getByText(en.history.restored).waitFor();
    expect(await page.getByText(en.history.empty).count()).toBe(0);
  });

  it("says on Send why a payment has to wait for it, before and after Review", async () => {
    const page = await visitor.open("/pay/send");
    expect(await hook(page, "pay-restoring").count()).toBe(0);
    await showRestore(page, RESTORING);
    await hook(page, "pay-restoring").waitFor();
    await hook(page, "pay-to").fill(fakeAddress(1));
    const words = en.send.restoring;
    for (const [micro, said] of [
      ["5000", words.insufficient],
      ["1000", words.busy("734.56 STG")],
    ] as const) {
      await hook(page, "pay-amount").fill(micro);
      await hook(page, "pay-review").click();
      await page.getByText(said).waitFor();
    }
    await answer(page, { propose: { ok: false, code: "not_ready" } });
    await hook(page, "pay-amount").fill("1");
    await hook(page, "pay-review").click();
    await page.getByText(words.notReady).waitFor();
    // What a restore explains no more has its usual words.
    await showRestore(page, undefined);
    await page.getByText(en.send.notReady).waitFor();
    expect(await hook(page, "pay-restoring").count()).toBe(0);
  });

  it("is the way on from storage that cannot be read", async () => {
    const page = await visitor.open("/pay");
    await answer(page, { open: { ok: false, code: "storage_broken" } });
    await page.evaluate(() => harness.app.session.start());
    await hook(page, "discard-open").click();
    expect(await hook(page, "discard-confirm").isDisabled()).toBe(true);
    await hook(page, "discard-understood").check();
    await answer(page, { open: { ok: true, wallet: { exists: false, wordsSeen: false } } });
    await page.evaluate(() => harness.fake.forgetWallet());
    await hook(page, "discard-confirm").click();
    await hook(page, "restore-phrase").waitFor();
    expect((await callsOf(page, "open")).at(-1)?.argument).toEqual({ discardBroken: true });
  });
});

describe("settings", () => {
  it("show nodes and data used", async () => {
    const page = await visitor.open("/me/settings");
    const nodes = hook(page, "node");
    await nodes.first().waitFor();
    expect(await Promise.all([0, 1, 2].map((place) => nodes.nth(place).getAttribute("data-state")))).toEqual([
      "connected",
      "connected",
      "idle",
    ]);
    expect(await nodes.nth(1).getAttribute("data-transport")).toBe("webrtc");
    await page.getByText(en.settings.nodes.faults.wrong_data).waitFor();
    await page.getByText(en.settings.data.used("98.8 MB", "3.5 MB")).waitFor();
    await hook(page, "backend").getByText("wasm fma").waitFor();
  });

  it("change the appearance at once", async () => {
    const page = await visitor.open("/me/settings");
    const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    expect(await scheme()).toBe("light dark");
    const themes = page.getByRole("group", { name: en.settings.theme });
    await themes.getByRole("radio", { name: en.settings.themes.dark }).check();
    expect(await scheme()).toBe("dark");
    await themes.getByRole("radio", { name: en.settings.themes.system }).check();
    expect(await scheme()).toBe("light dark");
  });

  it("make text larger and keep things still at once", async () => {
    const page = await visitor.open("/me/settings");
    const look = () =>
      page.evaluate(() => {
        const { fontSize } = getComputedStyle(document.documentElement);
        const title = document.querySelector("h1")!;
        title.style.transitionDuration = "var(--move)";
        return { fontSize, moveS: parseFloat(getComputedStyle(title).transitionDuration) };
      });
    await page.emulateMedia({ reducedMotion: "no-preference" });
    try {
      expect(await look()).toEqual({ fontSize: "16px", moveS: 0.2 });
      await page.getByRole("radio", { name: en.settings.textSizes.larger }).check();
      await page.getByRole("radio", { name: en.settings.motions.less }).check();
      expect(await look()).toEqual({ fontSize: "20.8px", moveS: 0 });
    } finally {
      await page.emulateMedia({ reducedMotion: "reduce" });
    }
    await page.getByRole("group", { name: en.settings.motion }).getByRole("radio").first().check();
    expect((await look()).moveS).toBe(0);
  });

  it("save the history in both forms, under the page's policy", async () => {
    const page = await visitor.open("/me/settings");
    for (const format of ["csv", "json"] as const) {
      const downloading = page.waitForEvent("download");
      await hook(page, `save-${format}`).click();
      const download = await downloading;
      expect(download.suggestedFilename()).toMatch(new RegExp(`^stegos-history-\\d{4}-\\d\\d-\\d\\d\\.${format}$`));
      expect(await readFile(await download.path(), "utf8")).toContain("恭喜发财");
    }
    await page.getByText(en.settings.save.saved).waitFor();
  });

  it("show a checkpoint, and take one", async () => {
    const page = await visitor.open("/me/settings");
    await hook(page, "checkpoint-show").click();
    expect(await hook(page, "checkpoint").getAttribute("data-text")).toBe(FAKE_CHECKPOINT.text);
    await page.getByRole("img", { name: en.settings.checkpoint.qr }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await hook(page, "checkpoint-enter").click();
    await answer(page, { enterCheckpoint: { ok: true } });
    await hook(page, "checkpoint-text").fill(FAKE_CHECKPOINT.text);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    // Still there: nobody types twelve words twice.
    await hook(page, "checkpoint-enter").click();
    await hook(page, "checkpoint-take").click();
    await page.getByText(en.settings.checkpoint.taken).waitFor();
    expect((await callsOf(page, "enterCheckpoint")).at(-1)?.argument).toBe(FAKE_CHECKPOINT.text);
  });

  it("lead from a network that was not looked at for long to a checkpoint", async () => {
    const page = await visitor.open("/pay");
    await showSync(page, { state: "offline", problem: "checkpoint_too_old" });
    await page.getByRole("button", { name: en.settings.checkpoint.enter }).click();
    await hook(page, "checkpoint-text").waitFor();
  });
});

describe("proofs of payment", () => {
  it("are made with two taps, as link and code", async () => {
    const page = await visitor.open("/pay/history");
    await hook(page, "history-row").last().getByRole("button").click();
    await hook(page, "proof-open").click();
    expect(await hook(page, "proof").getAttribute("data-link")).toBe(`${visitor.site.url}/c#${PROOF_TEXT}`);
    await page.getByRole("img", { name: en.proof.qr }).waitFor();
    await page.getByRole("button", { name: en.proof.copyLink }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${visitor.site.url}/c#${PROOF_TEXT}`);
    await page.goBack();
    await page.getByRole("dialog", { name: en.payment.title }).waitFor();
  });

  it("are made of payments that are done, and of no others", async () => {
    const page = await visitor.open("/pay/history");
    await showHistory(page, fakeRow({ id: "leaf:1", direction: "in" }), fakeRow({ id: "ab", state: "sent" }));
    for (const place of [0, 1]) {
      await hook(page, "history-row").nth(place).getByRole("button").click();
      expect(await hook(page, "proof-open").count()).toBe(0);
      await page.goBack();
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
  });

  it.each(["new", "full"])(
    "are checked from a link that the address forgets as soon as that is done (%s)",
    async (scene) => {
      const page = await visitor.open(`/c#${PROOF_TEXT}`, scene);
      await hook(page, "check-result").waitFor();
      expect(page.url()).not.toContain(PROOF_TEXT);
      expect(await page.evaluate(() => JSON.stringify(window.history.state))).not.toContain(PROOF_TEXT);
      expect((await callsOf(page, "checkProof")).map(({ argument }) => argument)).toEqual([PROOF_TEXT]);
      // Another link into the same tab.
      await page.evaluate(() => (location.hash = "#dstgproof1other"));
      await page.waitForFunction(() => harness.fake.calls.filter(({ name }) => name === "checkProof").length === 2);
      expect(page.url()).not.toContain("dstgproof1other");
    },
  );

  it("tell who got how much and when", async () => {
    const page = await visitor.open("/c", "new");
    const result = hook(page, "check-result");
    await hook(page, "check-submit").click();
    await page.getByText(en.check.missing).waitFor();
    await hook(page, "check-text").fill(`https://wallet.example/c#${PROOF_TEXT}`);
    await answer(page, { checkProof: { ok: true, proof: PROOF } });
    await hook(page, "check-submit").click();
    await page.getByRole("heading", { name: en.check.valid.title }).waitFor();
    expect([await result.getAttribute("data-state"), await result.getAttribute("data-amount")]).toEqual([
      "valid",
      "12500000",
    ]);
    for (const words of ["12.5 STG", fakeAddress(1), "May 4, 2026", "9,000"]) {
      expect(await result.textContent()).toContain(words);
    }
  });

  it("that nobody could answer for are asked about again when the network is back", async () => {
    const page = await visitor.open("/c", "new");
    await showSync(page, { state: "offline" });
    await answer(page, { checkProof: { ok: false, code: "unchecked", reason: "offline", proof: PROOF } });
    await hook(page, "check-text").fill(PROOF_TEXT);
    await hook(page, "check-submit").click();
    await hook(page, "check-result").waitFor();
    await answer(page, { checkProof: { ok: true, proof: PROOF } });
    await showSync(page, { state: "live" });
    await page.getByRole("heading", { name: en.check.valid.title }).waitFor();
  });
});

describe("coins on their way", () => {
  const announced = fakeRow({ id: "pool:1", direction: "in", state: "sent", height: undefined, memo: "tea" });

  it("are marked, are in no balance, and become final in place", async () => {
    const page = await visitor.open("/pay");
    const total = await hook(page, "home-balance").getAttribute("data-total");
    await showHistory(page, announced);
    const row = hook(page, "history-row");
    expect([await row.getAttribute("data-state"), await hook(page, "home-balance").getAttribute("data-total")]).toEqual(
      ["sent", total],
    );
    await hook(page, "balance-incoming").getByText(en.pay.incoming("12.5 STG")).waitFor();
    await row.evaluate((element) => element.setAttribute("data-same", "yes"));
    await row.getByRole("button").click();
    await page.getByRole("dialog").getByText(en.payment.wordsIn.sent).waitFor();
    await showHistory(page, { ...announced, id: "leaf:9", state: "final", height: 9_881 });
    // The sheet that was open stays, and so does the row.
    await page.getByRole("dialog").getByText(en.payment.wordsIn.final).waitFor();
    expect([await row.getAttribute("data-txid"), await row.getAttribute("data-same")]).toEqual(["leaf:9", "yes"]);
    expect(await hook(page, "balance-incoming").count()).toBe(0);
  });
});
