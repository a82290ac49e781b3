import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { amount } from "../../src/core/values/amount.ts";
import { timeMs } from "../../src/core/values/height.ts";
import type { Harness } from "../app/harness.ts";
import { answer, type AppVisitor, DESK, hook, showHistory, showSync, withVisitor } from "../support/app-visitor.ts";
import { fakeAddress, fakeRow } from "../support/fake-client.ts";
import { fakeAsked, fakeFragment, fakeRequest, REQUESTS } from "../support/fake-requests.ts";

declare const harness: Harness;

const t = en.request;
const ID = "a0".repeat(16);

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

const stateOf = (page: Page, id: string, state: string) => page.locator(`[data-testid="${id}"][data-state="${state}"]`);
const openAsked = (page: Page, link: string) => page.evaluate((text) => harness.app.asked.take(text), link);

describe("a request that somebody opens", () => {
  it("[AD-8] shows to whom, how much and what for, and brings it all to Send", async () => {
    const page = await visitor.open(`/p#${fakeFragment()}`);
    await stateOf(page, "asked", "ready").waitFor();
    expect(await hook(page, "asked-amount").getAttribute("data-amount")).toBe("12500000");
    expect(await hook(page, "asked-to").textContent()).toBe(fakeAddress(7));
    const note = hook(page, "asked-note");
    expect(await note.textContent()).toContain("Lunch on Friday");
    expect(await note.locator("bdi").count()).toBe(2);
    await page.getByText(t.asked.theirs).waitFor();
    await hook(page, "asked-pay").click();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(7));
    expect(await hook(page, "pay-amount").inputValue()).toBe("12.5");
    expect(await hook(page, "pay-note").inputValue()).toBe("Lunch on Friday\n2026-117");
    // The link has left the history.
    expect(page.url()).not.toContain("#");
    await hook(page, "pay-review").click();
    await hook(page, "pay-confirm").waitFor();
  });

  it("[AD-8] that ends before the yes is said to have ended, and paid all the same only by a yes to that", async () => {
    const page = await visitor.open(`/p#${fakeFragment()}`);
    await hook(page, "asked-pay").click();
    await hook(page, "pay-review").click();
    await hook(page, "pay-confirm").getByText(en.review.confirm("12.5 STG"), { exact: true }).waitFor();
    await page.evaluate(() => {
      const later = Date.now() + 8 * 86_400_000;
      Date.now = () => later;
    });
    await page.getByText(en.review.over).waitFor();
    await hook(page, "pay-confirm").getByText(en.review.confirmOver("12.5 STG")).waitFor();
    await page.getByRole("button", { name: en.review.leaveOver, exact: true }).click();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(7));
    await hook(page, "pay-review").click();
    await page.getByText(en.review.over).waitFor();
    await hook(page, "pay-confirm").click();
    await hook(page, "pay-status").waitFor();
  });

  it("takes the place of what was half typed, which is put back with one tap", async () => {
    const page = await visitor.open("/pay/send");
    await hook(page, "pay-to").fill(fakeAddress(1));
    await hook(page, "pay-note").fill("Half");
    await openAsked(page, `/p#${fakeFragment()}`);
    await page.evaluate(() => harness.app.router.go("/p"));
    await hook(page, "asked-pay").click();
    await hook(page, "pay-replaced").getByText(en.send.replacedOf).waitFor();
    expect(await hook(page, "pay-amount").inputValue()).toBe("12.5");
    await hook(page, "pay-put-back").click();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(1));
    expect(await hook(page, "pay-note").inputValue()).toBe("Half");
    expect(await hook(page, "pay-amount").inputValue()).toBe("");
    expect(await hook(page, "pay-replaced").count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("send-to");
  });

  it("stays in the address as long as its screen is there, also over a reload", async () => {
    const fragment = fakeFragment();
    const page = await visitor.open(`/p#${fragment}`);
    await stateOf(page, "asked", "ready").waitFor();
    expect(new URL(page.url()).hash).toBe(`#${fragment}`);
    await page.reload();
    await stateOf(page, "asked", "ready").waitFor();
    expect(await hook(page, "asked-amount").getAttribute("data-amount")).toBe("12500000");
  });

  it("is kept while a wallet is made for it", async () => {
    const page = await visitor.open(`/p#${fakeFragment()}`, "new");
    await page.getByText(t.asked.startLead).waitFor();
    await hook(page, "asked-start").click();
    await hook(page, "asked-pay").click();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(7));
  });

  it("asks for no amount where the payer chooses", async () => {
    const page = await visitor.open("/pay");
    await answer(page, { readRequest: { ok: true, request: fakeAsked({ amount: undefined, note: undefined }) } });
    await page.evaluate(() => harness.app.router.go("/p"));
    await openAsked(page, `/p#${fakeFragment({ amount: undefined, note: undefined })}`);
    await stateOf(page, "asked", "ready").waitFor();
    expect(await hook(page, "asked-amount").textContent()).toContain(t.anyAmount);
    await hook(page, "asked-pay").click();
    expect(await hook(page, "pay-amount").inputValue()).toBe("");
    expect(await hook(page, "pay-note").inputValue()).toBe("2026-117");
  });

  it("says how long is left in no more words than it takes, and beyond a hundred days the date alone", async () => {
    const [minute, hour, day] = [60_000, 3_600_000, 24 * 3_600_000];
    const { countdown } = en;
    const said: readonly (readonly [number, string])[] = [
      [0, countdown.soon],
      [5 * minute, countdown.inMinutes("5")],
      [3 * hour, countdown.inHours("3")],
      [3 * hour + 20 * minute, countdown.inHoursAndMinutes("3", "20")],
      [7 * day, countdown.inDays("7")],
      [7 * day + 2 * hour, countdown.inDaysAndHours("7", "2")],
      [99 * day, countdown.inDays("99")],
      [100 * day, ""],
    ];
    const page = await visitor.open("/pay");
    for (const [leftMs, words] of said) {
      // Half a minute more: the page looks at it a moment later.
      const expiresMs = timeMs(Date.now() + leftMs + 30_000);
      await answer(page, { readRequest: { ok: true, request: fakeAsked({ expiresMs }) } });
      await page.evaluate(() => harness.app.router.go("/p"));
      await openAsked(page, `/p#${fakeFragment({ note: `until ${leftMs}` })}`);
      await stateOf(page, "asked", "ready").waitFor();
      const ends = page
        .locator("div", { has: page.getByText(t.ends, { exact: true }) })
        .last()
        .locator("dd");
      const date = await page.evaluate((ms) => harness.app.language.formats.dateTime(ms), expiresMs);
      expect((await ends.textContent())?.trim()).toBe(words + date);
      await page.goBack();
    }
  });

  const LINKS: readonly (readonly [string, string])[] = [
    ["empty", ""],
    ["malformed", "AAAA"],
    ["too_long", "A".repeat(300)],
    ["expired", fakeFragment({ expiresMs: timeMs(60_000) })],
    ["wrong_network", fakeFragment({ chainId: 1 })],
  ];
  it.each(LINKS)("says %s, with a way on, and offers nothing to pay", async (code, fragment) => {
    const page = await visitor.open(`/p#${fragment}`);
    if (code === "expired") {
      const over = fakeAsked({ expiresMs: timeMs(60_000) });
      await answer(page, { readRequest: { ok: true, request: over } });
      await page.evaluate(() => harness.app.asked.take(`${harness.app.asked.link} `));
    }
    await stateOf(page, "asked", code).waitFor();
    const words = t.asked.problems[code as keyof typeof t.asked.problems];
    await page.getByRole("heading", { name: words.title }).waitFor();
    await page.getByText(words.text).waitFor();
    expect(await hook(page, "asked-pay").count()).toBe(0);
    await hook(page, "asked-leave").click();
    await hook(page, "home-balance").waitFor();
  });

  it("goes on after a client that failed", async () => {
    const page = await visitor.open("/pay");
    await page.evaluate(() => harness.fake.broken.add("readRequest"));
    await page.evaluate(() => harness.app.router.go("/p"));
    await openAsked(page, `/p#${fakeFragment()}`);
    await stateOf(page, "asked", "failed").waitFor();
    await page.evaluate(() => harness.fake.broken.clear());
    await hook(page, "asked-again").click();
    await stateOf(page, "asked", "ready").waitFor();
  });

  it("leads to Receive where it is one's own", async () => {
    const page = await visitor.open("/pay");
    await answer(page, { readRequest: { ok: true, request: fakeAsked({ ownId: ID }) } });
    await page.evaluate(() => harness.app.router.go("/p"));
    await openAsked(page, `/p#${fakeFragment()}`);
    await hook(page, "asked-own").click();
    await stateOf(page, "request-status", "open").waitFor();
  });

  it("[AD-8] shows a stranger's words as words", async () => {
    const hostile = "<img src=x onerror=alert(1)>";
    const page = await visitor.open("/pay");
    await answer(page, { readRequest: { ok: true, request: fakeAsked({ note: hostile, reference: "{@html 1}" }) } });
    await page.evaluate(() => harness.app.router.go("/p"));
    await openAsked(page, `/p#${fakeFragment({ note: hostile })}`);
    await stateOf(page, "asked", "ready").waitFor();
    expect(await hook(page, "asked-note").textContent()).toContain(hostile);
    expect(await hook(page, "asked-note").locator("img").count()).toBe(0);
  });
});

