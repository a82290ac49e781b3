import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import type { Harness } from "../app/harness.ts";
import { answer, type AppVisitor, DESK, hook, withVisitor } from "../support/app-visitor.ts";
import { fakeSafety } from "../support/fake-client.ts";
import { fakeFragment } from "../support/fake-requests.ts";

declare const harness: Harness;

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

describe("keeping it safe", () => {
  it("leads from the balance over the words and their check to enough safety", async () => {
    const page = await visitor.open("/pay", "unsafe");
    const advice = page.getByRole("region").filter({ has: hook(page, "keep-safe-open") });
    await advice.getByText(en.safety.levels[0].text).waitFor();
    // What stood its check is not said to be missing.
    const bringsBack = { credentialId: new Uint8Array(20), addedMs: 1, holdsSeed: true };
    for (const [level, view] of [
      [1, { passkeys: [bringsBack] }],
      [0, {}],
    ] as const) {
      await answer(page, { safety: fakeSafety({ wordsCheckedMs: undefined, ...view }) });
      await page.evaluate(() => harness.app.safety.look());
      await advice.getByRole("heading", { name: en.safety.levels[level].title }).waitFor();
    }
    await hook(page, "keep-safe-open").click();
    await hook(page, "safety-asked").waitFor();
    expect(await hook(page, "safety-level").getAttribute("data-level")).toBe("0");
    await hook(page, "safety-words").click();
    await hook(page, "words-show").click();
    await hook(page, "words-done").click();
    const entries = hook(page, "words-check-entry");
    expect(await entries.count()).toBe(4);
    // They are not on show while they are asked for.
    expect(await hook(page, "words").count()).toBe(0);
    await answer(page, { checkWords: false });
    await hook(page, "words-check-submit").click();
    await page.getByText(en.wordsCheck.wrong).waitFor();
    await answer(page, { checkWords: true });
    for (const entry of await entries.all()) await entry.fill("abandon");
    await hook(page, "words-check-submit").click();
    await hook(page, "words-checked").waitFor();
    await page.getByRole("button", { name: en.wordsCheck.close, exact: true }).click();
    await page.locator('[data-testid="safety-level"][data-level="3"]').waitFor();
    expect(await hook(page, "safety-asked").count()).toBe(0);
  });

  it("says it in a strip elsewhere, but never for a coffee's worth, nor where it is said already", async () => {
    const page = await visitor.open("/explore", "unsafe");
    await page.getByRole("link", { name: en.tabs.me }).click();
    await hook(page, "keep-safe").waitFor();
    await hook(page, "keep-safe-open").click();
    await hook(page, "safety-level").waitFor();
    expect(await hook(page, "keep-safe").count()).toBe(0);
    const small = await visitor.open("/me", "empty");
    await hook(small, "safety-open").waitFor();
    expect(await hook(small, "keep-safe").count()).toBe(0);
  });

  it("says where it cannot be read, and reads it again", async () => {
    const page = await visitor.open("/pay", "unsafe", DESK);
    await page.evaluate(() => {
      harness.fake.broken.add("safety");
      harness.app.safety.view = undefined;
    });
    await page.evaluate(() => harness.app.router.go("/me/safety"));
    const notice = page.getByRole("alert");
    await notice.waitFor();
    await page.evaluate(() => harness.fake.broken.clear());
    await answer(page, { safety: fakeSafety({ wordsCheckedMs: undefined }) });
    await notice.getByRole("button").click();
    await hook(page, "safety-level").waitFor();
  });
});

it("a backup file is checked once it was saved, and made anew where its code does not fit", async () => {
  const page = await visitor.open("/me/safety");
  await hook(page, "kit-open").click();
  await hook(page, "kit-make").click();
  const code = await hook(page, "kit-code").textContent();
  expect(await hook(page, "kit-next").isDisabled()).toBe(true);
  await page.getByText(en.kit.nextHint).waitFor();
  await hook(page, "kit-save").click();
  await hook(page, "kit-next").click();
  await hook(page, "kit-anew").click();
  await hook(page, "kit-anew-note").waitFor();
  await hook(page, "kit-make").click();
  await hook(page, "kit-code").waitFor();
  expect(await hook(page, "kit-code").textContent()).not.toBe(code);
  expect(await hook(page, "kit-next").isDisabled()).toBe(true);
});

