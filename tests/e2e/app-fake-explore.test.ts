import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { amount } from "../../src/core/values/amount.ts";
import { timeMs } from "../../src/core/values/height.ts";
import type { Harness } from "../app/harness.ts";
import { answer, type AppVisitor, hook, showSync, withVisitor } from "../support/app-visitor.ts";
import { eventually } from "../support/eventually.ts";
import { BLOCK, CHAIN, RECENT } from "../support/fake-client.ts";

declare const harness: Harness;

const PAID = amount(66_000_000n);

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

describe("the Explore screen", () => {
  const t = en.explore;

  it("shows what this device has checked itself, and beside it what a node says", async () => {
    const page = await visitor.open("/explore");
    const height = hook(page, "explore-height");
    await height.waitFor();
    await answer(page, { recent: { ...RECENT, newest: { ...RECENT.newest!, height: 9_881 } } });
    await page.locator('[data-testid="explore-height"][data-height="9881"]').waitFor();
    const sources = await hook(page, "explore-source").evaluateAll((all) => all.map((each) => each.dataset["checked"]));
    expect(sources).toEqual(["true", "false", "true"]);
    expect(await hook(page, "award-pot").getAttribute("data-amount")).toBe(String(RECENT.newest!.pot));
  });

  it("counts the age of the newest block by the second", async () => {
    const page = await visitor.open("/explore");
    const now = await page.evaluate(() => harness.app.now());
    await answer(page, { recent: { ...RECENT, newest: { ...RECENT.newest!, timeMs: timeMs(now) } } });
    const age = hook(page, "explore-age");
    const seconds = async (): Promise<number> =>
      Number(/^(\d+) s ago$/.exec((await age.innerText()).trim())?.[1] ?? NaN);
    await eventually(async () => expect(await seconds()).toBeGreaterThanOrEqual(0));
    const first = await seconds();
    await eventually(async () => expect(await seconds()).toBeGreaterThan(first));
    await answer(page, { recent: { ...RECENT, newest: { ...RECENT.newest!, timeMs: timeMs(now - 240_000) } } });
    await age.getByText(t.chain.agoMinutes("4")).waitFor();
  });

  it("shows transactions as a picture, in a sentence and as a table", async () => {
    const page = await visitor.open("/explore");
    const traffic = hook(page, "traffic");
    await traffic.waitFor();
    expect(await traffic.getByRole("img", { name: t.traffic.chart }).count()).toBe(1);
    expect(await traffic.locator("rect").count()).toBe(60);
    const total = RECENT.blocks.reduce((sum, { transactionCount }) => sum + transactionCount, 0);
    expect(await traffic.textContent()).toContain(t.traffic.summary(String(total), "60", "2 minutes"));
    await traffic.getByText(t.traffic.table).click();
    const first = traffic.locator("tbody tr").first();
    expect(await first.getByRole("rowheader").textContent()).toBe("9,880");
    await answer(page, {
      recent: { ...RECENT, blocks: RECENT.blocks.map((block) => ({ ...block, transactionCount: 0 })) },
    });
    await traffic.getByText(t.traffic.quiet).waitFor();
  });

  it("offline shows what was known, with its age, and says whose word is missing", async () => {
    const page = await visitor.open("/explore");
    await answer(page, {
      chain: undefined,
      recent: { newest: { ...RECENT.newest!, height: CHAIN.height + 100 }, blocks: RECENT.blocks },
    });
    await showSync(page, { state: "offline", problem: "no_node_reachable" });
    await hook(page, "explore-offline").waitFor();
    await hook(page, "explore-failed").waitFor();
    await hook(page, "traffic-stale").waitFor();
    await hook(page, "explore-age").waitFor();
  });

  it("tells what it has cost this device", async () => {
    const page = await visitor.open("/explore");
    const data = hook(page, "explore-data");
    await data.waitFor();
    expect(await data.getAttribute("data-stored")).toBe("345678");
    expect(await data.textContent()).toContain("345.7 kB");
    await page.evaluate(() => harness.fake.broken.add("network"));
    await data.waitFor();
  });
});

