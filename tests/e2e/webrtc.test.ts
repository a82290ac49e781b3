import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Person } from "../support/browser.ts";
import { openDevnetFront, type DevnetFront } from "../support/devnet-front.ts";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";

const FAUCET_MICRO = 1_000_000_000n;
const PAID_MICRO = 12_500_000n;
const FINAL_TIMEOUT_MS = 60_000;

let devnet: Devnet;
const fronts: DevnetFront[] = [];
const people: Person[] = [];

async function balanceOf(person: Person): Promise<bigint | undefined> {
  const text = await person.page.getByTestId("home-balance").first().getAttribute("data-total");
  return text === null || text === "" ? undefined : BigInt(text);
}

async function waitForBalance(person: Person, micro: bigint): Promise<void> {
  await expect.poll(() => balanceOf(person), { timeout: FINAL_TIMEOUT_MS, interval: 100 }).toBe(micro);
}

/** A person whose app is offered only such addresses of the nodes. */
async function arrive(name: string, keeps: (address: string) => boolean, path?: string): Promise<Person> {
  const front = await openDevnetFront(devnet.url, keeps);
  fronts.push(front);
  const person = await Person.arrive(name, front.url);
  people.push(person);
  if (path !== undefined) await person.page.goto(front.url + path);
  await person.tap("onboard-create");
  await person.see("sync-state", "data-state", "live", FINAL_TIMEOUT_MS);
  await waitForBalance(person, 0n);
  return person;
}

/** From the faucet to a payment that is final. */
async function payOnce(from: Person, to: string): Promise<void> {
  await from.tap("faucet");
  await waitForBalance(from, FAUCET_MICRO);
  await from.tap("pay-open");
  await from.type("pay-to", to);
  await from.type("pay-amount", "12.5");
  await from.tap("pay-review");
  await from.tap("pay-confirm");
  await from.see("pay-status", "data-state", "final", FINAL_TIMEOUT_MS);
}

const isWebRtc = (address: string): boolean => address.includes("/webrtc-direct/");
const isWebSocket = (address: string): boolean => address.includes("/ws/");

beforeAll(async () => {
  devnet = await startDevnet();
});

afterAll(async () => {
  for (const person of people) await person.leave();
  for (const front of fronts) await front.close();
  const code = await devnet.stop();
  await removeDevnet(devnet);
  expect(code).toBe(0);
});

describe("each transport of 11.1 by itself", () => {
  let address = "";

  it("nodes offer WebSocket first and WebRTC-direct second", async () => {
    const file = (await (await fetch(`${devnet.url}/network.json`)).json()) as {
      readonly nodes: readonly { readonly addresses: readonly string[] }[];
    };
    expect(file.nodes).toHaveLength(4);
    for (const { addresses } of file.nodes) {
      expect(addresses.map(isWebRtc)).toEqual([false, true]);
      expect(addresses.map(isWebSocket)).toEqual([true, false]);
    }
    const listened = devnet.file.validators.flatMap(({ addresses }) => addresses.filter(isWebRtc));
    expect(listened).toEqual(file.nodes.map(({ addresses }) => addresses[1]));
  });

  it("a client that has WebRTC-direct only gets coins, pays, and sees it final", async () => {
    const payer = await arrive("webrtc", isWebRtc);
    const pumped = await arrive("pumped", isWebRtc, "/?lang=en&rtc=pump");
    address = await pumped.attribute("receive-address", "data-address");
    await payOnce(payer, address);
    await waitForBalance(pumped, PAID_MICRO);
  });

  it("a client that has WebSocket only does the same", async () => {
    await payOnce(await arrive("websocket", isWebSocket), address);
    await waitForBalance(people[1]!, 2n * PAID_MICRO);
  });

  it("[NW-12] no page asked anybody else, and no policy was violated", () => {
    for (const person of people) {
      expect(person.strayRequests).toEqual([]);
      expect(person.violations).toEqual([]);
    }
  });
});
