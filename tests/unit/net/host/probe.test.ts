import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NodeNetworkPort } from "../../../../src/core/ports/network-port.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { eventually } from "../../../support/eventually.ts";

const LISTEN = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"];

describe("looking at an address", () => {
  const hosts: NodeNetworkPort[] = [];
  const open = async (): Promise<NodeNetworkPort> => {
    const host = await createNodeHost({ chainId: 1000, identity: await generateIdentity(), listen: LISTEN });
    hosts.push(host);
    return host;
  };
  let looking: NodeNetworkPort;
  let other: NodeNetworkPort;
  beforeEach(async () => {
    looking = await open();
    other = await open();
  });
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
  });

  it("[NW-15] finds a peer at each address it has, as a stranger, and lets go again", async () => {
    const seen: string[] = [];
    other.onPeer(({ peer }) => seen.push(peer));
    for (const address of other.addresses()) await looking.probe(address, 30_000);
    expect(looking.peers()).toEqual([]);
    await eventually(() => expect(other.peers()).toEqual([]));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).not.toContain(looking.self);
  });

  it("[NW-15] finds it over a connection of its own where one is open already", async () => {
    await looking.dial(other.addresses()[0]!, 30_000);
    await looking.probe(other.addresses()[0]!, 30_000);
    expect(looking.peers()).toEqual([other.self]);
    expect(looking.isDialled(other.self)).toBe(true);
    expect(other.isDialled(looking.self)).toBe(false);
    expect(other.remoteAddress(looking.self)).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\//);
    expect(other.remoteAddress(other.self)).toBeUndefined();
  });

  it("[NW-15] finds a peer only where it is, while it is looked for at other addresses, too", async () => {
    const [real] = other.addresses() as [string];
    const bogus = `/ip4/127.0.0.7/tcp/6553/p2p/${other.self}`;
    const look = (address: string): Promise<string> => {
      return looking.probe(address, 30_000).then(
        () => `found ${address}`,
        () => `not found ${address}`,
      );
    };
    expect(await Promise.all([real, bogus].map(look))).toEqual([`found ${real}`, `not found ${bogus}`]);
    expect(await Promise.all([bogus, real].map(look))).toEqual([`not found ${bogus}`, `found ${real}`]);
  });

  it("[NW-15] rejects where nobody is, or somebody else", async () => {
    const third = await open();
    const place = third.addresses()[0]!.replace(third.self, other.self);
    await expect(looking.probe(place, 30_000)).rejects.toThrow();
    await third.stop();
    await expect(looking.probe(third.addresses()[0] ?? place, 30_000)).rejects.toThrow();
    await looking.stop();
    await expect(looking.probe(other.addresses()[0]!, 30_000)).rejects.toThrow("stopped");
  });
});
