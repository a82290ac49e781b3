import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FrameStream, NetworkPort, StreamLimits, Verdict } from "../../src/core/ports/network-port.ts";
import {
  STREAM_SEND_QUEUE_BYTES_MAX,
  STREAM_WINDOW_BYTES_MAX,
  REQUEST_STREAMS_PER_PEER_MAX,
} from "../../src/wire/limits.ts";
import { eventually } from "../support/eventually.ts";

/** One network of an implementation; `dispose` stops what the test did not. */
export interface NetworkPlace {
  /** A server can be dialled at `addressOf`; a client may be one that cannot. */
  join(role: "server" | "client"): Promise<NetworkPort>;
  addressOf(port: NetworkPort): string;
  dispose(): Promise<void>;
}

const LIMITS: StreamLimits = { frameBytesMax: 200_000, streamsPerPeerMax: REQUEST_STREAMS_PER_PEER_MAX };
const DIAL_MS = 30_000;
const ACCEPT: Verdict = { verdict: "accept" };

const bytesOf = (size: number, fill = 7): Uint8Array => new Uint8Array(size).fill(fill);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const until = (isTrue: () => boolean): Promise<void> => eventually(() => expect(isTrue()).toBe(true));

async function collect(stream: FrameStream): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for await (const frame of stream.frames()) frames.push(frame);
  return frames;
}

