import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePacketLink } from "../../src/core/values/packet-link.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { CommandLineWallets } from "../support/command-line-wallets.ts";
import { packetOnLedger } from "../support/packet-on-ledger.ts";
import { runs } from "../support/run-counts.ts";

const FINAL_MS = 60_000;
/** Of files, as they are sent, until the coins are there. */
const BYTES_MAX = 600_000;
/** By whoever looks at a link before a person does: previews, scanners, the browser that fetches ahead. */
const LOADS = runs(200, 10_000);
const TABS = 4;
const GREETING = "恭喜发财 Good luck";

let wallets: CommandLineWallets;
let browser: Browser;
let link = "";

beforeAll(async () => {
  [wallets, browser] = await Promise.all([CommandLineWallets.start(), chromium.launch(CHROMIUM)]);
  const { address } = await wallets.json<{ address: string }>("creator", ["create"]);
  await wallets.payByFaucet("creator", address);
  const making = ["packet", "--amount", "8.88", "--shares", "1", "--greeting", GREETING];
  ({ link } = await wallets.json<{ link: string }>("creator", making));
}, 180_000);

afterAll(async () => {
  await browser.close();
  await wallets.end();
}, 60_000);

interface Stranger {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly said: readonly string[];
  readonly logged: readonly string[];
  /** Bytes of each file, and when it was asked for. */
  readonly files: ReadonlyMap<string, { readonly size: number; readonly atMs: number }>;
}

/** Runs in the page: what is asked for once the coins are there is for later. */
function noteTheWin(): void {
  const watcher = new MutationObserver(() => {
    if (document.querySelector('[data-testid="packet-result"][data-state="won"]') === null) return;
    Object.assign(window, { wonMs: Date.now() });
    watcher.disconnect();
  });
  watcher.observe(document, { childList: true, subtree: true });
}

/** Somebody with a browser that has nothing, and everything that it says to anybody. */
async function stranger(): Promise<Stranger> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const [said, logged]: [string[], string[]] = [[], []];
  context.on("request", (request) => {
    said.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? "");
  });
  const files = new Map<string, { readonly size: number; readonly atMs: number }>();
  context.on("response", (response) => {
    const size = Number(response.headers()["content-length"] ?? 0);
    // The same address once more comes from the browser's own store.
    if (!files.has(response.url())) files.set(response.url(), { size, atMs: response.request().timing().startTime });
  });
  await context.addInitScript(noteTheWin);
  const page = await context.newPage();
  page.on("websocket", (socket) => {
    said.push(socket.url());
    socket.on("framesent", ({ payload }) => said.push(payload.toString("latin1")));
  });
  page.on("console", (message) => logged.push(message.text()));
  return { context, page, said, logged, files };
}

const seeResult = (page: Page, state: string) =>
  page.locator(`[data-testid="packet-result"][data-state="${state}"]`).waitFor({ timeout: FINAL_MS });

/** Every shape in which the secret of the link could be written down. */
function shapesOfSecret(): readonly string[] {
  const parsed = parsePacketLink(link);
  if (!parsed.ok) throw new Error(parsed.code);
  const secret = Buffer.from(parsed.link.linkSecret);
  const texts = (["hex", "base64url", "base64", "latin1"] as const).map((form) => secret.toString(form));
  // The last letters of base64 depend on what follows.
  return [link.split("#")[1]!, ...texts.map((text, index) => (index === 1 || index === 2 ? text.slice(0, 20) : text))];
}

