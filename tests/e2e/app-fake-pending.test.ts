import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { amount } from "../../src/core/values/amount.ts";
import { type AppVisitor, hook, showHistory, withVisitor } from "../support/app-visitor.ts";
import { fakeRow } from "../support/fake-client.ts";

const NOW = Date.UTC(2026, 4, 4, 9, 30);
const COMING = { direction: "in", amount: amount(5_000_000n), fee: amount(0n), to: undefined, memo: "tea" } as const;
const announced = fakeRow({ ...COMING, id: `pool:${"ab".repeat(32)}`, state: "sent", height: undefined, timeMs: NOW });
const arrived = fakeRow({ ...COMING, id: "leaf:99", state: "final", height: 9_001, timeMs: NOW });

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

describe("a payment that is on its way to us", () => {
  it("[NW-13] is a line that says so, and counts in no balance", async () => {
    const page = await visitor.open("/pay");
    const before = await hook(page, "home-balance").getAttribute("data-total");
    await showHistory(page, announced);
    const row = hook(page, "history-row");
    await page.waitForSelector('[data-testid="history-row"][data-state="sent"][data-direction="in"]');
    expect(await row.textContent()).toContain(en.payment.statesIn.sent);
    expect(await hook(page, "home-balance").getAttribute("data-total")).toBe(before);
    await row.getByRole("button").click();
    await page.getByText(en.payment.wordsIn.sent).waitFor();
    // It becomes final under somebody's eyes.
    await showHistory(page, arrived);
    await page.getByText(en.payment.wordsIn.final).waitFor();
    expect(await row.count()).toBe(1);
  });

  it("[NW-13] vanishes when it is dropped", async () => {
    const page = await visitor.open("/pay/history");
    await showHistory(page, announced);
    await page.waitForSelector('[data-testid="history-row"][data-state="sent"]');
    await showHistory(page);
    await page.getByText(en.history.empty).waitFor();
  });

  it("[NW-13] is told of where one waits for it, first as coming, then as there", async () => {
    const page = await visitor.open("/pay/receive");
    await hook(page, "receive-address").waitFor();
    await showHistory(page, announced);
    await page.getByText(en.receive.arriving("5 STG")).waitFor();
    await showHistory(page, arrived);
    await page.getByText(en.receive.arrived("5 STG")).waitFor();
    expect(await page.getByText(en.receive.arriving("5 STG")).count()).toBe(0);
  });
});