/** What every NetworkPort must do. */
export function networkPortContract(name: string, openPlace: () => Promise<NetworkPlace>): void {
  describe(`network port: ${name}`, () => {
    let place: NetworkPlace;
    let server: NetworkPort;
    let client: NetworkPort;

    beforeEach(async () => {
      place = await openPlace();
      server = await place.join("server");
      client = await place.join("client");
    });
    afterEach(() => place.dispose());

    const connect = async (): Promise<void> => {
      expect(await client.dial(place.addressOf(server), DIAL_MS)).toBe(server.self);
      await until(() => server.peers().includes(client.self));
    };

    it("tells both sides who came and who went", async () => {
      const events: string[] = [];
      const forget = server.onPeer(({ peer, connected }) => events.push(`${String(connected)} ${peer}`));
      client.onPeer(({ peer, connected }) => events.push(`${String(connected)} ${peer}`));
      await connect();
      expect(client.peers()).toEqual([server.self]);
      await client.hangUp(server.self);
      await until(() => events.length === 4);
      expect(events.sort()).toEqual(
        [`false ${client.self}`, `false ${server.self}`, `true ${client.self}`, `true ${server.self}`].sort(),
      );
      expect(server.peers()).toEqual([]);
      forget();
      await connect();
      await until(() => events.length === 5);
    });

    it("does not connect where nobody listens", async () => {
      const address = place.addressOf(server);
      await server.stop();
      await expect(client.dial(address, 1_000)).rejects.toThrow();
    });

    it("carries frames both ways, whole and in order, up to exactly the limit", async () => {
      await server.serve("echo", LIMITS, async (stream) => {
        for await (const frame of stream.frames()) await stream.send(frame);
      });
      await connect();
      const stream = await client.openStream(server.self, "echo", LIMITS);
      const sizes = [1, 2, 3, 255, 256, 65_536, 100_000, LIMITS.frameBytesMax];
      const answers = collect(stream);
      for (const [index, size] of sizes.entries()) await stream.send(bytesOf(size, index));
      await stream.close();
      expect(await answers).toEqual(sizes.map((size, index) => bytesOf(size, index)));
      await stream.closed;
    });

    it("breaks a stream that carries a frame one byte over the limit", async () => {
      const ends: string[] = [];
      await server.serve("in", LIMITS, async (stream) => {
        try {
          for await (const frame of stream.frames()) ends.push(`frame ${frame.length}`);
          ends.push("ended");
        } catch {
          ends.push("broke");
        }
      });
      await connect();
      const stream = await client.openStream(server.self, "in", LIMITS);
      await stream.send(bytesOf(10));
      await stream.send(bytesOf(LIMITS.frameBytesMax + 1)).catch(() => undefined);
      await until(() => ends.length === 2);
      expect(ends).toEqual(["frame 10", "broke"]);
      await expect(collect(stream)).rejects.toThrow();
      await stream.closed;
      await expect(stream.send(bytesOf(1))).rejects.toThrow();
      await expect(stream.send(new Uint8Array(0))).rejects.toThrow(RangeError);
    });

    it("bounds what the asking side takes as well", async () => {
      await server.serve("big", LIMITS, async (stream) => {
        await stream.send(bytesOf(101));
        await stream.close();
      });
      await connect();
      const stream = await client.openStream(server.self, "big", { ...LIMITS, frameBytesMax: 100 });
      await expect(collect(stream)).rejects.toThrow();
    });

    it("opens nothing to strangers and for unknown protocols", async () => {
      await expect(client.openStream(server.self, "echo", LIMITS)).rejects.toThrow();
      await connect();
      // Some hosts hear of it only once they have asked.
      const ask = async (): Promise<unknown> => collect(await client.openStream(server.self, "echo", LIMITS));
      await expect(ask()).rejects.toThrow();
    });

    it("lets the peer finish after a close", async () => {
      await server.serve("late", LIMITS, async (stream) => {
        const asked = await collect(stream);
        for (let count = 0; count < 3; count++) await stream.send(bytesOf(asked.length + count));
        await stream.close();
      });
      await connect();
      const stream = await client.openStream(server.self, "late", LIMITS);
      await stream.send(bytesOf(5));
      await stream.close();
      expect((await collect(stream)).map((frame) => frame.length)).toEqual([1, 2, 3]);
      await stream.closed;
    });

    it("ends both directions at once on abort, and when a handler throws", async () => {
      const broken: string[] = [];
      let hasFrame = false;
      await server.serve("abort", LIMITS, async (stream) => {
        try {
          for await (const frame of stream.frames()) hasFrame = frame.length === 1;
        } catch {
          broken.push("server");
        }
      });
      await server.serve("throw", LIMITS, () => Promise.reject(new Error("defect")));
      await connect();
      const stream = await client.openStream(server.self, "abort", LIMITS);
      await stream.send(bytesOf(1));
      await until(() => hasFrame);
      stream.abort("enough");
      await until(() => broken.length === 1);
      await expect(stream.send(bytesOf(1))).rejects.toThrow();
      await stream.closed;
      const thrown = await client.openStream(server.self, "throw", LIMITS);
      await expect(collect(thrown)).rejects.toThrow();
    });

    it("waits for a peer that does not read, with a bounded amount on its way", async () => {
      let readAll: () => void = () => undefined;
      const mayRead = new Promise<void>((resolve) => (readAll = resolve));
      let received = 0;
      await server.serve("slow", LIMITS, async (stream) => {
        await mayRead;
        for await (const frame of stream.frames()) received += frame.length;
      });
      await connect();
      const stream = await client.openStream(server.self, "slow", LIMITS);
      const total = 100;
      let sent = 0;
      const sending = (async () => {
        for (; sent < total; sent++) await stream.send(bytesOf(100_000));
        await stream.close();
      })();
      let stuck = -1;
      while (stuck !== sent) {
        stuck = sent;
        await pause(300);
      }
      expect(stuck * 100_000).toBeLessThan(2 * STREAM_WINDOW_BYTES_MAX + 1_000_000);
      readAll();
      await sending;
      await until(() => received === total * 100_000);
    });

    it("gives up a stream when its caller queues over STREAM_SEND_QUEUE_BYTES_MAX for a peer that never reads", async () => {
      await server.serve("never", LIMITS, (stream) => stream.closed);
      await connect();
      const stream = await client.openStream(server.self, "never", LIMITS);
      const fits = Math.floor(STREAM_SEND_QUEUE_BYTES_MAX / 100_000);
      const sends: Promise<void>[] = [];
      for (let count = 0; count < fits; count++) sends.push(stream.send(bytesOf(100_000)));
      let isClosed = false;
      void stream.closed.then(() => (isClosed = true));
      const settled = Promise.allSettled(sends);
      await pause(100);
      expect(isClosed).toBe(false);
      for (let count = 0; count < fits; count++) sends.push(stream.send(bytesOf(100_000)).catch(() => undefined));
      await stream.closed;
      expect((await settled).some((result) => result.status === "rejected")).toBe(true);
    });

    it("REQUEST_STREAMS_PER_PEER_MAX: holds so many streams of a protocol and not one more", async () => {
      await server.serve("hold", LIMITS, async (stream) => {
        await stream.send(bytesOf(1));
        await collect(stream);
      });
      await connect();
      const open = async (): Promise<FrameStream> => {
        const stream = await client.openStream(server.self, "hold", { ...LIMITS, streamsPerPeerMax: 50 });
        const first = await stream.frames()[Symbol.asyncIterator]().next();
        if (first.done === true) throw new Error("refused");
        return stream;
      };
      const held: FrameStream[] = [];
      for (let count = 0; count < REQUEST_STREAMS_PER_PEER_MAX; count++) held.push(await open());
      await expect(open()).rejects.toThrow();
      await held[0]!.close();
      await held[0]!.closed;
      held.push(await eventually(open));
      await expect(open()).rejects.toThrow();
    });

    it("keeps to its own limit of streams at a peer", async () => {
      await server.serve("hold", { ...LIMITS, streamsPerPeerMax: 50 }, (stream) => stream.closed);
      await connect();
      const one = { ...LIMITS, streamsPerPeerMax: 1 };
      const open = (): Promise<unknown> => client.openStream(server.self, "hold", one);
      await open();
      // One more may be let in, as if the first were about to end.
      await open().catch(() => undefined);
      await expect(open()).rejects.toThrow();
    });

    it("breaks streams when the peer stops", async () => {
      await server.serve("hold", LIMITS, (stream) => stream.closed);
      await connect();
      const stream = await client.openStream(server.self, "hold", LIMITS);
      await Promise.all([server.stop(), server.stop()]);
      await stream.closed;
      await expect(collect(stream)).rejects.toThrow();
      await until(() => client.peers().length === 0);
    });
  });
}

