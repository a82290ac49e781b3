import { afterAll, beforeAll, expect, it } from "vitest";
import { parsePacketLink } from "../../src/core/values/packet-link.ts";
import type { Person } from "../support/browser.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";

const TOTAL = 8_880_000n;
/** What is more than a few fees is missing. */
const FEES_MAX = 1_000_000n;

let people: People;
let host: Person;

beforeAll(async () => {
  people = await People.gather();
  host = await people.arriveWithWallet("host");
  await host.tap("faucet");
  await host.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
});

afterAll(async () => {
  expect(await people.leave()).toBe(0);
});

const seeStatus = (status: string): Promise<void> => host.see("packet-status", "data-state", status, FINAL_TIMEOUT_MS);

async function balance(): Promise<bigint> {
  await host.page.goto(`${people.devnet.url}/pay?lang=en`);
  await host.page.locator('[data-testid="home-balance"][data-total]').waitFor({ timeout: FINAL_TIMEOUT_MS });
  return BigInt(await host.attribute("home-balance", "data-total"));
}

it("[RP-7] a packet is made with one tap on a network of real nodes, has a link, and comes back when it is taken back", async () => {
  await host.page.goto(`${people.devnet.url}/packets?lang=en`);
  await host.tap("packet-new");
  await host.type("packet-total", "8.88");
  await host.type("packet-count", "2");
  await host.type("packet-greeting", "恭喜发财 Good luck");
  await host.tap("packet-create");
  await seeStatus("live");
  const place = new URL(host.page.url());
  expect([place.pathname, place.hash]).toEqual([expect.stringMatching(/^\/packets\/[0-9a-f]{32}$/), ""]);
  const link = await host.attribute("packet-link", "data-link");
  const read = parsePacketLink(link);
  expect(read).toMatchObject({ ok: true, link: { kind: "packet", hasPassword: false } });
  // What the chain has of it: nobody has opened any.
  await host.see("packet-status", "data-opened", "0", FINAL_TIMEOUT_MS);
  // Its name is the same after a reload, and so is its link.
  await host.reload();
  await seeStatus("live");
  expect(await host.attribute("packet-link", "data-link")).toBe(link);

  await host.tap("packet-back");
  await host.tap("packet-confirm");
  await seeStatus("taken-back");
  expect(BigInt(await host.attribute("packet-back-sum", "data-amount"))).toBeGreaterThanOrEqual(TOTAL);
  const left = await balance();
  expect(left).toBeGreaterThan(FAUCET_MICRO - FEES_MAX);
  expect(left).toBeLessThan(FAUCET_MICRO);
  expect(people.trespasses).toEqual([]);
});