describe("a page of the explorer", () => {
  const t = en.look;
  const PUBLIC = BLOCK.transactions[1]!;

  it("shows a block with a sentence first and the raw values below", async () => {
    const page = await visitor.open(`/x#b-${BLOCK.height}`);
    const block = hook(page, "look-block");
    await block.waitFor();
    expect(await block.getAttribute("data-id")).toBe(BLOCK.id);
    expect(await hook(page, "look-transaction").count()).toBe(BLOCK.transactions.length);
    await page.getByText(t.boundary).waitFor();
    await hook(page, "look-raw").locator("summary").click();
    await hook(page, "look-raw").getByText(BLOCK.id).waitFor();
    expect(new URL(page.url()).hash).toBe(`#b-${BLOCK.height}`);
    expect(await hook(page, "look-link").getAttribute("data-link")).toMatch(new RegExp(`/x#b-${BLOCK.height}$`));
  });

  it("shows of a payment what is public and of a private one that it is private", async () => {
    const page = await visitor.open(`/x#b-${BLOCK.height}`);
    await hook(page, "look-transaction").nth(1).click();
    await page.getByRole("heading", { name: t.transaction }).waitFor();
    expect(new URL(page.url()).hash).toBe(`#t-${BLOCK.height}-${PUBLIC.txid}`);
    const outputs = hook(page, "look-output");
    expect(await outputs.evaluateAll((all) => all.map(({ dataset }) => [dataset["type"], dataset["amount"]]))).toEqual([
      ["private", undefined],
      ["public", "66000000"],
    ]);
    expect((await outputs.first().textContent())?.replace(/\s+/g, " ").trim()).toBe(`${t.private}${t.privateNote}`);
    await page.goBack();
    await hook(page, "look-block").waitFor();
    for (const [index, sentence] of [
      t.sentences.private("0.022 STG"),
      t.sentences.public("0.022 STG"),
      t.sentences.stake("0.022 STG"),
      t.sentences.unbond("0.022 STG"),
      t.sentences.unjail,
    ].entries()) {
      await hook(page, "look-transaction").nth(index).click();
      await page.getByText(sentence).waitFor();
      await hook(page, "look-in-block").click();
      await hook(page, "look-block").waitFor();
    }
  });

  it("goes to the next block and the one before", async () => {
    const page = await visitor.open("/x#b-1");
    expect(await hook(page, "look-older").isDisabled()).toBe(true);
    await hook(page, "look-newer").click();
    await page.getByRole("heading", { name: t.block("2") }).waitFor();
    expect(new URL(page.url()).hash).toBe("#b-2");
    await page.goBack();
    await page.getByRole("heading", { name: t.block("1") }).waitFor();
    const asked = await page.evaluate(() => harness.fake.calls.filter(({ name }) => name === "block"));
    expect(asked.map(({ argument }) => argument)).toEqual([1, 2, 1]);
  });

  it("says that a block cannot be shown, and offers to try again", async () => {
    const page = await visitor.open("/explore");
    await page.evaluate(() => harness.fake.broken.add("block"));
    await hook(page, "explore-newest").click();
    await page.getByText(t.problems.failed).waitFor();
    await page.evaluate(() => harness.fake.broken.delete("block"));
    await answer(page, { block: { ok: true, block: { ...BLOCK, isVerified: false, paid: undefined } } });
    await hook(page, "look-again").click();
    await hook(page, "look-told").waitFor();
    await page.getByText(t.paidUnknown).waitFor();
  });

  it("counts while it reads", async () => {
    const page = await visitor.open("/explore");
    await answer(page, { progress: { read: 128, total: 512 } });
    await page.evaluate(() => harness.fake.silent.add("block"));
    await hook(page, "explore-newest").click();
    await hook(page, "lookup-progress").getByText(t.reading("128", "512")).waitFor();
  });

  it("takes no link that leads nowhere", async () => {
    const page = await visitor.open("/x#b-1<script>");
    await hook(page, "look-bad-link").waitFor();
    expect(await page.evaluate(() => harness.fake.calls.some(({ name }) => name === "block"))).toBe(false);
    const other = await visitor.open(`/x#t-${BLOCK.height}-${"00".repeat(32)}`);
    await hook(other, "look-not-there").waitFor();
  });

  it("needs no wallet", async () => {
    const page = await visitor.open(`/x#b-${BLOCK.height}`, "new");
    await hook(page, "look-block").waitFor();
  });
});

