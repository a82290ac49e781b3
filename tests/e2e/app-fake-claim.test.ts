import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { claimTexts as en } from "../../src/app/i18n/en/claim.ts";
import { claimTexts as zh } from "../../src/app/i18n/zh/claim.ts";
import { amount } from "../../src/core/values/amount.ts";
import type { ClaimHarness } from "../app/claim-harness.ts";
import { type AppVisitor, hook, PHONE, withVisitor } from "../support/app-visitor.ts";
import { fakeOpened } from "../support/fake-claims.ts";
import { fakeLink, fakePacketFragment } from "../support/fake-packets.ts";
import { gifFile, webmFile } from "../support/media-files.ts";
import { endOpening, givePicture, seeResult, showOpening, storeClaim } from "../support/screen-states/claim-states.ts";

declare const harness: ClaimHarness;

/** Of fake packets. */
const GREETING = "恭喜发财，大吉大利";
const t = en.claim;
const LINK = `/r#${fakePacketFragment()}`;
const WON = "8.88 STG";

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

const tap = (page: Page) => hook(page, "packet-open").click();
const connections = (page: Page) => page.evaluate(() => harness.connections);
const hashOf = (page: Page) => new URL(page.url()).hash;

describe("a red packet", () => {
  it("is opened by a person's finger or key, and by no script", async () => {
    const page = await visitor.open(LINK, "new");
    await page.evaluate(() => {
      const seal = document.querySelector<HTMLElement>('[data-testid="packet-open"]');
      seal?.click();
      seal?.dispatchEvent(new PointerEvent("click", { bubbles: true }));
    });
    expect(await connections(page)).toBe(0);
    expect(await hook(page, "packet-result").count()).toBe(0);
    await hook(page, "packet-open").focus();
    await page.keyboard.press("Enter");
    await seeResult(page, "opening");
    expect(await connections(page)).toBe(1);
  });

  it("shows the sender's words while it is opened, and what was won once it is certain", async () => {
    const page = await visitor.open(LINK, "new");
    await tap(page);
    await storeClaim(page, fakeOpened({ state: "drawing", amount: undefined, rank: undefined }));
    expect(await hook(page, "packet-greeting").locator("bdi").textContent()).toBe(GREETING);
    await page.getByText(t.greeting, { exact: true }).waitFor();
    expect(hashOf(page)).toBe("");
    expect(await page.evaluate(() => harness.wins)).toBe(0);
    await page.evaluate((claim) => {
      harness.claims.claims = [claim];
      harness.fake.emit({ type: "history-changed", history: [] });
    }, fakeOpened());
    await seeResult(page, "won");
    expect(await hook(page, "packet-result").getAttribute("data-amount")).toBe("8880000");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(t.won(WON));
    // Said once, politely; the figure that counts is for the eyes.
    expect(await page.locator('main > [aria-live="polite"]').textContent()).toBe(t.won(WON));
    await page.getByText(t.rank("3", "20")).waitFor();
    for (const [id, path] of [
      ["claim-safe", "/me/safety"],
      ["claim-send", "/packets/new"],
      ["claim-wallet", "/pay"],
    ] as const)
      expect(await hook(page, id).getAttribute("href")).toBe(path);
    expect(await page.evaluate(() => harness.wins)).toBe(1);
    await hook(page, "packet-verify").click();
    await page.waitForFunction((id) => harness.fake.calls.some(({ argument }) => argument === id), fakeOpened().id);
  });

  it.each(["usual", "larger"])(
    "counts up to a figure on one line, however many letters it has, at %s text",
    async (textSize) => {
      for (const micro of [8_880_000n, 3_217_820n, 1_745_171n, 12_345_678_901n, 9_007_199_254_740_991n]) {
        const page = await visitor.open(LINK, "new");
        await page.evaluate((chosen) => (document.documentElement.dataset["textSize"] = chosen), textSize);
        await tap(page);
        await storeClaim(page, fakeOpened({ amount: amount(micro) }));
        await seeResult(page, "won");
        const lines = await page.locator(".won").evaluate((won) => {
          const figure = document.createRange();
          figure.selectNodeContents(won.firstChild!);
          return new Set([...figure.getClientRects()].map(({ top }) => top)).size;
        });
        expect(lines, String(micro)).toBe(1);
      }
    },
  );

  it.each([
    ["neither heard nor felt unless somebody chose it", false, []],
    ["heard and felt where somebody chose it: as its seal breaks, and as its coins are there", true, [1, 5]],
  ])("is %s", async (_what, hasSound, felt) => {
    const page = await visitor.open(LINK, "new");
    await page.evaluate((isOn) => {
      harness.preferences.setSound(isOn);
      const trembles: number[] = [];
      Object.assign(window, { trembles });
      navigator.vibrate = (pattern) => trembles.push((pattern as number[]).length) > 0;
    }, hasSound);
    await tap(page);
    await storeClaim(page, fakeOpened());
    await seeResult(page, "won");
    expect(await page.evaluate(() => (window as unknown as { trembles: number[] }).trembles)).toEqual(felt);
  });

  it("goes on after a reload in the middle without a tap, and the link is nowhere by then", async () => {
    const page = await visitor.open(LINK, "full");
    await tap(page);
    await storeClaim(page, fakeOpened({ state: "sending", amount: undefined, rank: undefined }));
    await page.locator('[data-testid="claim-steps"][data-step="settling"]').waitFor();
    const kept = await page.evaluate(() => JSON.stringify([history.state, location.href]));
    expect(kept).not.toContain(fakePacketFragment());
    await page.reload();
    await page.locator('[data-testid="claim-steps"][data-step="settling"]').waitFor();
    expect(await page.evaluate(() => harness.claims.opened)).toEqual([]);
  });

  it("asks for its password before anything is started, and takes Enter for a tap", async () => {
    const page = await visitor.open(`/r#${fakePacketFragment({ hasPassword: true })}`, "new");
    await tap(page);
    await page.getByText(t.passwordMissing).waitFor();
    expect(await hook(page, "packet-password").evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await connections(page)).toBe(0);
    await hook(page, "packet-password").fill("plum");
    await page.keyboard.press("Enter");
    await endOpening(page, { ok: false, code: "wrong_password" });
    await seeResult(page, "refused");
    await page.getByText(t.problems.wrong_password.text).waitFor();
    await hook(page, "packet-password").fill("plumb");
    await hook(page, "claim-again").click();
    await page.waitForFunction(() => harness.claims.opened.length === 2);
    expect(await page.evaluate(() => harness.claims.opened.map(({ password }) => password))).toEqual(["plum", "plumb"]);
  });

  it("waits for the PIN of a locked wallet, and is then opened by itself", async () => {
    const page = await visitor.open(LINK, "full");
    const lock = { hasPin: true, passkeys: [], waitMs: 0, refused: undefined };
    await page.evaluate((view) => void (harness.fake.answers.open = { ok: false, code: "locked", lock: view }), lock);
    await tap(page);
    await hook(page, "unlock-pin").fill("111111");
    const wrong = { ...lock, refused: "wrong_pin" } as const;
    await page.evaluate((view) => void (harness.fake.answers.open = { ok: false, code: "locked", lock: view }), wrong);
    await hook(page, "unlock-submit").click();
    await page.locator('#unlock-pin[aria-invalid="true"]').waitFor();
    const opened = { ok: true, wallet: { exists: true, wordsSeen: true } } as const;
    await page.evaluate((result) => void (harness.fake.answers.open = result), opened);
    await hook(page, "unlock-pin").fill("123456");
    await hook(page, "unlock-submit").click();
    await storeClaim(page, fakeOpened());
    await seeResult(page, "won");
  });

  it("[RP-10] shows the sender's picture once it was made anew, and asks for what that takes after the tap", async () => {
    const page = await visitor.open(LINK, "new");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await givePicture(page, gifFile(40, 30));
    await tap(page);
    expect(asked.some((url) => /media/.test(url))).toBe(false);
    await showOpening(page, { step: "signing", done: 1, link: fakeLink({ hasPicture: true }) });
    const picture = hook(page, "claim-picture").locator("img");
    await picture.waitFor();
    const before = await picture.evaluate((image: HTMLImageElement) => {
      return { width: image.naturalWidth, height: image.naturalHeight, scheme: new URL(image.src).protocol };
    });
    expect(before).toEqual({ width: 40, height: 30, scheme: "blob:" });
    expect(asked.some((url) => /media\.worker/.test(url))).toBe(true);
    const address = await picture.getAttribute("src");
    await storeClaim(page, fakeOpened({ hasPicture: true }));
    await seeResult(page, "won");
    expect(await picture.getAttribute("src")).toBe(address);
  });

  it("holds what moves still where nothing is to move, until somebody lets it", async () => {
    const page = await visitor.open(LINK, "new");
    const moving = gifFile(40, 30, [200, 200]);
    await givePicture(page, moving);
    await tap(page);
    await showOpening(page, { step: "signing", done: 1, link: fakeLink({ hasPicture: true }) });
    const picture = hook(page, "claim-picture").locator("img");
    await picture.waitFor();
    const shown = () => picture.evaluate((image: HTMLImageElement) => [image.src, image.naturalWidth] as const);
    const [still, width] = await shown();
    expect(width).toBe(40);
    const button = page.getByRole("button", { name: t.picture.play });
    expect(await button.getAttribute("data-moving")).toBe("false");
    await button.click();
    const [moved] = await shown();
    expect(moved).not.toBe(still);
    await page.getByRole("button", { name: t.picture.pause }).click();
    expect((await shown())[0]).toBe(still);
  });

  it("shows a film, and says so where the browser cannot play it", async () => {
    const page = await visitor.open(LINK, "new");
    // Its frames are none; what can be told without a decoder is right.
    await givePicture(page, webmFile(40, 30, 1_000));
    await tap(page);
    await page.evaluate(() => {
      const films: string[] = [];
      Object.assign(window, { films });
      new MutationObserver(() => {
        for (const film of document.querySelectorAll("video"))
          films.push(`${new URL(film.src).protocol} ${film.muted} ${film.loop} ${film.ariaLabel}`);
      }).observe(document.body, { childList: true, subtree: true });
    });
    await showOpening(page, { step: "signing", done: 1, link: fakeLink({ hasPicture: true }) });
    await storeClaim(page, fakeOpened({ hasPicture: true }));
    await page.locator('[data-testid="claim-picture"][data-state="gone"]').waitFor();
    await page.getByText(t.picture.gone).waitFor();
    const films = await page.evaluate(() => (window as unknown as { films: string[] }).films);
    expect(films[0]).toBe(`blob: true true ${t.picture.alt}`);
  });

  it("says the odds while a try is made, and offers the next one where it was lost", async () => {
    const page = await visitor.open(LINK, "new");
    await tap(page);
    const link = { kind: "packet", state: "open", hasPassword: false, gate: "chance", odds: 0.25 } as const;
    const rest = { shares: undefined, expiryMs: undefined, greeting: undefined, hasPicture: false, isOpened: false };
    await showOpening(page, { step: "trying", done: 0.5, link: { ...link, ...rest } });
    await page.getByText(t.steps.trying("50%")).waitFor();
    await page.getByText(t.odds("25%")).waitFor();
    await endOpening(page, { ok: false, code: "not_this_time" });
    await seeResult(page, "not-this-time");
    expect(hashOf(page)).not.toBe("");
    await tap(page);
    await seeResult(page, "opening");
  });

  it("can be read in the other language, and copied from a window inside another app", async () => {
    const page = await visitor.open(`/r?browser=in-app#${fakePacketFragment()}`, "new", PHONE);
    await hook(page, "claim-language").click();
    await page.getByRole("heading", { name: zh.claim.title }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-Hans");
    await hook(page, "claim-copy").click();
    await page.getByText(zh.claim.next.copied).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  });

  it("that another tab takes over comes back to this one", async () => {
    const page = await visitor.open(LINK, "full");
    await tap(page);
    await storeClaim(page, fakeOpened({ state: "drawing", amount: undefined, rank: undefined }));
    await page.evaluate(() => harness.fake.emit({ type: "engine-stopped", code: "moved_to_other_tab" }));
    await page.getByRole("heading", { name: t.problems.moved_to_other_tab.title }).waitFor();
    await page.evaluate((claim) => void (harness.claims.claims = [claim]), fakeOpened());
    await hook(page, "claim-again").click();
    await seeResult(page, "won");
    expect(await page.evaluate(() => harness.claims.opened.length)).toBe(1);
  });
});
