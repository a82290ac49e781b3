import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NetworkPort } from "../../../src/core/ports/network-port.ts";
import { createNodeHost } from "../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../src/net/host/identity.ts";
import { SECURITY_HEADERS } from "../../../src/node/rpc/security-headers.ts";
import { networkPortContract, type NetworkPlace } from "../../contract/network-port.ts";
import { testCertificate } from "../../support/test-certificate.ts";
import { TestPage } from "../../support/test-page.ts";
import { RemotePort } from "./remote-port.ts";

declare const start: (isPumped: boolean) => void;
declare const end: () => void;
declare const posted: () => Readonly<Record<string, number>>;
declare const configurations: () => readonly string[];

let page: TestPage | undefined;

beforeAll(async () => {
  page = await TestPage.open("tests/browser/net/browser-host-page.ts", SECURITY_HEADERS);
});

afterAll(async () => {
  await page?.close();
});

/** Nodes in this process, and one browser's worker for all clients of a place. */
function place(isPumped: boolean, tabs: Page[]) {
  return async (): Promise<NetworkPlace> => {
    const tab = await page!.tab();
    tabs.push(tab);
    await tab.evaluate((pumped) => start(pumped), isPumped);
    const nodes: NetworkPort[] = [];
    const openNode = async (): Promise<NetworkPort> => {
      const listen = ["/ip4/127.0.0.1/udp/0/webrtc-direct"];
      const identity = await generateIdentity();
      const node = await createNodeHost({ chainId: 1000, identity, listen, certificate: testCertificate() });
      nodes.push(node);
      return node;
    };
    return {
      join: (role) => (role === "server" ? openNode() : RemotePort.open(tab)),
      addressOf: (port) => port.addresses()[0]!,
      dispose: async () => {
        await tab.evaluate(() => end());
        await Promise.all(nodes.map((node) => node.stop()));
      },
    };
  };
}

const transferred: Page[] = [];
const pumped: Page[] = [];

networkPortContract("from a Chromium worker over WebRTC-direct, channels handed over", place(false, transferred));
networkPortContract("from a Chromium worker over WebRTC-direct, bytes pumped", place(true, pumped));

describe("the bridge in Chromium", () => {
  const countsOf = async (tabs: readonly Page[], name: string): Promise<number> => {
    const all = await Promise.all(tabs.map((tab) => tab.evaluate(() => posted())));
    return all.reduce((sum, counts) => sum + (counts[name] ?? 0), 0);
  };

  it("hands over each channel, and then no byte passes through the page", async () => {
    expect(await countsOf(transferred, "channel transferred")).toBeGreaterThan(20);
    expect(await countsOf(transferred, "channel")).toBe(0);
    expect(await countsOf(transferred, "data")).toBe(0);
  });

  it("pumps where it cannot hand over", async () => {
    expect(await countsOf(pumped, "channel transferred")).toBe(0);
    expect(await countsOf(pumped, "data")).toBeGreaterThan(100);
  });

  it("[NW-11] asks no server for addresses", async () => {
    const all = await Promise.all([...transferred, ...pumped].map((tab) => tab.evaluate(() => configurations())));
    expect(new Set(all.flat())).toEqual(new Set(['{"iceServers":[]}']));
  });
});
