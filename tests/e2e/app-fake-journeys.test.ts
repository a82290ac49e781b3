import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { zh } from "../../src/app/i18n/zh.ts";
import type { SearchHit } from "../../src/api/explorer.ts";
import { amount } from "../../src/core/values/amount.ts";
import type { Harness } from "../app/harness.ts";
import { answer, type AppVisitor, hook, PHONE, showHistory, withVisitor } from "../support/app-visitor.ts";
import { BLOCK, fakeAddress, fakeRow } from "../support/fake-client.ts";
import { fakeFragment, fakeRequest, REQUESTS } from "../support/fake-requests.ts";
import { KeyboardWalker } from "../support/keyboard-walker.ts";
import { ScreenReaderWalker } from "../support/screen-reader-walker.ts";
import type { Walker } from "../support/walker.ts";

declare const harness: Harness;

const WALKERS = [
  { how: "by keyboard alone", lang: "en", t: en, walk: (page: Page) => new KeyboardWalker(page) },
  { how: "by the accessibility tree alone", lang: "zh", t: zh, walk: (page: Page) => ScreenReaderWalker.on(page) },
] as const;
const ID = REQUESTS[0]!.id;

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

describe.each(WALKERS)("$how, in $lang", ({ lang, t, walk }) => {
  let walker: Walker;

  async function open(path: string, scene = "full"): Promise<Page> {
    const page = await visitor.open(path, scene, { ...PHONE, lang });
    walker = await walk(page);
    return page;
  }

  it("scans by pasting, and goes back without a camera", async () => {
    const page = await open("/pay");
    await page.evaluate(() => navigator.clipboard.writeText("nothing of ours"));
    await walker.press("link", t.scan.title);
    await walker.standsOn("heading", t.scan.title);
    await walker.hears(t.scan.problems.none);
    await walker.press("button", t.send.paste);
    await walker.hears(t.scan.unknown);
    await walker.standsOn("button", t.send.paste);
    await walker.press("button", t.app.back);
    await walker.standsOn("heading", t.pay.title);
    await page.evaluate((text) => navigator.clipboard.writeText(text), fakeAddress(4));
    await walker.press("link", t.scan.title);
    await walker.press("button", t.send.paste);
    await walker.standsOn("heading", t.send.title);
    await walker.fill(t.send.amount, "1");
    await walker.press("button", t.send.review);
    await walker.standsOn("button", t.app.close);
    await walker.sees(fakeAddress(4).slice(-8));
    await walker.escape();
    await walker.standsOn("button", t.send.review);
  });

  it("makes a packet, hears how it stands, and takes it back", async () => {
    const page = await open("/packets");
    await walker.press("button", t.packets.new);
    await walker.standsOn("heading", t.newPacket.title);
    await walker.fill(t.newPacket.total, "88");
    await walker.fill(t.newPacket.count, "5");
    await hook(page, "packet-fee").waitFor();
    await walker.press("button", t.newPacket.create);
    await walker.standsOn("heading", t.packet.title);
    await walker.hears(t.packets.statuses.paying);
    const made = await page.evaluate(() => harness.fake.answers.made);
    await answer(page, { made: made.map((view, index) => (index === 0 ? { ...view, state: "live" } : view)) });
    await showHistory(page);
    await walker.hears(t.packet.openedOf("2", "5"));
    await walker.press("button", t.packet.takeBack);
    await walker.standsOn("button", t.app.close);
    await walker.press("button", t.packet.backSheet.confirm);
    await walker.hears(t.packets.statuses.closing);
  });

  it("[AD-9] asks for an amount, hears that it came and ends another request", async () => {
    const page = await open("/pay");
    const mine = fakeRequest({ id: ID, amount: amount(2_500_000n), note: "Tea" });
    await answer(page, { requests: [mine] });
    await walker.press("button", t.pay.receive);
    await walker.standsOn("heading", t.receive.title);
    await walker.press("button", t.request.new);
    await walker.standsOn("button", t.app.close);
    await walker.fill(t.request.amount, "0");
    await walker.press("button", t.request.make);
    await walker.standsOn("textbox", t.request.amount);
    await walker.hears(t.request.problems.amount_zero);
    await walker.fill(t.request.amount, "2.5");
    await walker.fill(t.request.note, "Tea");
    await walker.choose(t.request.expiry, t.request.expiries.month);
    await walker.press("button", t.request.make);
    await walker.sees(t.request.statuses.open);
    await walker.standsOn("button", t.app.close);
    await walker.press("button", t.request.copyLink);
    await walker.hears(t.app.copied);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("/p#");
    await answer(page, { requests: [{ ...mine, received: amount(2_500_000n) }] });
    await showHistory(page, fakeRow({ id: "leaf:99", direction: "in" }));
    await walker.hears(t.request.statuses.paid);
    await walker.press("button", t.app.close);
    await walker.standsOn("button", t.request.new);
    await answer(page, { requests: [mine] });
    await showHistory(page, fakeRow({ id: "leaf:98", direction: "in" }));
    await walker.press("button", new RegExp(`Tea.*${t.request.statuses.open}`));
    await walker.press("button", t.request.cancel);
    await walker.hears(t.request.statuses.cancelled);
    await walker.escape();
    await walker.standsOn("button", new RegExp(`Tea.*${t.request.statuses.cancelled}`));
  });

  it("[AD-8] opens what somebody asks for, starts, pays it and sees it done", async () => {
    const page = await open(`/p#${fakeFragment()}`, "new");
    await walker.sees("Lunch on Friday");
    await walker.press("button", t.request.asked.start);
    await walker.standsOn("button", t.request.asked.pay);
    await walker.press("button", t.request.asked.pay);
    await walker.standsOn("heading", t.send.title);
    await walker.press("button", t.send.review);
    await walker.standsOn("button", t.app.close);
    await walker.press("button", t.review.confirm("12.5 STG"));
    await walker.hears(t.payment.words.queued);
    await showHistory(page, fakeRow({ id: "f0".repeat(32) }));
    await walker.hears(t.payment.words.final);
    await walker.press("button", t.payment.done);
    await walker.standsOn("heading", t.pay.title);
  });

  it("searches, opens what was found and comes back to it", async () => {
    const page = await open("/explore");
    const hits: readonly SearchHit[] = [{ type: "block", height: BLOCK.height, timeMs: BLOCK.timeMs }];
    await walker.press("button", t.search.submit);
    await walker.standsOn("textbox", t.search.label);
    await walker.hears(t.search.missing);
    await walker.fill(t.search.label, fakeAddress(9));
    await walker.press("button", t.search.submit);
    await walker.hears(t.search.nothing);
    await walker.standsOn("button", t.search.submit);
    await answer(page, { search: { ok: true, hits, from: 8_960, to: 9_880, problem: undefined } });
    await walker.fill(t.search.label, String(BLOCK.height));
    await walker.press("button", t.search.submit);
    await walker.hears(t.search.found("1"));
    const hit = new RegExp(`^${t.look.block("9,880")}`);
    await walker.press("button", hit);
    await walker.standsOn("heading", hit);
    await walker.press("button", t.app.back);
    await walker.standsOn("heading", t.explore.title);
    await walker.sees(t.search.found("1"));
    expect(await hook(page, "search-text").inputValue()).toBe(String(BLOCK.height));
  });
});
