import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { type AppVisitor, hook, PHONE, type Way, withVisitor } from "../support/app-visitor.ts";
import { violationsOn } from "../support/axe-scan.ts";

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

const WIDTHS = [360, 899, 900, 1280] as const;
const wayOf = (width: number): Way => ({ ...PHONE, viewport: { width, height: 740 } });
const resize = (page: Page, width: number) => page.setViewportSize({ width, height: 740 });
const mainTitle = (page: Page) => page.getByRole("main").getByRole("heading", { level: 1 }).textContent();
const back = (page: Page) => page.getByRole("main").getByRole("button", { name: en.app.back, exact: true });
const tab = (page: Page, key: keyof typeof en.tabs) => page.getByRole("link", { name: en.tabs[key], exact: true });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

async function hasNoDoubleIds(page: Page): Promise<void> {
  const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
}

describe.each(WIDTHS)("at %i px", (width) => {
  const isSplit = width >= 900;

  it.each([
    ["/pay/send", "pay", en.send.title],
    ["/pay/receive", "pay", en.receive.title],
    ["/pay/history", "pay", en.history.title],
    ["/packets/new", "packets", en.newPacket.title],
    ["/explore/stake", "explore", en.stake.title],
    ["/me/settings", "me", en.settings.title],
    ["/c", "me", en.check.title],
  ] as const)("%s is the main part, its tab's first screen beside it where there is room", async (path, key, title) => {
    const page = await visitor.open(path, "full", wayOf(width));
    await page.getByRole("main").getByRole("heading", { level: 1, name: title }).waitFor();
    expect(await page.title()).toBe(`${title} · ${en.app.name}`);
    expect(await page.getByRole("main").count()).toBe(1);
    const beside = page.getByRole("region", { name: en.tabs[key], exact: true });
    expect(await beside.count()).toBe(isSplit ? 1 : 0);
    await hasNoDoubleIds(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it("passes axe with a payment chosen from the history", async () => {
    const page = await visitor.open("/pay/history", "full", wayOf(width));
    await hook(page, "history-row").nth(1).getByRole("button").click();
    await page.getByText(en.payment.words.sent).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(isSplit ? 0 : 1);
    // It takes the place of the history, so the newest stand beside it.
    const beside = page.getByRole("region", { name: en.tabs.pay, exact: true });
    expect((await beside.getByTestId("history-row").count()) > 0).toBe(isSplit);
    expect(await violationsOn(page)).toEqual([]);
    await hasNoDoubleIds(page);
    await page.goBack();
    await hook(page, "payment-pane").waitFor({ state: "detached" });
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(await mainTitle(page)).toBe(en.history.title);
  });

  it("is walked by keyboard alone, in the order in which it stands there", async () => {
    const page = await visitor.open("/pay", "full", wayOf(width));
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe(en.app.skipToContent);
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
    await hook(page, "pay-open").focus();
    await page.keyboard.press("Enter");
    await hook(page, "pay-to").waitFor();
    await page.waitForFunction((title) => document.activeElement?.textContent === title, en.send.title);
    // The rail is at the start, before the panes; the bar is at the end.
    const order = await page.evaluate(() => {
      const [nav, main] = [document.querySelector("nav"), document.querySelector("#content")];
      return nav === null || main === null ? 0 : nav.compareDocumentPosition(main);
    });
    expect(order).toBe(isSplit ? 4 : 0);
    await back(page).focus();
    await page.keyboard.press("Enter");
    await hook(page, "pay-to").waitFor({ state: "detached" });
    // Beside a list one goes on where one was; a new screen is read from its heading.
    const next = isSplit ? en.pay.send : en.pay.title;
    await page.waitForFunction((text) => document.activeElement?.textContent.trim() === text, next);
  });
});

it("resizing keeps what is typed, where the focus is, and what is open", async () => {
  const page = await visitor.open("/pay/send", "full", wayOf(1280));
  await hook(page, "pay-note").fill("half a thou");
  for (const width of [899, 900, 360, 1280]) {
    await resize(page, width);
    await page.getByRole("region", { name: en.tabs.pay, exact: true }).waitFor({
      state: width >= 900 ? "attached" : "detached",
    });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("send-note");
    expect(await hook(page, "pay-note").inputValue()).toBe("half a thou");
  }
  await tab(page, "me").focus();
  await hook(page, "pay-to").waitFor();
  await tab(page, "me").press("Enter");
  await hook(page, "settings-open").waitFor();
  await tab(page, "me").focus();
  await resize(page, 360);
  await page.waitForFunction((name) => document.activeElement?.textContent === name, en.tabs.me);
  await hook(page, "settings-open").focus();
  await resize(page, 1280);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe("settings-open");
});

it("a payment is a sheet where there is no room and a pane where there is, over every change of width", async () => {
  const page = await visitor.open("/pay", "full", wayOf(1280));
  await hook(page, "history-row").nth(2).getByRole("button").click();
  await hook(page, "payment-pane").waitFor();
  await hook(page, "history-row").nth(3).getByRole("button").click();
  await hook(page, "payment-pane").getByText(en.payment.words.failed).waitFor();
  await resize(page, 360);
  await page.getByRole("dialog").getByText(en.payment.words.failed).waitFor();
  await resize(page, 900);
  await hook(page, "payment-pane").getByText(en.payment.words.failed).waitFor();
  await back(page).click();
  await hook(page, "payment-pane").waitFor({ state: "detached" });
  // One entry for all of them.
  expect(await mainTitle(page)).toBe(en.pay.title);
  await page.waitForFunction(() => document.activeElement?.closest('[data-testid="history-row"]') !== null);
});

describe("a tab", () => {
  it("comes back with its screen, draft and place, and goes to its top when asked for once more", async () => {
    const page = await visitor.open("/pay", "full", { ...PHONE, viewport: { width: 1280, height: 400 } });
    await hook(page, "pay-open").click();
    await hook(page, "pay-note").fill("half a thou");
    await page.evaluate(() => scrollTo(0, 120));
    await tab(page, "explore").click();
    await hook(page, "stake-link").click();
    await hook(page, "stake-open").click();
    await hook(page, "stake-amount").fill("150");
    await tab(page, "pay").click();
    expect(await hook(page, "pay-note").inputValue()).toBe("half a thou");
    await page.waitForFunction(() => Math.abs(scrollY - 120) <= 1);
    await tab(page, "explore").click();
    expect(await hook(page, "stake-amount").inputValue()).toBe("150");
    await tab(page, "explore").click();
    await hook(page, "stake-amount").waitFor({ state: "detached" });
    expect(await mainTitle(page)).toBe(en.explore.title);
    await page.goBack();
    await hook(page, "stake-amount").waitFor();
  });

  it("on a phone: the place is found again when the screen had to be fetched", async () => {
    const page = await visitor.open("/me", "full", { ...PHONE, viewport: { width: 360, height: 400 } });
    await hook(page, "settings-open").waitFor();
    await page.evaluate(() => scrollTo(0, 200));
    await page.waitForFunction(() => scrollY === 200);
    await tab(page, "explore").click();
    await hook(page, "stake-link").waitFor();
    expect(await page.evaluate(() => scrollY)).toBe(0);
    await tab(page, "me").click();
    await page.waitForFunction(() => scrollY === 200);
    await tab(page, "me").click();
    await page.waitForFunction(() => scrollY === 0);
  });
});
