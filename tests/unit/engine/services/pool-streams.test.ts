import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import type { FrameStream, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { ClientNetwork } from "../../../../src/engine/services/client-network.ts";
import type { UntimedEvent } from "../../../../src/engine/services/client-network-ports.ts";
import { streamRequests } from "../../../../src/net/requests/stream-requests.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodePoolRequest, encodePoolItem } from "../../../../src/wire/requests/pool.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { networkFileOf, SMALL_GENESIS } from "../../../support/network-file.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { eventually } from "../../../support/eventually.ts";

const dropped = (index: number) => ({ notice: "dropped", txid: hash32(`test/pool-${index}`) }) as const;

describe("a client that reads a node's mempool", () => {
  let node: NetworkPort;
  let events: UntimedEvent[];
  let network: ClientNetwork;
  /** The node's side of the stream. */
  let served: FrameStream | undefined;
  let letGo: () => void;
  let room: Promise<void>;

  beforeEach(async () => {
    const fake = new FakeNetwork();
    node = fake.join("node");
    events = [];
    served = undefined;
    room = Promise.resolve();
    const file = JSON.stringify(networkFileOf(SMALL_GENESIS, [{ operator: "node", addresses: ["/fake/node"] }]));
    network = new ClientNetwork({
      fetchNetworkFile: () => Promise.resolve(file),
      openHost: () => Promise.resolve(fake.join("client")),
      requests: streamRequests,
      random: seededRandom("pool streams"),
      timers: { now: () => 0, after: () => () => undefined },
      post: (event) => events.push(event),
      room: () => Promise.resolve(),
      poolRoom: () => room,
      decoySecret: () => undefined,
      configured: () => undefined,
    });
    network.perform({ type: "fetch-network" });
    await settle();
    network.perform({ type: "connect", node: 0, list: 1, addresses: ["/fake/node"] });
    await heard("peer-connected", 1);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await network.stop();
  });

  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
  const heard = (type: UntimedEvent["type"], count: number) =>
    eventually(() => expect(events.filter((event) => event.type === type)).toHaveLength(count));
  const serve = (): Promise<void> =>
    node.serve(PROTOCOL.pool.name, PROTOCOL.pool.served, async (stream) => {
      for await (const frame of stream.frames()) {
        decodePoolRequest(frame);
        break;
      }
      served = stream;
      await new Promise<void>((resolve) => (letGo = resolve));
    });
  const open = async (): Promise<FrameStream> => {
    await serve();
    network.perform({ type: "open-pool-stream", peer: "node" });
    await eventually(() => expect(served).toBeDefined());
    return served!;
  };
  const send = (stream: FrameStream, index: number): Promise<void> => stream.send(encodePoolItem(dropped(index)));

  it("[NW-13] hears of every change in its order", async () => {
    const stream = await open();
    for (let index = 0; index < 5; index++) await send(stream, index);
    await heard("pool-item-received", 5);
    expect(events.slice(1)).toEqual(
      [0, 1, 2, 3, 4].map((index) => ({ type: "pool-item-received", peer: "node", item: dropped(index) })),
    );
  });

  it("[NW-13] waits as long as it takes for the first one: an empty mempool says nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await serve();
    network.perform({ type: "open-pool-stream", peer: "node" });
    await eventually(() => expect(served).toBeDefined());
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(events.map(({ type }) => type)).toEqual(["peer-connected"]);
    await send(served!, 1);
    await heard("pool-item-received", 1);
  });

  it("says when the stream ends, when it breaks and when nobody serves it", async () => {
    network.perform({ type: "open-pool-stream", peer: "node" });
    await heard("pool-ended", 1);
    await open();
    letGo();
    await heard("pool-ended", 2);
    served = undefined;
    (await open()).abort("broken");
    await heard("pool-ended", 3);
    expect(events.map(({ type }) => type)).not.toContain("stream-ended");
  });

  it("[EN-4] refuses what is no item", async () => {
    await (await open()).send(Uint8Array.of(1, 3));
    await heard("frame-refused", 1);
  });

  it("hears nothing more of a stream that it has closed", async () => {
    const stream = await open();
    network.perform({ type: "close-pool-stream", peer: "somebody else" });
    await send(stream, 1);
    await heard("pool-item-received", 1);
    network.perform({ type: "close-pool-stream", peer: "node" });
    await stream.closed;
    await settle();
    expect(events.map(({ type }) => type)).toEqual(["peer-connected", "pool-item-received"]);
  });

  it("[NW-13] asks nobody for one that it has closed in the same breath", async () => {
    await serve();
    network.perform({ type: "open-pool-stream", peer: "node" });
    network.perform({ type: "close-pool-stream", peer: "node" });
    await settle();
    expect(served).toBeUndefined();
    await open();
    expect(events.map(({ type }) => type)).toEqual(["peer-connected"]);
  });

  it("[NW-1] reads no further while there is no room", async () => {
    let makeRoom = (): void => undefined;
    room = new Promise((resolve) => (makeRoom = resolve));
    const stream = await open();
    for (let index = 0; index < 5; index++) await send(stream, index);
    await settle();
    expect(events.filter(({ type }) => type === "pool-item-received")).toHaveLength(1);
    makeRoom();
    await heard("pool-item-received", 5);
  });
});