/** What this browser keeps of the origin outside its encrypted wallet's rows, and those rows, as they are on disk. */
function keptBy(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const kept: string[] = [localStorage, sessionStorage].map((store) => JSON.stringify(Object.entries(store)));
    kept.push(location.href, JSON.stringify(history.state));
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) kept.push(url);
    const write = (value: unknown): string => {
      if (value instanceof ArrayBuffer) return write(new Uint8Array(value));
      if (value instanceof Uint8Array) return Array.from(value, (byte) => String.fromCharCode(byte)).join("");
      if (typeof value === "object" && value !== null) return Object.values(value).map(write).join("|");
      return String(value);
    };
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name!);
        opening.onsuccess = () => resolve(opening.result);
      });
      for (const store of database.objectStoreNames) {
        const rows = await new Promise<unknown[]>((resolve) => {
          const reading = database.transaction(store).objectStore(store).getAll();
          reading.onsuccess = () => resolve(reading.result);
        });
        kept.push(...rows.map(write));
      }
      database.close();
    }
    return kept.join("\n");
  });
}

/** Opens the link and presses what is there, as a script can. */
async function loadAndPress(page: Page): Promise<void> {
  // Elsewhere first: a link that differs from the address by nothing is not loaded again.
  await page.goto("about:blank");
  await page.goto(link);
  await page.getByTestId("packet-open").evaluate((seal: HTMLElement) => seal.click());
}

describe("a link to a red packet on a real network", () => {
  it(`[RP-9] loses nothing to ${LOADS} loads without a tap, whatever scripts press`, async () => {
    const { context, page, said } = await stranger();
    const others = await Promise.all(Array.from({ length: TABS - 1 }, () => context.newPage()));
    let left = LOADS;
    const load = async (tab: Page): Promise<void> => {
      while (left-- > 0) await loadAndPress(tab);
      expect(await tab.getByTestId("packet-result").count()).toBe(0);
    };
    await Promise.all([page, ...others].map(load));
    expect(said.join("\n")).not.toMatch(/worker|network\.json/);
    expect(await packetOnLedger(wallets.devnet, link)).toMatchObject({ live: true, claimed: 0 });
    await context.close();
  });

  it("[RP-9] brings coins to a stranger with one tap, and tells nobody its secret", async () => {
    const { context, page, said, logged, files } = await stranger();
    await page.goto(link);
    await page.getByTestId("packet-open").waitFor();
    // Before the tap: the page's own files, and nothing heavy among them.
    const before = said.join("\n");
    expect(before).not.toMatch(/worker|network\.json|kernel|create-browser-host|manifest\.json/);
    const forms = shapesOfSecret();
    await page.getByTestId("packet-open").click();
    await seeResult(page, "won");
    const wonMs = await page.evaluate(() => (window as { wonMs?: number }).wonMs ?? 0);
    const received = [...files.values()].filter(({ atMs }) => atMs < wonMs).reduce((sum, { size }) => sum + size, 0);
    expect(received).toBeGreaterThan(BYTES_MAX / 4);
    expect(received).toBeLessThanOrEqual(BYTES_MAX);
    const amount = await page.getByTestId("packet-result").getAttribute("data-amount");
    expect(amount).toBe("8880000");
    expect(await page.getByTestId("packet-greeting").textContent()).toContain(GREETING);
    expect(new URL(page.url()).hash).toBe("");
    await page.getByTestId("packet-verify").click();
    await page.locator('[data-testid="packet-check"][data-state="true"]').waitFor({ timeout: FINAL_MS });

    // Loaded again it shows the same, and the coins are in the wallet that the app opens.
    await page.reload();
    await seeResult(page, "won");
    await page.getByTestId("claim-wallet").click();
    await page.locator('[data-testid="home-balance"][data-total="8880000"]').waitFor({ timeout: FINAL_MS });
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated", null, {
      timeout: FINAL_MS,
    });

    // The link once more: opened before, and shown again.
    await page.goto(link);
    await page.getByTestId("packet-open").click();
    await seeResult(page, "won");
    const everything = [...said, ...logged, await keptBy(page)].join("\n");
    for (const form of forms) expect(everything.includes(form), form).toBe(false);
    await context.close();
  });

  it("says to whoever comes too late that all is opened", async () => {
    const { context, page } = await stranger();
    await page.goto(link);
    await page.getByTestId("packet-open").click();
    await seeResult(page, "empty");
    await context.close();
  });
});