describe("the wait before the next PIN", () => {
  it("is spoken when it begins and when it ends, however long the figure runs between", async () => {
    const page = await visitor.open("/pay");
    await page.evaluate(() => {
      const spoken: string[] = [];
      Object.assign(window, { spoken });
      // What somebody hears: the words of every live part, each time one changes.
      new MutationObserver((changes) => {
        const live = changes.map(({ target }) => (target instanceof Element ? target : target.parentElement));
        const parts = new Set(live.map((element) => element?.closest("[aria-live], [role=status], [role=alert]")));
        for (const part of parts) if (part?.textContent) spoken.push(part.textContent.trim());
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    const lock = { hasPin: true, passkeys: [], waitMs: 1_900, refused: "wrong_pin" } as const;
    await answer(page, { open: { ok: false, code: "locked", lock } });
    await page.evaluate(() => harness.app.session.lockNow());
    await hook(page, "unlock-wait").getByText("1").waitFor();
    // It is heard with the field that has the focus.
    const said = await hook(page, "unlock-pin").evaluate((field) => {
      const ids = field.getAttribute("aria-describedby")?.split(" ") ?? [];
      return [field === document.activeElement, ids.map((id) => document.getElementById(id)?.textContent.trim())];
    });
    expect(said).toEqual([true, [en.lock.wait]]);
    await hook(page, "unlock-wait").waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => (window as { spoken?: string[] }).spoken)).toContain(en.lock.waitOver);
    const spoken = await page.evaluate(() => (window as { spoken?: string[] }).spoken ?? []);
    expect(spoken.filter((words) => /\d/.test(words))).toEqual([]);
    expect(spoken.filter((words) => words === en.lock.waitOver)).toHaveLength(1);
  });
});

describe("taking a way in or back away", () => {
  const removed = (page: Page, name: string) =>
    page.evaluate((called) => harness.fake.calls.some((call) => call.name === called), name);

  it("a passkey goes only after a look at what goes with it, by keyboard as well", async () => {
    const page = await visitor.open("/me/safety");
    const passkeys = [{ credentialId: new Uint8Array([1]), addedMs: 1, holdsSeed: true }];
    await answer(page, { safety: fakeSafety({ wordsCheckedMs: undefined, passkeys }) });
    await page.evaluate(() => harness.app.safety.look());
    await hook(page, "passkey-open").click();
    const remove = hook(page, "passkeys").getByRole("button", { name: en.passkey.remove, expanded: false });
    await remove.press("Enter");
    const asked = hook(page, "passkey-removal");
    expect(await asked.evaluate((group) => group === document.activeElement)).toBe(true);
    const { text, lastWayBack, lastLock, stays } = en.passkey.removal;
    for (const words of [text, lastWayBack, lastLock, stays]) await asked.getByText(words).waitFor();
    await hook(page, "passkey-keep").press("Enter");
    await asked.waitFor({ state: "detached" });
    expect(await remove.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(await removed(page, "removePasskey")).toBe(false);
    await remove.press("Enter");
    await hook(page, "passkey-remove-confirm").press("Enter");
    await hook(page, "passkey-removed").waitFor();
    await hook(page, "passkeys").waitFor({ state: "detached" });
    expect(await removed(page, "removePasskey")).toBe(true);
  });

  it("a PIN as well: what then opens the wallet is said first", async () => {
    const page = await visitor.open("/me/safety");
    await answer(page, { safety: fakeSafety({ hasPin: true }) });
    await page.evaluate(() => harness.app.safety.look());
    await hook(page, "pin-open").click();
    await hook(page, "pin-remove").click();
    await hook(page, "pin-removal").getByText(en.pin.removal.lastLock).waitFor();
    expect(await removed(page, "removePin")).toBe(false);
    await hook(page, "pin-remove-confirm").click();
    await hook(page, "pin-new").waitFor({ state: "detached" });
    expect(await removed(page, "removePin")).toBe(true);
  });
});

describe("keeping the app on this device", () => {
  const row = (page: Page) => hook(page, "install-open");

  it("is offered in Me once the browser can ask, and asks on a tap alone", async () => {
    const page = await visitor.open("/me");
    await page.evaluate(() => {
      const event = new Event("beforeinstallprompt", { cancelable: true });
      const prompt = () => Promise.resolve({ outcome: "dismissed" });
      window.dispatchEvent(Object.assign(event, { prompt }));
    });
    // What somebody reads is not pushed down: it is there when they come back.
    expect(await row(page).count()).toBe(0);
    await page.getByRole("link", { name: en.tabs.pay }).click();
    await page.getByRole("link", { name: en.tabs.me }).click();
    await row(page).getByText(en.install.hint).waitFor();
    await row(page).click();
    await row(page).getByText(en.install.declined).waitFor();
    expect(await row(page).getAttribute("aria-disabled")).toBe("true");
  });

  it("is shown step by step on an iPhone, and what to bring along", async () => {
    const page = await visitor.open("/me?browser=ios");
    await row(page).click();
    await hook(page, "install-steps").waitFor();
    expect(await hook(page, "install-steps").getByRole("listitem").allInnerTexts()).toEqual(
      Object.values(en.install.steps),
    );
    await hook(page, "install-safety").click();
    await hook(page, "safety-level").waitFor();
  });

  it("waits for a real browser inside another app, which stops nobody", async () => {
    let page = await visitor.open("/me?browser=in-app");
    await hook(page, "in-app").getByText(en.install.inApp.wallet).waitFor();
    expect(await row(page).count()).toBe(0);
    page = await visitor.open("/?browser=in-app", "new");
    await hook(page, "in-app").getByRole("button", { name: en.install.inApp.copy }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
    await hook(page, "onboard-create").click();
    await hook(page, "home-balance").waitFor();
    // Whoever was asked to pay takes the request along.
    page = await visitor.open(`/p?browser=in-app#${fakeFragment()}`, "new");
    await hook(page, "in-app").getByRole("button", { name: en.install.inApp.copy }).click();
    const taken = await page.evaluate(() => navigator.clipboard.readText());
    expect(taken).toBe(`${new URL(page.url()).origin}/p#${fakeFragment()}`);
    await hook(page, "asked-start").click();
    await hook(page, "asked-pay").waitFor();
    expect(await hook(page, "in-app").count()).toBe(0);
  });
});