/** What every NetworkPort that takes part in gossip must do. The nodes stand in a line: left – middle – right. */
export function gossipContract(name: string, openPlace: () => Promise<NetworkPlace>): void {
  describe(`gossip: ${name}`, () => {
    let place: NetworkPlace;
    let nodes: readonly [NetworkPort, NetworkPort, NetworkPort];
    const got: string[][] = [[], [], []];

    beforeEach(async () => {
      place = await openPlace();
      nodes = [await place.join("server"), await place.join("server"), await place.join("server")];
      got.forEach((list) => list.splice(0));
      await nodes[0].dial(place.addressOf(nodes[1]), DIAL_MS);
      await nodes[2].dial(place.addressOf(nodes[1]), DIAL_MS);
    });
    afterEach(() => place.dispose());

    const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 20));
    const message = (content: string): Uint8Array => Uint8Array.from(content, (letter) => letter.charCodeAt(0));

    /** Says it again until the mesh is there: a line forwards only once the middle has grafted both. */
    const publishUntil = async (
      node: NetworkPort,
      content: string,
      isThere: (last: string) => boolean,
    ): Promise<void> => {
      for (let attempt = 0; attempt < 1_000; attempt++) {
        await node.publish("tx", message(`${content}${attempt}`));
        await pause(50);
        if (isThere(`${content}${attempt}`)) return;
      }
      expect.fail(`${content} never arrived`);
    };

    it("forwards what a judge accepts, and neither what it rejects nor what it ignores nor what makes it throw", async () => {
      const judge =
        (index: number) =>
        (bytes: Uint8Array): Promise<Verdict> => {
          const content = text(bytes);
          got[index]!.push(content);
          if (content.startsWith("bad")) return Promise.resolve({ verdict: "reject", reason: "test" });
          if (content.startsWith("old")) return Promise.resolve({ verdict: "ignore", reason: "test" });
          if (content.startsWith("odd")) return Promise.reject(new Error("defect of a judge"));
          return Promise.resolve(ACCEPT);
        };
      nodes.forEach((node, index) => node.subscribe("tx", 1_000, judge(index)));
      await publishUntil(nodes[0], "good", (last) => got[2]!.includes(last));
      for (const content of ["bad", "old", "odd"]) await nodes[0].publish("tx", message(content));
      await until(() => ["bad", "old", "odd"].every((content) => got[1]!.includes(content)));
      await publishUntil(nodes[0], "more", (last) => got[2]!.includes(last));
      expect(got[2]!.filter((content) => !/^(good|more)/.test(content))).toEqual([]);
      // Nobody judges what it published itself, and nothing comes twice.
      expect(got[0]).toEqual([]);
      expect(new Set(got[2]).size).toBe(got[2]!.length);
    });

    it("rejects a message one byte over the topic's limit before a judge sees it", async () => {
      const judge =
        (index: number) =>
        (bytes: Uint8Array): Promise<Verdict> => {
          got[index]!.push(`${text(bytes).slice(0, 4)} ${bytes.length}`);
          return Promise.resolve(ACCEPT);
        };
      nodes[0].subscribe("tx", 101, judge(0));
      nodes[1].subscribe("tx", 100, judge(1));
      nodes[2].subscribe("tx", 100, judge(2));
      await publishUntil(nodes[0], "good", () => got[2]!.length > 0);
      await nodes[0].publish("tx", bytesOf(101, 65));
      await nodes[0].publish("tx", bytesOf(100, 66));
      await until(() => got[2]!.includes("BBBB 100"));
      expect(got[1]!.filter((line) => line.endsWith("101"))).toEqual([]);
      await expect(nodes[1].publish("tx", bytesOf(101))).rejects.toThrow(RangeError);
    });
  });
}