describe("Send", () => {
  it("takes a pasted link to where it can be read, and an address as ever", async () => {
    const page = await visitor.open("/pay/send");
    await page.evaluate(
      (text) => navigator.clipboard.writeText(text),
      `Please pay https://x.example/p#${fakeFragment()}.`,
    );
    await page.getByRole("button", { name: en.send.paste }).click();
    await stateOf(page, "asked", "ready").waitFor();
    await page.goBack();
    await hook(page, "pay-to").fill(`https://x.example/p#${fakeFragment()}`);
    await hook(page, "pay-amount").focus();
    await stateOf(page, "asked", "ready").waitFor();
  });
});

describe("own requests", () => {
  it("[AD-9] stand in a list with their states, and open with code and link", async () => {
    const page = await visitor.open("/pay/receive");
    await hook(page, "request-row").first().waitFor();
    const states = await hook(page, "request-row").evaluateAll((rows) => rows.map((row) => row.dataset["state"]));
    expect(states).toEqual(["open", "open", "open", "part_paid", "paid", "expired", "cancelled"]);
    await page.locator(`[data-id="${"a3".repeat(16)}"]`).click();
    await stateOf(page, "request-status", "part_paid").waitFor();
    expect(await hook(page, "request-status").textContent()).toContain(t.received("5 STG"));
    expect(await hook(page, "request-status").textContent()).toContain(t.missing("7.5 STG"));
    const link = await hook(page, "request-link").getAttribute("data-link");
    expect(link).toMatch(new RegExp(`^${visitor.site.url}/p#[\\w-]+[A-Za-z0-9]$`));
    await page.keyboard.press("Escape");
    for (const state of ["paid", "expired", "cancelled"]) {
      await page.locator(`[data-testid="request-row"][data-state="${state}"]`).click();
      await stateOf(page, "request-status", state).waitFor();
      expect(await hook(page, "request-link").count()).toBe(0);
      await page.keyboard.press("Escape");
    }
  });

  it("are made with amount, note, number and an end", async () => {
    const page = await visitor.open("/pay/receive");
    await hook(page, "request-new").click();
    await hook(page, "request-amount").fill("2,5");
    await hook(page, "request-note").fill("Tea");
    await hook(page, "request-reference").fill("7");
    await hook(page, "request-expiry").selectOption("never");
    // Whoever goes elsewhere meanwhile finds it as it was.
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.evaluate(() => harness.app.router.openTab("me"));
    await hook(page, "settings-open").waitFor();
    await page.evaluate(() => harness.app.router.openTab("pay"));
    await hook(page, "request-new").click();
    expect(await hook(page, "request-note").inputValue()).toBe("Tea");
    await hook(page, "request-create").click();
    await hook(page, "request-link").waitFor();
    const call = await page.evaluate(() => {
      const made = harness.fake.calls.find(({ name }) => name === "makeRequest")?.argument as Record<string, unknown>;
      return { ...made, amount: String(made["amount"]), hasEnd: made["expiresMs"] !== undefined };
    });
    expect(call).toMatchObject({ amount: "2500000", note: "Tea", reference: "7", hasEnd: false });
    await page.goBack();
    await hook(page, "request-new").click();
    // What was made is no draft any more.
    expect(await hook(page, "request-note").inputValue()).toBe("");
    expect(await hook(page, "request-expiry").inputValue()).toBe("week");
  });

  it("say beside the field what is wrong, and make nothing", async () => {
    const page = await visitor.open("/pay/receive");
    await hook(page, "request-new").click();
    await hook(page, "request-amount").fill("two");
    await hook(page, "request-create").click();
    await page.getByText(en.send.amountProblems.not_a_number).waitFor();
    await hook(page, "request-amount").fill("0");
    await hook(page, "request-create").click();
    await page.getByText(t.problems.amount_zero).waitFor();
    await hook(page, "request-amount").fill("");
    await hook(page, "request-note").fill("茶".repeat(22));
    await page.getByText(t.textsTooLong).first().waitFor();
    await hook(page, "request-create").click();
    expect(await page.evaluate(() => harness.fake.calls.some(({ name }) => name === "makeRequest"))).toBe(false);
  });

  it("say that they could not be made", async () => {
    const page = await visitor.open("/pay/receive");
    await hook(page, "request-new").click();
    await page.evaluate(() => harness.fake.broken.add("makeRequest"));
    await hook(page, "request-create").click();
    await page.getByText(t.problems.failed).waitFor();
  });

  it("[AD-9] turn to paid before one's eyes", async () => {
    const page = await visitor.open("/pay/receive");
    await page.locator(`[data-id="${ID}"]`).click();
    await stateOf(page, "request-status", "open").waitFor();
    const paid = REQUESTS.map((each) => (each.id === ID ? { ...each, received: amount(12_500_000n) } : each));
    await answer(page, { requests: paid });
    await showHistory(page, fakeRow({ id: "leaf:99", direction: "in" }));
    await stateOf(page, "request-status", "paid").waitFor();
    await page.getByText(t.received("12.5 STG")).waitFor();
  });

  it("are cancelled, or say that they could not be", async () => {
    const page = await visitor.open("/pay/receive");
    await page.locator(`[data-id="${ID}"]`).click();
    await page.evaluate(() => harness.fake.broken.add("cancelRequest"));
    await hook(page, "request-cancel").click();
    await page.getByText(t.cancelFailed).waitFor();
    await page.evaluate(() => harness.fake.broken.clear());
    await hook(page, "request-cancel").click();
    await stateOf(page, "request-status", "cancelled").waitFor();
  });

  it("say what could not be read, and try again", async () => {
    const page = await visitor.open("/pay");
    await page.evaluate(() => harness.fake.broken.add("requests").add("requestFragment"));
    await page.evaluate(() => harness.app.router.go("/pay/receive"));
    await page.getByText(t.ownFailed).waitFor();
    await page.evaluate(() => harness.fake.broken.delete("requests"));
    await page.getByRole("button", { name: en.app.tryAgain }).click();
    await page.locator(`[data-id="${ID}"]`).click();
    await page.getByText(t.linkFailed).waitFor();
  });

  it("[AD-9] work offline, in Chinese, in the dark and on a desk", async () => {
    const page = await visitor.open("/pay/receive", "full", DESK);
    await showSync(page, { state: "offline", problem: "no_node_reachable" });
    await answer(page, { requests: [fakeRequest({ id: ID, note: "恭喜发财" })] });
    await page.locator(`[data-id="${ID}"]`).click();
    await hook(page, "request-link").waitFor();
  });
});
