import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Person } from "../support/browser.ts";
import { openDevnetFront, type DevnetFront } from "../support/devnet-front.ts";
import { freePort, removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";

type Addresses = readonly string[];

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

/** A person whose app is offered such addresses of the nodes. */
async function arrive(name: string, offer: (all: Addresses) => Addresses, path = "/?lang=en"): Promise<Person> {
  const front = await openDevnetFront(() => devnet.url, offer);
  fronts.push(front);
  const person = await Person.arrive(name, front.url);
  people.push(person);
  await countPeerConnections(person);
  await person.page.goto(front.url + path);
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

/** Lets a page count, from its next load on, how often it opens a peer connection. */
async function countPeerConnections(person: Person): Promise<void> {
  await person.page.addInitScript(() => {
    const scope = globalThis as unknown as { opened: number };
    const Real = globalThis.RTCPeerConnection;
    scope.opened = 0;
    globalThis.RTCPeerConnection = class extends Real {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        scope.opened++;
      }
    };
  });
}

const openedBy = (person: Person): Promise<number> => {
  return person.page.evaluate(() => (globalThis as unknown as { opened: number }).opened);
};

const isWebRtc = (address: string): boolean => address.includes("/webrtc-direct/");
const isWebSocket = (address: string): boolean => address.includes("/ws/");
const onlyWebRtc = (all: Addresses): Addresses => all.filter(isWebRtc);
const onlyWebSocket = (all: Addresses): Addresses => all.filter(isWebSocket);

async function offeredAddresses(): Promise<readonly Addresses[]> {
  const file = (await (await fetch(`${devnet.url}/network.json`)).json()) as {
    readonly nodes: readonly { readonly addresses: Addresses }[];
  };
  return file.nodes.map(({ addresses }) => addresses);
}

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
  let pumped: Person;

  it("nodes offer WebSocket first and WebRTC-direct second", async () => {
    const offered = await offeredAddresses();
    expect(offered).toHaveLength(4);
    for (const addresses of offered) {
      expect(addresses.map(isWebRtc)).toEqual([false, true]);
      expect(addresses.map(isWebSocket)).toEqual([true, false]);
    }
    const listened = devnet.file.validators.flatMap(({ addresses }) => addresses.filter(isWebRtc));
    expect(listened).toEqual(offered.map((addresses) => addresses[1]));
  });

  it("a client that has WebRTC-direct only gets coins, pays, and sees it final", async () => {
    const payer = await arrive("webrtc", onlyWebRtc);
    pumped = await arrive("pumped", onlyWebRtc, "/?lang=en&rtc=pump");
    address = await pumped.attribute("receive-address", "data-address");
    await payOnce(payer, address);
    await waitForBalance(pumped, PAID_MICRO);
    expect(await openedBy(payer)).toBeGreaterThan(0);
    expect(await openedBy(pumped)).toBeGreaterThan(0);
  });

  it("a client that has WebSocket only does the same", async () => {
    const person = await arrive("websocket", onlyWebSocket);
    await payOnce(person, address);
    await waitForBalance(pumped, 2n * PAID_MICRO);
    expect(await openedBy(person)).toBe(0);
  });

  it("a client that has both takes WebSocket, and WebRTC-direct where no WebSocket answers", async () => {
    const both = await arrive("both", (all) => all);
    expect(await openedBy(both)).toBe(0);
    const deadPort = await freePort();
    const fallen = await arrive("fallen", (all) =>
      all.map((each) => each.replace(/\/tcp\/\d+\//, `/tcp/${deadPort}/`)),
    );
    expect(await openedBy(fallen)).toBeGreaterThan(0);
  });

  it("nodes keep their WebRTC-direct addresses over a restart, and the client that knows no other finds them", async () => {
    const before = await offeredAddresses();
    await pumped.see("sync-state", "data-state", "live");
    await devnet.stop();
    await expect
      .poll(() => pumped.attribute("sync-state", "data-state"), { timeout: FINAL_TIMEOUT_MS, interval: 100 })
      .not.toBe("live");
    devnet = await startDevnet({ directory: devnet.directory });
    expect(await offeredAddresses()).toEqual(before);
    await pumped.see("sync-state", "data-state", "live", FINAL_TIMEOUT_MS);
  });

  it("[NW-12] no page asked anybody else, and no policy was violated", () => {
    for (const person of people) {
      expect(person.strayRequests).toEqual([]);
      expect(person.violations).toEqual([]);
    }
  });
});
