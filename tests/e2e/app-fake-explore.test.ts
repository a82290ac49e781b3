import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { timeMs } from "../../src/core/values/height.ts";
import type { Harness } from "../app/harness.ts";
import { answer, type AppVisitor, hook, showSync, withVisitor } from "../support/app-visitor.ts";
import { eventually } from "../support/eventually.ts";
import { CHAIN, RECENT } from "../support/fake-client.ts";

declare const harness: Harness;

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
