import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClientEvent } from "../../../src/api/events.ts";
import type { SyncView } from "../../../src/api/views.ts";
import { createNobleBackend } from "../../../src/core/crypto/backend/noble-backend.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { scanBlocks } from "../../../src/core/wallet/scan-outputs.ts";
import { SECURITY_HEADERS } from "../../../src/node/rpc/security-headers.ts";
import { networkFileOf, SMALL_GENESIS } from "../../support/network-file.ts";
import { TestPage } from "../../support/test-page.ts";
import { printScan, scanSample } from "./scan-sample.ts";

declare const open: () => Promise<unknown>;
declare const scan: () => Promise<string>;
declare const kill: () => void;
declare const create: () => Promise<unknown>;
declare const words: () => Promise<string>;
declare const address: () => Promise<string>;
declare const sync: () => Promise<SyncView>;
declare const events: () => readonly ClientEvent[];
declare const violations: () => readonly string[];

describe("the built workers under the app's own policy", () => {
  let page: TestPage | undefined;
  let tab: Page;

  beforeAll(async () => {
    page = await TestPage.open("tests/browser/client/client-page.ts", SECURITY_HEADERS);
    tab = await page.tab();
  });

  afterAll(async () => {
    await page?.close();
  });

  it("the crypto worker finds what Node.js finds, also after one has died", async () => {
    const { keys, job } = scanSample();
    const expected = scanBlocks(createNobleBackend(), keys.view, job);
    expect(expected.notes.length).toBe(3);
    expect(await tab.evaluate(() => scan())).toBe(`2 workers ${printScan(expected)}`);
  });

  it("the client worker opens, makes a wallet, and has it again after it was killed", async () => {
    expect(await tab.evaluate(() => open())).toMatchObject({ ok: true, wallet: { exists: false } });
    expect(await tab.evaluate(() => create())).toMatchObject({ ok: true, wallet: { exists: true } });
    const before = await tab.evaluate(() => words());
    expect(before.split(" ").length).toBe(24);
    await expect.poll(() => tab.evaluate(async () => (await sync()).problem)).toBe("no_network_file");
    await tab.evaluate(() => kill());
    expect(await tab.evaluate(() => open())).toMatchObject({ ok: true, wallet: { exists: true, wordsSeen: true } });
    expect(await tab.evaluate(() => words())).toBe(before);
  });

  it("a network file gives it an address, and libp2p is loaded for its nodes", async () => {
    const nodes = [{ operator: "one", addresses: ["/ip4/127.0.0.1/tcp/1/ws"] }];
    // An old checkpoint would be the first thing to say (LC-4).
    const genesis = { ...SMALL_GENESIS, time: timeMs(Date.now()) };
    page!.answers.set("/network.json", JSON.stringify(networkFileOf(genesis, nodes)));
    expect(await tab.evaluate(() => address())).toMatch(/^dstg1/);
    await expect
      .poll(() => tab.evaluate(async () => (await sync()).problem), { timeout: 20_000 })
      .toBe("no_node_reachable");
  });

  it("the tab in front wins, and the other says where the engine went", async () => {
    const second = await page!.tab();
    expect(await second.evaluate(() => open())).toMatchObject({ ok: true, wallet: { exists: true } });
    const last = await tab.evaluate(() => events().at(-1));
    expect(last).toEqual({ type: "engine-stopped", code: "moved_to_other_tab" });
    expect(await second.evaluate(() => words())).toMatch(/^(\w+ ){23}\w+$/);
    expect([...(await tab.evaluate(() => violations())), ...(await second.evaluate(() => violations()))]).toEqual([]);
  });
});
