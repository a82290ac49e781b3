import { describe, expect, it } from "vitest";
import { INITIAL_LIGHT_CLIENT } from "../../../../src/core/machines/light-client-state.ts";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import type { RecordChanges } from "../../../../src/core/wallet/stored-record.ts";
import type { ClientStore } from "../../../../src/engine/services/client-store.ts";
import { DataUsedCounter, decodeDataUsed, encodeDataUsed } from "../../../../src/engine/services/data-used.ts";
import type { NetworkEdges } from "../../../../src/engine/services/network-edges.ts";
import { METERED_PEERS_MAX, NetworkMeter, transportOf } from "../../../../src/engine/services/network-meter.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { runs } from "../../../support/run-counts.ts";

const NOW = 1_700_000_000_000;
const timers = { now: () => NOW, after: () => () => undefined };
const LIMITS = { frameBytesMax: 1_000, streamsPerPeerMax: 4 };

function memoryStore() {
  const records = new Map<string, Uint8Array>();
  let writes = 0;
  const store = {
    record: (key: string) => records.get(key),
    records: () => [...records].map(([key, bytes]) => ({ key, bytes })),
    write: ({ puts }: RecordChanges) => {
      writes += 1;
      for (const { key, bytes } of puts) records.set(key, bytes);
      return Promise.resolve();
    },
  } as unknown as ClientStore;
  return { store, records, writes: () => writes };
}

describe("data used", () => {
  it("is one record in one encoding", () => {
    const used = { bytesReceived: 2 ** 40, bytesSent: 7, sinceMs: timeMs(NOW) };
    expect(decodeDataUsed(encodeDataUsed(used))).toEqual(used);
    const codec = codecOf("data used", decodeDataUsed, encodeDataUsed, [encodeDataUsed(used)]);
    checkDecoder(codec, runs(10_000, 1_000_000));
  });

  it("begins anew where its record cannot be read", () => {
    const { store, records } = memoryStore();
    records.set("data-used", Uint8Array.of(2));
    expect(new DataUsedCounter(store, timers).total).toEqual({ bytesReceived: 0, bytesSent: 0, sinceMs: NOW });
  });

  it("is counted for the session and kept for the device, not at every frame", async () => {
    const { store, writes } = memoryStore();
    const first = new DataUsedCounter(store, timers);
    for (let frame = 0; frame < 1_000; frame++) first.received(1_000);
    first.sent(5);
    expect(writes()).toBeLessThan(40);
    // What a lost tab leaves uncounted is little.
    expect(new DataUsedCounter(store, timers).total.bytesReceived).toBeGreaterThan(900_000);
    await first.keep();
    await first.keep();
    const stored = writes();
    await first.keep();
    expect(writes()).toBe(stored);
    const second = new DataUsedCounter(store, { ...timers, now: () => NOW + 1 });
    second.received(1);
    expect(second.session).toEqual({ bytesReceived: 1, bytesSent: 0 });
    expect(second.total).toEqual({ bytesReceived: 1_000_001, bytesSent: 5, sinceMs: NOW });
  });

  it("is gone with an erase, and a store that refuses it stops nothing", async () => {
    const { store, records } = memoryStore();
    const counter = new DataUsedCounter(store, timers);
    counter.received(10);
    await counter.keep();
    records.clear();
    counter.forget();
    expect(counter.total).toEqual({ bytesReceived: 0, bytesSent: 0, sinceMs: NOW });
    const refusing = { ...store, write: () => Promise.reject(new Error("full")) };
    const other = new DataUsedCounter(refusing, timers);
    other.sent(10);
    await expect(other.keep()).resolves.toBeUndefined();
  });
});

async function meteredPair() {
  const network = new FakeNetwork();
  const { store } = memoryStore();
  const edges = {
    timers,
    store,
    openHost: () => Promise.resolve(network.join("client")),
    fetchNetworkFile: () => Promise.resolve("12345"),
  } as unknown as NetworkEdges & { store: ClientStore };
  const meter = new NetworkMeter(edges);
  const metered = meter.meter(edges);
  const server = network.join("server");
  await server.serve("echo", LIMITS, async (stream) => {
    for await (const frame of stream.frames()) await stream.send(frame);
  });
  return { meter, metered, host: await metered.openHost(1) };
}

