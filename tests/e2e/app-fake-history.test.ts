import { describe, expect, it } from "vitest";
import type { Harness } from "../app/harness.ts";
import { en } from "../../src/app/i18n/en.ts";
import { amount } from "../../src/core/values/amount.ts";
import { type AppVisitor, hook, showHistory, withVisitor } from "../support/app-visitor.ts";
import { fakeAddress, fakeRow } from "../support/fake-client.ts";

declare const harness: Harness;

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

describe("the history", () => {
  it("lists payments with their hooks and opens one", async () => {
    const page = await visitor.open("/pay/history");
    const first = hook(page, "history-row").first();
    expect(await first.getAttribute("data-txid")).toBe("aa".repeat(32));
    expect([await first.getAttribute("data-direction"), await first.getAttribute("data-amount")]).toEqual([
      "out",
      "12500000",
    ]);
    await first.getByRole("button").click();
    await page.getByRole("dialog", { name: en.payment.title }).getByText(en.payment.words.queued).waitFor();
  });

  it("leads from a payment to its block, and gives a number only where others know it by one", async () => {
    const page = await visitor.open("/pay/history");
    await hook(page, "history-row").first().waitFor();
    const paid = fakeRow({ id: "b1".repeat(32), state: "final", height: 9_000 });
    await showHistory(page, fakeRow({ ...paid, id: "leaf:3", direction: "in" }), paid);
    const sheet = page.getByRole("dialog", { name: en.payment.title });
    const number = sheet.getByText(en.payment.id, { exact: true });
    const rows = hook(page, "history-row").getByRole("button");
    await rows.last().click();
    await number.waitFor();
    await page.keyboard.press("Escape");
    await rows.first().click();
    await hook(page, "payment-block").click();
    await page.getByRole("heading", { name: en.look.block("9,000") }).waitFor();
    expect(new URL(page.url()).hash).toBe("#b-9000");
    await page.goBack();
    await hook(page, "payment-block").waitFor();
    expect(await number.count()).toBe(0);
  });

  it("calls a payment what somebody calls it, as soon as the field is left, and finds it by that", async () => {
    const page = await visitor.open("/pay/history");
    const rows = hook(page, "history-row").getByRole("button");
    await rows.first().waitFor();
    const claimed = fakeRow({ id: `pool:${"c3".repeat(32)}`, direction: "in", state: "sent", to: undefined });
    await showHistory(page, claimed, fakeRow({ id: "leaf:3", direction: "in", memo: "Lunch", to: undefined }));
    const label = hook(page, "payment-label");
    await rows.last().click();
    await label.fill("Rent");
    await page.keyboard.press("Tab");
    await page.getByText(en.payment.label.saved).waitFor();
    // Whoever closes the sheet amid a word has meant it.
    await label.fill("Rent, May");
    await page.keyboard.press("Escape");
    await rows.last().getByText("Rent, May", { exact: true }).waitFor();
    await hook(page, "history-text").fill("rent");
    await expect.poll(() => rows.count()).toBe(1);

    // One that could not be kept stays in the field, and the old one on the line.
    await rows.first().click();
    await page.evaluate(() => void harness.fake.broken.add("label"));
    await label.fill("June");
    await page.keyboard.press("Enter");
    await page.getByText(en.payment.label.failed).waitFor();
    expect([await label.inputValue(), await label.getAttribute("aria-invalid")]).toEqual(["June", "true"]);
    await page.evaluate(() => void harness.fake.broken.delete("label"));
    await label.fill("");
    await page.keyboard.press("Enter");
    await page.getByText(en.payment.label.saved).waitFor();
    await page.keyboard.press("Escape");
    await hook(page, "history-all").click();
    await rows.last().getByText("Lunch", { exact: true }).waitFor();
    // What may still vanish gets no name.
    await rows.first().click();
    await page.getByRole("dialog").getByText(en.payment.wordsIn.sent).waitFor();
    expect(await label.count()).toBe(0);
  });

  it("finds payments by note, address and amount, and shows one kind of them", async () => {
    const page = await visitor.open("/pay/history");
    const rows = hook(page, "history-row");
    await rows.first().waitFor();
    await showHistory(
      page,
      fakeRow({ id: "leaf:3", direction: "in", memo: "Lunch on Friday", to: undefined }),
      fakeRow({ id: "b1".repeat(32), to: fakeAddress(7), amount: amount(1_250_000_000n) }),
      fakeRow({ id: "b2".repeat(32), act: "stake", to: undefined }),
    );
    const ids = () => rows.evaluateAll((all) => all.map(({ dataset }) => dataset["txid"]?.slice(0, 6)));
    const expectIds = (...wanted: readonly string[]) => expect.poll(ids).toEqual(wanted);
    await hook(page, "history-text").fill("FRIDAY");
    await expectIds("leaf:3");
    await hook(page, "history-found").getByText(en.history.find.found("1", "3")).waitFor();
    await hook(page, "history-text").fill(fakeAddress(7).slice(-8));
    await expectIds("b1b1b1");
    await hook(page, "history-text").fill("");
    await hook(page, "history-kind").selectOption("stake");
    await expectIds("b2b2b2");
    await hook(page, "history-text").fill("nobody wrote this");
    await hook(page, "history-nothing").waitFor();
    await hook(page, "history-all").click();
    await expectIds("leaf:3", "b1b1b1", "b2b2b2");
  });
});