describe("the search", () => {
  const t = en.search;

  it("shows what was found and leads there", async () => {
    const page = await visitor.open("/explore");
    const at = { height: BLOCK.height, timeMs: BLOCK.timeMs };
    const txid = BLOCK.transactions[1]!.txid;
    await answer(page, {
      search: {
        ok: true,
        hits: [
          { type: "payment", ...at, txid, amount: PAID },
          { type: "payment", ...at, txid: undefined, amount: PAID },
          { type: "transaction", ...at, txid },
          { type: "block", ...at },
        ],
        from: 8_960,
        to: 9_880,
        problem: "offline",
      },
    });
    await hook(page, "search-text").fill("whatever");
    await hook(page, "search-submit").click();
    await hook(page, "search-result").waitFor();
    expect(await hook(page, "search-hit").evaluateAll((all) => all.map(({ dataset }) => dataset["type"]))).toEqual([
      "payment",
      "payment",
      "transaction",
      "block",
    ]);
    await page.getByText(t.span("8,960", "9,880")).waitFor();
    await hook(page, "search-problem").getByText(en.look.problems.offline).waitFor();
    await hook(page, "search-further").click();
    const asked = await page.evaluate(() => harness.fake.calls.filter(({ name }) => name === "search"));
    expect(asked.map(({ argument }) => argument)).toEqual([
      { text: "whatever", further: 0 },
      { text: "whatever", further: 1 },
    ]);
    await hook(page, "search-hit").first().click();
    await hook(page, "look-one").waitFor();
    expect(new URL(page.url()).hash).toBe(`#t-${BLOCK.height}-${txid}`);
    const goesOn = async (further: number): Promise<void> => {
      await hook(page, "search-hit").nth(3).waitFor();
      expect(await hook(page, "search-text").inputValue()).toBe("whatever");
      await hook(page, "search-further").click();
      const { argument } = (await page.evaluate(() => harness.fake.calls.findLast(({ name }) => name === "search")))!;
      expect(argument).toEqual({ text: "whatever", further });
    };
    await page.goBack();
    await goesOn(2);
    await page.getByRole("link", { name: en.tabs.pay, exact: true }).click();
    await hook(page, "home-balance").waitFor();
    await page.goBack();
    await goesOn(3);
  });

  it("says what can be found where nothing was, and what it cannot look for", async () => {
    const page = await visitor.open("/explore");
    await hook(page, "search-submit").click();
    await page.getByText(t.missing).waitFor();
    await hook(page, "search-text").fill("ee".repeat(32));
    await hook(page, "search-submit").click();
    await hook(page, "search-nothing").getByText(t.nothing).waitFor();
    await answer(page, { search: { ok: false, code: "not_a_query" } });
    await hook(page, "search-submit").click();
    await page.getByText(t.notAQuery).waitFor();
    await answer(page, { search: { ok: true, hits: [], from: undefined, to: undefined, problem: "not_made" } });
    await hook(page, "search-submit").click();
    await page.getByText(t.nothingHeight).waitFor();
    await page.evaluate(() => harness.fake.broken.add("search"));
    await hook(page, "search-submit").click();
    await page.getByText(en.look.problems.failed).waitFor();
  });
});
