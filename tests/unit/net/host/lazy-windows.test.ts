import { StreamState, YamuxStream } from "@libp2p/yamux/stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FrameStream, NodeNetworkPort, PeerId } from "../../../../src/core/ports/network-port.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { eventually } from "../../../support/eventually.ts";

const LIMITS = { frameBytesMax: 100_000, streamsPerPeerMax: 2 };
const KIB = 1024;

describe("room that is given back on a stream", { timeout: 60_000 }, () => {
  let hosts: NodeNetworkPort[];
  let server: PeerId;
  /** What the library is left to send, at both ends. */
  let updates: number;
  /** Streams that arrive are read when the test says so. */
  let read: () => void;
  let received: number[];
  /** What the reader does between two frames. */
  let rest: () => Promise<void>;
  beforeEach(async () => {
    updates = 0;
    const known = Object.getOwnPropertyDescriptor(YamuxStream.prototype, "sendWindowUpdate");
    const update = known!.value as (this: YamuxStream) => void;
    vi.spyOn(YamuxStream.prototype, "sendWindowUpdate").mockImplementation(function (this: YamuxStream) {
      // To who is paused it gives no room anyway.
      if (this.state !== StreamState.Paused) updates++;
      update.call(this);
    });
    const make = async () =>
      createNodeHost({ chainId: 1000, identity: await generateIdentity(), listen: ["/ip4/127.0.0.1/tcp/0"] });
    hosts = [await make(), await make()];
    const mayRead = new Promise<void>((resolve) => (read = resolve));
    received = [];
    rest = () => Promise.resolve();
    await hosts[0]!.serve("stem", LIMITS, async (stream) => {
      await mayRead;
      for await (const frame of stream.frames()) {
        received.push(frame.length);
        await stream.send(frame);
        await rest();
      }
    });
    server = await hosts[1]!.dial(hosts[0]!.addresses()[0]!, 20_000);
    // What a new connection says of itself goes over streams of its own.
    await eventually(() => expect(hosts[0]!.peers()).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(hosts.map((host) => host.stop()));
  });

  /** Sends frames of a size and takes as many back. */
  async function echo(stream: FrameStream, count: number, size: number): Promise<void> {
    const sending = (async () => {
      for (let sent = 0; sent < count; sent++) await stream.send(new Uint8Array(size).fill(sent));
    })();
    let place = 0;
    for await (const frame of stream.frames()) {
      expect([frame.length, frame[0], frame.at(-1)]).toEqual([size, place & 255, place & 255]);
      if (++place === count) break;
    }
    await sending;
    expect(place).toBe(count);
  }

  it("is no message for each frame: one for every 64 KiB is enough", async () => {
    read();
    const stream = await hosts[1]!.openStream(server, "stem", LIMITS);
    const answers = stream.frames()[Symbol.asyncIterator]();
    const ask = async (): Promise<void> => {
      await stream.send(new Uint8Array(KIB));
      expect((await answers.next()).value).toHaveLength(KIB);
    };
    await ask();
    updates = 0;
    // One after the other, as votes and payments come: together they would be read together.
    for (let count = 0; count < 256; count++) await ask();
    expect(received).toHaveLength(257);
    // 257 KiB in each direction are four for either end; whatever else the two say to each other may add some.
    expect(updates).toBeGreaterThanOrEqual(4);
    expect(updates).toBeLessThan(30);
  });

  it("is enough for many windows in both directions", async () => {
    read();
    const stream = await hosts[1]!.openStream(server, "stem", LIMITS);
    await echo(stream, 64, 64 * KIB);
    expect(received).toHaveLength(64);
  });

  it("is none while nobody reads, and all of it once somebody does", async () => {
    const stream = await hosts[1]!.openStream(server, "stem", LIMITS);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 40; sent++) await stream.send(new Uint8Array(64 * KIB));
    })();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // The window, and what the two ends' sockets and queues hold; 2.5 MiB were to be sent.
    expect(sent).toBeLessThan(40);
    expect(received).toEqual([]);
    read();
    const taking = (async () => {
      let count = 0;
      for await (const _ of stream.frames()) if (++count === 40) return;
    })();
    await sending;
    await taking;
    expect(received).toHaveLength(40);
  });

  it("is none for who reads a frame now and then, however many wait: nothing is lost, and nothing piles up", async () => {
    const COUNT = 96;
    let isSlow = true;
    // Long enough for all of it to come, were there room.
    rest = async () => {
      if (isSlow && received.length % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 500));
      if (received.length > COUNT / 2) isSlow = false;
    };
    read();
    const stream = await hosts[1]!.openStream(server, "stem", LIMITS);
    await echo(stream, COUNT, 64 * KIB);
    expect(received).toHaveLength(COUNT);
  });
});