async function exchange(host: NetworkPort): Promise<void> {
  const peer = await host.dial("/fake/server", 1_000);
  const stream = await host.openStream(peer, "echo", LIMITS);
  await stream.send(new Uint8Array(100));
  await stream.close();
  for await (const frame of stream.frames()) expect(frame.length).toBe(100);
}

describe("the network meter", () => {
  it("counts the frames of every stream and the network file", async () => {
    const { meter, metered, host } = await meteredPair();
    await exchange(host);
    expect(meter.used.session).toEqual({ bytesReceived: 100, bytesSent: 100 });
    await metered.fetchNetworkFile();
    expect(meter.used.session.bytesReceived).toBe(105);
  });

  it("shows each node with the address it was reached at", async () => {
    const { meter, host } = await meteredPair();
    await exchange(host);
    const fresh = { status: undefined, askedMs: 0, failures: 0, retryAtMs: 0, peer: undefined, fault: undefined };
    const state = {
      ...INITIAL_LIGHT_CLIENT,
      config: {
        nodes: [
          { operator: "first", addresses: ["/ip4/1.2.3.4/tcp/1/ws"] },
          { operator: "second", addresses: [] },
          { operator: "", addresses: ["/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/x"] },
        ],
      },
      nodes: [
        { ...fresh, phase: "connected", peer: "server" },
        { ...fresh, phase: "idle", fault: "bad_certificate" },
        { ...fresh, phase: "connecting", fault: "wrong_network" },
      ],
      data: { node: 0 },
    } as unknown as typeof INITIAL_LIGHT_CLIENT;
    const shown = meter.view(state).nodes;
    expect(shown.map(({ address, transport }) => [address, transport])).toEqual([
      ["/fake/server", undefined],
      [undefined, undefined],
      ["/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/x", "webrtc"],
    ]);
    expect(shown.map(({ isDataSource, fault }) => [isDataSource, fault])).toEqual([
      [true, undefined],
      [false, "wrong_data"],
      [false, "wrong_network"],
    ]);
    expect(shown.map(({ operator }) => operator)).toEqual(["first", "second", ""]);
    expect(meter.view(undefined).nodes).toEqual([]);
  });

  it("tells how much is stored on this device", () => {
    const { store, records } = memoryStore();
    const meter = new NetworkMeter({ timers, store } as unknown as NetworkEdges & { store: ClientStore });
    records.set("one", new Uint8Array(7));
    records.set("other", new Uint8Array(5));
    expect(meter.view(undefined).bytesStored).toBe(12);
  });

  it("remembers no more addresses than a client can need", () => {
    const { store } = memoryStore();
    const meter = new NetworkMeter({ timers, store } as unknown as NetworkEdges & { store: ClientStore });
    for (let peer = 0; peer <= METERED_PEERS_MAX; peer++) meter.dialled(`peer ${peer}`, "/ip4/1.2.3.4/tcp/1");
    const state = {
      ...INITIAL_LIGHT_CLIENT,
      nodes: [{ phase: "connected", peer: "peer 0" }],
    } as unknown as typeof INITIAL_LIGHT_CLIENT;
    expect(meter.view(state).nodes[0]?.address).toBeUndefined();
  });
});

it("the transport is read off the address", () => {
  expect(transportOf("/dns4/node.example/tcp/443/wss")).toBe("websocket");
  expect(transportOf("/ip4/127.0.0.1/tcp/4001/ws/p2p/12D3")).toBe("websocket");
  expect(transportOf("/ip4/127.0.0.1/udp/4001/webrtc-direct/certhash/uEi")).toBe("webrtc");
  expect(transportOf("/ip4/127.0.0.1/tcp/4001")).toBe("tcp");
  expect(transportOf("/unix/x")).toBeUndefined();
  expect(transportOf(undefined)).toBeUndefined();
});
