import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lanAddresses } from "../../src/node/cli/devnet-lan.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS } from "../support/people.ts";

let devnet: Devnet;
let browser: Browser;

beforeAll(async () => {
  devnet = await startDevnet({ fast: true, more: ["--lan", "--https", "0"] });
  // A person chooses to go on; here the browser is told so for sockets as well.
  browser = await chromium.launch({ ...CHROMIUM, args: [...CHROMIUM.args, "--ignore-certificate-errors"] });
});
afterAll(async () => {
  await browser.close();
  expect(await devnet.stop()).toBe(0);
  await removeDevnet(devnet);
});

it("npm start -- --lan: a phone opens the printed address and has a wallet with coins, over https and wss alone", async () => {
  const urls = [...devnet.output().matchAll(/on the local network: (https:\/\/\S+)/g)].map(([, url]) => url ?? "");
  const hosts = lanAddresses();
  expect(urls.map((url) => new URL(url).hostname)).toEqual(hosts.length > 0 ? hosts : ["127.0.0.1"]);
  // A code of half blocks.
  expect(devnet.output()).toMatch(/█.*█/);
  const page = await browser.newPage({ viewport: { width: 390, height: 844 }, ignoreHTTPSErrors: true });
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.goto(`${urls[0]}/?lang=en`);
  expect(await page.evaluate(() => isSecureContext)).toBe(true);
  const file = await page.evaluate(async () => (await fetch("/network.json")).text());
  expect(file).not.toContain("/tcp/0");
  const addresses = (JSON.parse(file) as { nodes: { addresses: string[] }[] }).nodes.flatMap((node) => node.addresses);
  const host = new URL(urls[0]!).hostname;
  expect(addresses.length).toBe(devnet.file.validators.length);
  for (const address of addresses) expect(address).toMatch(new RegExp(`^/ip4/${host}/tcp/\\d+/tls/ws/p2p/`));
  await page.getByTestId("onboard-create").click();
  await page.locator('[data-testid="sync-state"][data-state="live"]').first().waitFor({ timeout: FINAL_TIMEOUT_MS });
  await page.getByTestId("faucet").click();
  await page
    .locator(`[data-testid="home-balance"][data-total="${FAUCET_MICRO}"]`)
    .waitFor({ timeout: FINAL_TIMEOUT_MS });
  expect(sockets.filter((url) => !url.startsWith("wss:"))).toEqual([]);
});
