import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM } from "../support/chromium.ts";
import { CommandLineWallets } from "../support/command-line-wallets.ts";
import { packetOnLedger } from "../support/packet-on-ledger.ts";
import { runs } from "../support/run-counts.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
/** Each by somebody else, and for each there is one share and no more. */
const STRANGERS = runs(6, 50);
/** Strangers at once. */
const LANES = 3;
/** A tab lives so long after the tap at most; coins take about as long. */
const LIFE_MS_MAX = 4_500;
/** Who has closed the tab once does it again. */
const AGAIN = 0.3;
const FINAL_MS = 60_000;
const TOTAL = 50_000_000n;

let wallets: CommandLineWallets;
let browser: Browser;
let link = "";

beforeAll(async () => {
  [wallets, browser] = await Promise.all([CommandLineWallets.start(), chromium.launch(CHROMIUM)]);
  const { address } = await wallets.json<{ address: string }>("creator", ["create"]);
  await wallets.payByFaucet("creator", address);
  ({ link } = await wallets.json<{ link: string }>("creator", [
    "packet",
    "--amount",
    "50",
    "--shares",
    `${STRANGERS}`,
  ]));
}, 180_000);

afterAll(async () => {
  await browser.close();
  await wallets.end();
}, 60_000);

/** A new tab with the link in it, tapped. */
async function tapLink(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(link);
  await page.getByTestId("packet-open").click();
  return page;
}

/** Opens the packet in a browser that had nothing, where tabs are closed, and gives what the wallet holds at last. */
async function openDespite(lifetimesMs: readonly number[]): Promise<bigint> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  for (const lifeMs of lifetimesMs) {
    const page = await tapLink(context);
    await page.waitForTimeout(lifeMs);
    await page.close();
  }
  const page = await tapLink(context);
  const result = page.locator('[data-testid="packet-result"]:not([data-state="opening"])');
  await result.waitFor({ timeout: FINAL_MS });
  const said = ["data-state", "data-code", "data-amount"].map((name) => result.getAttribute(name));
  const [state, code, share] = await Promise.all(said);
  expect({ state, code }).toEqual({ state: "won", code: null });
  await page.getByTestId("claim-wallet").click();
  await page.locator(`[data-testid="home-balance"][data-total="${share}"]`).waitFor({ timeout: FINAL_MS });
  await context.close();
  return BigInt(share!);
}

describe(`a tab closed at any moment of a claim, replay with SEED=${SEED}`, () => {
  it(`[RP-5] ${STRANGERS} strangers lose nothing, and nobody gets two shares`, async () => {
    const numbers = new SeededNumbers(SEED);
    const lifetimes = Array.from({ length: STRANGERS }, () => {
      const count = numbers.chance(AGAIN) ? 2 : 1;
      return Array.from({ length: count }, () => numbers.between(0, LIFE_MS_MAX));
    });
    const shares: bigint[] = [];
    const lane = async (): Promise<void> => {
      for (let next = lifetimes.pop(); next !== undefined; next = lifetimes.pop()) shares.push(await openDespite(next));
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    expect(shares).toHaveLength(STRANGERS);
    expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(TOTAL);
    // Each share has its owner, so nothing is left of it.
    expect(await packetOnLedger(wallets.devnet, link)).toMatchObject({ live: false });
  });
});
