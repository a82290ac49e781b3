import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STORE_CASES } from "../../contract/indexed-db-store.ts";
import { TestPage } from "../../support/test-page.ts";

const KILLS = 15;

interface Tools {
  runCase(name: string, database: string): Promise<string>;
  readSteps(database: string): Promise<readonly number[]>;
  fill(database: string): Promise<{ readonly code: string; readonly written: number }>;
  offer(database: string): Promise<{ readonly taken: number; readonly isRefused: boolean }>;
  goOn(): Promise<void>;
  count(database: string): Promise<number | string>;
}

declare const tools: Tools;
declare const killWhileWriting: (database: string, afterMs: number) => Promise<number>;

describe("the wallet's store in a Chromium worker", () => {
  let page: TestPage | undefined;
  let tab: Page;

  beforeAll(async () => {
    page = await TestPage.open("tests/browser/client/store-page.ts");
    tab = await page.tab();
  });

  afterAll(async () => {
    await page?.close();
  });

  it.each(STORE_CASES.map(({ name }, index) => ({ name, index })))("$name", async ({ name, index }) => {
    const result = await tab.evaluate(([each, database]) => tools.runCase(each!, database!), [name, `case ${index}`]);
    expect(result).toBe("passed");
  });

  it("a worker killed in the middle of writes leaves whole steps, none of them lost", async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const told = await tab.evaluate((ms) => killWhileWriting("killed", ms), 3 * kill);
      const steps = await tab.evaluate(() => tools.readSteps("killed"));
      expect(new Set(steps).size, `steps ${steps.join()} after kill ${kill}`).toBe(1);
      expect(steps[0]).toBeGreaterThanOrEqual(told);
    }
  });

  it("a disk that is really full is storage_full, and what was stored stays", async () => {
    // Before the first use: Chromium remembers for a while how much room there was.
    const tab = await page!.tab({ isApart: true });
    const session = await tab.context().newCDPSession(tab);
    await session.send("Storage.overrideQuotaForOrigin", { origin: page!.origin, quotaSize: 8_000_000 });
    const { code, written } = await tab.evaluate(() => tools.fill("full"));
    expect(code).toBe("storage_full");
    expect(written).toBeGreaterThan(0);
    // Taking over is a write as well: with no room at all nothing opens, and says why.
    expect([2 * written, "storage_full"]).toContain(await tab.evaluate(() => tools.count("full")));
    await session.send("Storage.overrideQuotaForOrigin", { origin: page!.origin });
    expect(await tab.evaluate(() => tools.count("full"))).toBe(2 * written);
  });

  it("what a wallet can do without is refused where there is no room, and the wallet goes on", async () => {
    const tab = await page!.tab({ isApart: true });
    const session = await tab.context().newCDPSession(tab);
    await session.send("Storage.overrideQuotaForOrigin", { origin: page!.origin, quotaSize: 8_000_000 });
    const { taken, isRefused } = await tab.evaluate(() => tools.offer("offered"));
    expect([taken > 0, isRefused]).toEqual([true, true]);
    await session.send("Storage.overrideQuotaForOrigin", { origin: page!.origin });
    await tab.evaluate(() => tools.goOn());
    // All that were taken but the one that was deleted, and the note that came last.
    expect(await tab.evaluate(() => tools.count("offered"))).toBe(taken);
  });
});
