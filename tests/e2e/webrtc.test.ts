import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../support/browser.ts";
import { freePort, startDevnet } from "../support/devnet.ts";
import { PageOrigin } from "../support/page-origin.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";

type Addresses = readonly string[];

const PAID_MICRO = 12_500_000n;

let people: People;
const origins: PageOrigin[] = [];

/** A person whose app is offered such addresses of the nodes. */
async function arrive(name: string, offer: (all: Addresses) => Addresses, path = "/?lang=en"): Promise<Person> {
  const origin = new PageOrigin(() => people.devnet.url);
  origin.change = (file) => {
    const nodes = file["nodes"] as readonly { readonly addresses: Addresses }[];
    return { ...file, nodes: nodes.map((node) => ({ ...node, addresses: offer(node.addresses) })) };
  };
  await origin.start();
  origins.push(origin);
  const person = await people.arrive(name, origin.url);
  await countPeerConnections(person);
  await person.page.goto(origin.url + path);
  await person.makeWallet(FINAL_TIMEOUT_MS);
  await person.seeBalance(0n, FINAL_TIMEOUT_MS);
  return person;
}

/** From the faucet to a payment that is final. */
async function payOnce(from: Person, to: string): Promise<void> {
  await from.tap("faucet");
  await from.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
  await from.pay({ to, stg: "12.5" }, FINAL_TIMEOUT_MS);
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
  const file = (await (await fetch(`${people.devnet.url}/network.json`)).json()) as {
    readonly nodes: readonly { readonly addresses: Addresses }[];
  };
  return file.nodes.map(({ addresses }) => addresses);
}

beforeAll(async () => {
  people = await People.gather();
});

afterAll(async () => {
  for (const origin of origins) await origin.stop();
  expect(await people.leave()).toBe(0);
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
    const listened = people.devnet.file.validators.flatMap(({ addresses }) => addresses.filter(isWebRtc));
    expect(listened).toEqual(offered.map((addresses) => addresses[1]));
  });

  it("a client that has WebRTC-direct only gets coins, pays, and sees it final", async () => {
    const payer = await arrive("webrtc", onlyWebRtc);
    pumped = await arrive("pumped", onlyWebRtc, "/?lang=en&rtc=pump");
    address = await pumped.attribute("receive-address", "data-address");
    await payOnce(payer, address);
    await pumped.seeBalance(PAID_MICRO, FINAL_TIMEOUT_MS);
    expect(await openedBy(payer)).toBeGreaterThan(0);
    expect(await openedBy(pumped)).toBeGreaterThan(0);
  });

  it("a client that has WebSocket only does the same", async () => {
    const person = await arrive("websocket", onlyWebSocket);
    await payOnce(person, address);
    await pumped.seeBalance(2n * PAID_MICRO, FINAL_TIMEOUT_MS);
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
    await people.devnet.stop();
    await expect
      .poll(() => pumped.attribute("sync-state", "data-state"), { timeout: FINAL_TIMEOUT_MS, interval: 100 })
      .not.toBe("live");
    people.devnet = await startDevnet({ directory: people.devnet.directory });
    expect(await offeredAddresses()).toEqual(before);
    await pumped.see("sync-state", "data-state", "live", FINAL_TIMEOUT_MS);
  });

  it("[NW-12] no page asked anybody else, and no policy was violated", () => {
    expect(people.trespasses).toEqual([]);
  });
});
