import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openHost } from "../../../../src/node/network/open-host.ts";

const LISTEN = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws", "/ip4/127.0.0.1/udp/0/webrtc-direct"];

let directory: string;
const lines: string[] = [];

beforeEach(async () => {
  lines.splice(0);
  directory = await mkdtemp(join(tmpdir(), "stegos-host-"));
});
afterEach(async () => {
  vi.doUnmock("node-datachannel");
  vi.resetModules();
  await rm(directory, { recursive: true, force: true });
});

/** Addresses of one run, without the ports, which are others each time. */
async function addressesOfOneRun(open = openHost): Promise<readonly string[]> {
  const { host } = await open(1000, { directory, listen: LISTEN, dial: [], log: (line) => lines.push(line) });
  const addresses = host.addresses().map((address) => address.replace(/\/(tcp|udp)\/\d+/, "/$1"));
  await host.stop();
  return addresses;
}

describe("what a node holds against its peers", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[NW-16] fades and ends on a clock of its own, wherever the machine's is set", async () => {
    const { host, peers } = await openHost(1000, { directory, listen: [], dial: [], log: (line) => lines.push(line) });
    vi.useFakeTimers({ toFake: ["Date"] });
    peers.blame("busy", "too_many_requests");
    peers.blame("liar", "bad_block");
    vi.setSystemTime(Date.now() - 3_600_000);
    peers.blame("busy", "too_many_requests");
    expect(peers.isBanned("busy")).toBe(false);
    vi.setSystemTime(Date.now() + 7_200_000);
    expect(peers.isBanned("liar")).toBe(true);
    await host.stop();
  });
});

describe("a node's addresses", () => {
  it("are the same after a restart, the hash of the certificate included", async () => {
    const before = await addressesOfOneRun();
    expect(before).toHaveLength(3);
    expect(before[2]).toMatch(/^\/ip4\/127\.0\.0\.1\/udp\/webrtc-direct\/certhash\/uEi[\w-]{44}\/p2p\/12D3KooW\w+$/);
    expect(await addressesOfOneRun()).toEqual(before);
    expect(lines).toEqual([]);
  });

  it("are those of TCP and WebSocket where the native module is missing, and the log says so once", async () => {
    vi.resetModules();
    vi.doMock("node-datachannel", () => {
      throw new Error("Cannot find module '@node-datachannel/linux-x64-gnu'");
    });
    const { openHost: openWithout } = await import("../../../../src/node/network/open-host.ts");
    const addresses = await addressesOfOneRun(openWithout);
    expect(addresses.map((address) => address.replace(/\/p2p\/.*/, ""))).toEqual([
      "/ip4/127.0.0.1/tcp",
      "/ip4/127.0.0.1/tcp/ws",
    ]);
    expect(lines).toEqual(["no WebRTC: native_module_missing"]);
  });

  it("are those of TCP and WebSocket where the certificate's file is broken, which is kept", async () => {
    await writeFile(join(directory, "certificate"), "half");
    expect(await addressesOfOneRun()).toHaveLength(2);
    expect(lines).toEqual(["no WebRTC: certificate_broken"]);
    expect(await readFile(join(directory, "certificate"), "utf8")).toBe("half");
  });
});
