import type { MultiaddrConnection, PeerId as Libp2pPeerId } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { describe, expect, it } from "vitest";
import { ConnectionGate, type GatePolicy } from "../../../../src/net/peers/connection-gate.ts";
import {
  CONNECTIONS_HALF_OPEN_PER_HOST_MAX,
  CONNECTIONS_OF_STRANGERS_MAX,
  CONNECTIONS_PER_HOST_MAX,
  CONNECTIONS_PER_PEER_MAX,
} from "../../../../src/wire/limits.ts";

/** The end of a socket, as far as the gate looks at it. */
class Socket extends EventTarget {
  readonly remoteAddr;
  status = "open";

  constructor(ip: string) {
    super();
    this.remoteAddr = multiaddr(`/ip${ip.includes(":") ? 6 : 4}/${ip}/tcp/50000`);
  }

  close(): void {
    this.status = "closed";
    this.dispatchEvent(new Event("close"));
  }
}

class Door {
  readonly banned = new Set<string>();
  readonly reserved = new Set<string>();
  readonly gate: ConnectionGate;

  constructor(policy: Partial<GatePolicy> = {}) {
    this.gate = new ConnectionGate({
      isBanned: (name) => this.banned.has(name),
      isReserved: (peer) => this.reserved.has(peer),
      strangersMax: CONNECTIONS_OF_STRANGERS_MAX,
      ...policy,
    });
  }

  knock(ip: string): Socket | undefined {
    const socket = new Socket(ip);
    return this.gate.gater.denyInboundConnection!(socket as unknown as MultiaddrConnection) === true
      ? undefined
      : socket;
  }

  /** The whole way in. */
  enter(ip: string, peer: string): Socket | undefined {
    const socket = this.knock(ip);
    if (socket === undefined) return undefined;
    const id = { toString: () => peer } as Libp2pPeerId;
    if (this.gate.gater.denyInboundEncryptedConnection!(id, socket as unknown as MultiaddrConnection) === false) {
      return socket;
    }
    socket.close();
    return undefined;
  }
}

const ipOf = (index: number): string => `${1 + (index % 8)}.${index >> 3}.1.1`;

describe("the gate of a node", () => {
  it("CONNECTIONS_OF_STRANGERS_MAX: 300 strangers leave the places of those we know", () => {
    const door = new Door();
    const entered = Array.from({ length: 300 }, (_, index) => door.enter(ipOf(index), `stranger ${index}`));
    expect(entered.filter((socket) => socket !== undefined).length).toBe(CONNECTIONS_OF_STRANGERS_MAX);
    door.reserved.add("validator");
    expect(door.enter("20.1.1.1", "validator")).toBeDefined();
    expect(door.enter("20.1.1.1", "stranger")).toBeUndefined();
    entered[0]!.close();
    expect(door.gate.strangers).toBe(CONNECTIONS_OF_STRANGERS_MAX - 1);
    expect(door.enter("20.1.1.1", "stranger")).toBeDefined();
  });

  it("[NW-16] one group of addresses gets a quarter of the strangers' places", () => {
    const door = new Door({ strangersMax: 40 });
    const entered = Array.from({ length: 30 }, (_, index) => door.enter(`9.9.1.${index}`, `stranger ${index}`));
    expect(entered.filter((socket) => socket !== undefined).length).toBe(10);
    expect(door.enter("9.8.1.1", "other")).toBeDefined();
  });

  it("CONNECTIONS_PER_HOST_MAX: one host has so many connections, however many names it takes", () => {
    const door = new Door({ strangersMax: 1_000 });
    const entered = Array.from({ length: 100 }, (_, index) => door.enter("9.9.9.9", `name ${index}`));
    expect(entered.filter((socket) => socket !== undefined).length).toBe(CONNECTIONS_PER_HOST_MAX);
    expect(door.enter("9.9.9.10", "neighbour")).toBeDefined();
    entered[0]!.close();
    expect(door.enter("9.9.9.9", "next")).toBeDefined();
  });

  it("CONNECTIONS_HALF_OPEN_PER_HOST_MAX: one host cannot hold up handshakes for everybody", () => {
    const door = new Door();
    const knocks = Array.from({ length: 40 }, () => door.knock("2a00:1:2:3::1"));
    expect(knocks.filter((socket) => socket !== undefined).length).toBe(CONNECTIONS_HALF_OPEN_PER_HOST_MAX);
    expect(door.knock("2a00:1:2:3:ffff::1")).toBeUndefined();
    expect(door.knock("2a00:1:2:4::1")).toBeDefined();
    knocks[0]!.close();
    expect(door.knock("2a00:1:2:3::2")).toBeDefined();
  });

  it("CONNECTIONS_PER_PEER_MAX: one peer has so many connections", () => {
    const door = new Door();
    door.reserved.add("a");
    const entered = Array.from({ length: 10 }, (_, index) => door.enter(ipOf(index), "a"));
    expect(entered.filter((socket) => socket !== undefined).length).toBe(CONNECTIONS_PER_PEER_MAX);
  });

  it("[NW-16] who is banned is refused and not dialled, by its name and by its host", () => {
    const door = new Door();
    const peer = "12D3KooWGRUnUQf9mWzV3jZqJtP7y1yJtGZ2d1nN8V2hYx6s1JmN";
    door.banned.add(peer);
    door.banned.add("9.9.9.9");
    expect(door.enter("8.8.8.8", peer)).toBeUndefined();
    expect(door.enter("9.9.9.9", "other")).toBeUndefined();
    expect(door.enter("::ffff:9.9.9.9", "other")).toBeUndefined();
    const dials = (address: string): unknown => door.gate.gater.denyDialMultiaddr!(multiaddr(address));
    expect(dials(`/ip4/8.8.8.8/tcp/1/p2p/${peer}`)).toBe(true);
    expect(dials("/ip4/9.9.9.9/tcp/1")).toBe(true);
    expect(dials("/ip4/8.8.8.8/tcp/1")).toBe(false);
    expect(door.gate.strangers).toBe(0);
  });

  it("[NW-16] this machine, where a TLS proxy lets everybody in, is neither counted nor banned", () => {
    const door = new Door();
    for (const ip of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      door.banned.add("127.0.0.1").add("0:0:0:0::/64");
      const entered = Array.from({ length: 40 }, (_, index) => door.enter(ip, `${ip} ${index}`));
      expect(entered.every((socket) => socket !== undefined)).toBe(true);
    }
    expect(door.gate.strangers).toBe(120);
  });
});
