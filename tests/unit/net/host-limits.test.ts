import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2p } from "libp2p";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NetworkPort } from "../../../src/core/ports/network-port.ts";
import { boundJudge } from "../../../src/net/gossip/topic-validator.ts";
import { createNodeHost } from "../../../src/net/host/create-node-host.ts";
import { generateIdentity, peerIdOfIdentity } from "../../../src/net/host/identity.ts";
import { Libp2pNetwork, protocolId, topicId } from "../../../src/net/host/libp2p-network.ts";
import { PeerPace } from "../../../src/net/host/peer-pace.ts";
import { decodeAddress, encodeAddress } from "../../../src/net/peers/peer-addresses.ts";
import {
  BLOB_WAITING_BYTES_MAX,
  CONNECTION_BYTES_PER_S_MAX,
  CONNECTION_STREAMS_MAX,
  CONNECTIONS_HALF_OPEN_MAX,
  GOSSIP_JUDGING_PER_PEER_MAX,
  GOSSIP_RPC_BYTES_MAX,
  GOSSIP_SEND_QUEUE_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  PEERS_ADDRESS_BYTES_MAX,
  STREAM_WINDOW_BYTES_MAX,
  WEBSOCKET_MESSAGE_BYTES_MAX,
  WEBSOCKET_SOCKETS_MAX,
} from "../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../src/wire/protocols.ts";
import { eventually } from "../../support/eventually.ts";

const CHAIN_ID = 1000;
const LIMITS = { frameBytesMax: 1_000, streamsPerPeerMax: 1_000 };

describe("a node and a peer that keeps to no limits", () => {
  let node: NetworkPort;
  let rude: Libp2p;

  beforeEach(async () => {
    node = await createNodeHost({
      chainId: CHAIN_ID,
      identity: await generateIdentity(),
      listen: ["/ip4/127.0.0.1/tcp/0"],
    });
    rude = await createLibp2p({
      privateKey: await generateKeyPair("Ed25519"),
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
    });
  });
  afterEach(async () => {
    await Promise.all([node.stop(), rude.stop()]);
  });

  /** Dials the node over a line that can be cut: `outer` is its end at the node. */
  async function dialThroughLine() {
    const port = Number(/\/tcp\/(\d+)\//.exec(node.addresses()[0]!)![1]);
    const sockets: Socket[] = [];
    const line = createServer((inner) => {
      const outer = connect(port, "127.0.0.1");
      sockets.push(inner, outer);
      for (const socket of [inner, outer]) socket.on("error", () => undefined);
      inner.pipe(outer).pipe(inner);
    });
    await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
    const through = `/ip4/127.0.0.1/tcp/${(line.address() as AddressInfo).port}/p2p/${node.self}`;
    const connection = await rude.dial(multiaddr(through));
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => line.close(resolve));
    };
    return { connection, outer: sockets[1]!, close };
  }

  it("CONNECTIONS_HALF_OPEN_MAX: so many handshakes wait at once; who says nothing makes room soon", async () => {
    const port = Number(/\/tcp\/(\d+)\//.exec(node.addresses()[0]!)![1]);
    const knockAll = async (): Promise<{ closed: number; tookMs: number }> => {
      const sockets: Socket[] = [];
      let closed = 0;
      const startedMs = performance.now();
      // As fast as one host may come.
      while (sockets.length < CONNECTIONS_HALF_OPEN_MAX + 10) {
        for (let count = 0; count < 90 && sockets.length < CONNECTIONS_HALF_OPEN_MAX + 10; count++) {
          const socket = connect(port, "127.0.0.1");
          socket.on("error", () => undefined);
          socket.on("close", () => closed++);
          sockets.push(socket);
        }
        await new Promise((resolve) => setTimeout(resolve, 1_100));
      }
      const seen = { closed, tookMs: performance.now() - startedMs };
      await eventually(() => expect(closed).toBe(sockets.length));
      return seen;
    };
    let seen = await knockAll();
    // On a machine that stood still the first had been given up before the last came, which says nothing.
    for (let tries = 1; tries < 5 && seen.tookMs > HANDSHAKE_MS_MAX - 500; tries++) seen = await knockAll();
    expect(seen.closed).toBe(10);
    expect((await dial()).status).toBe("open");
  });

  const dial = () => rude.dial(multiaddr(node.addresses()[0]));

  it("BLOB_WAITING_BYTES_MAX: holds so much of frames that nobody has taken, of all streams of a protocol", async () => {
    expect(PROTOCOL.blob.served.waitingBytesMax).toBe(BLOB_WAITING_BYTES_MAX);
    await node.serve("fill", { ...LIMITS, waitingBytesMax: 1_000 }, async (stream) => {
      for await (const frame of stream.frames()) expect(frame).toHaveLength(900);
    });
    const connection = await dial();
    const [first, second] = [
      await connection.newStream(protocolId(CHAIN_ID, "fill")),
      await connection.newStream(protocolId(CHAIN_ID, "fill")),
    ];
    const begun = Uint8Array.from([0x84, 3, 0, 0, ...new Uint8Array(600)]);
    first.send(begun);
    second.send(begun);
    await eventually(() => expect(second.status).toBe("reset"));
    expect(first.status).toBe("open");
  });

  it("CONNECTION_STREAMS_MAX: holds exactly so many streams of one connection", async () => {
    await node.serve("hold", LIMITS, (stream) => stream.closed);
    const connection = await dial();
    const open = () => connection.newStream(protocolId(CHAIN_ID, "hold"), { maxOutboundStreams: 1_000 });
    for (let count = 0; count < CONNECTION_STREAMS_MAX; count++) expect((await open()).status).toBe("open");
    await expect(open()).rejects.toThrow();
  });

  it("STREAM_WINDOW_BYTES_MAX: takes no more than a window and a frame of a stream that nobody reads", async () => {
    await node.serve("hold", LIMITS, (stream) => stream.closed);
    const connection = await dial();
    const stream = await connection.newStream(protocolId(CHAIN_ID, "hold"));
    let taken = 0;
    const frame = new Uint8Array(1_004);
    frame.set([0xe8, 3]);
    // It is full once nothing drains any more.
    for (let waited = 0; waited < 30 && taken < 10 * STREAM_WINDOW_BYTES_MAX;) {
      if (stream.writableNeedsDrain) {
        waited++;
        await new Promise((resolve) => setTimeout(resolve, 10));
      } else if (stream.send(frame)) {
        waited = 0;
        taken += frame.length;
      }
    }
    expect(stream.status).toBe("open");
    expect(taken).toBeGreaterThan(100_000);
    expect(taken).toBeLessThan(STREAM_WINDOW_BYTES_MAX + 10 * frame.length);
  });

  it("[NW-3] forgets who came under a name of its own once it is gone", async () => {
    const server = new Libp2pNetwork(rude, CHAIN_ID, undefined);
    await server.dial(node.addresses()[0]!, 30_000);
    await rude.peerStore.merge(peerIdFromString(node.self), { metadata: { AgentVersion: Uint8Array.of(1) } });
    expect(await rude.peerStore.all()).toHaveLength(1);
    await server.hangUp(node.self);
    await eventually(async () => expect(await rude.peerStore.all()).toEqual([]));
  });

  it("CONNECTION_WAITING_MESSAGES_MAX: [NW-1] a peer that has streams refused over and over, and reads nothing of that, is ended", async () => {
    const { outer, connection, close } = await dialThroughLine();
    await eventually(() => expect(node.peers()).toHaveLength(1));
    outer.unpipe();
    outer.pause();
    // Yamux resets each stream above its limit by itself; no stream of ours is there that could wait.
    let next = 1;
    const asks = new Uint8Array(12 * 10_000);
    const ask = (): Uint8Array => {
      const view = new DataView(asks.buffer);
      for (let at = 0; at < asks.length; at += 12, next += 2) {
        asks.set([0, 1, 0, 1], at);
        view.setUint32(at + 4, next);
      }
      return asks.slice();
    };
    const { muxer } = connection as unknown as { muxer: { maConn: { send(bytes: Uint8Array): boolean } } };
    // Long before anybody could tell by its silence that it takes nothing.
    for (let sent = 0; sent < 150 && node.peers().length > 0; sent++) {
      muxer.maConn.send(ask());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(node.peers()).toEqual([]);
    await close();
  });

  it("[NW-1] for a peer that does not even read its socket nothing is gathered, on all of its streams together", async () => {
    const frame = new Uint8Array(100_000).fill(7);
    let sent = 0;
    await node.serve("flow", { frameBytesMax: 1_000, streamsPerPeerMax: 32 }, async (stream) => {
      for (;;) {
        await stream.send(frame);
        sent += frame.length;
      }
    });
    const { outer, connection, close } = await dialThroughLine();
    for (let count = 0; count < 32; count++) {
      const stream = await connection.newStream(protocolId(CHAIN_ID, "flow"), { maxOutboundStreams: 32 });
      stream.addEventListener("message", () => undefined);
    }
    await eventually(() => expect(sent).toBeGreaterThan(1_000_000));
    outer.unpipe();
    outer.pause();
    // What is on its way still arrives; how long that takes depends on the machine.
    let before = -1;
    for (let second = 0; second < 20 && before !== sent; second++) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    const memory = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(sent).toBe(before);
    expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(2 * STREAM_WINDOW_BYTES_MAX);
    await close();
  });

  it("GOSSIP_RPC_BYTES_MAX: exactly so long a gossip message is read, a longer one ends the stream", async () => {
    const connection = await dial();
    const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
    const stream = await connection.newStream("/meshsub/1.1.0");
    stream.addEventListener("message", () => undefined);
    // An unknown field fills the message: tag 15 of wire type 2, its length, its bytes.
    const fill = [0x7a, ...varint(GOSSIP_RPC_BYTES_MAX - 5)];
    const message = new Uint8Array(GOSSIP_RPC_BYTES_MAX);
    message.set(fill);
    stream.send(Uint8Array.from([...varint(GOSSIP_RPC_BYTES_MAX), ...message]));
    await eventually(() => expect(stream.writeBufferLength).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stream.remoteWriteStatus).toBe("writable");
    stream.send(Uint8Array.from(varint(GOSSIP_RPC_BYTES_MAX + 1)));
    await eventually(() => expect(stream.remoteWriteStatus).toBe("closed"));
  });

  it("GOSSIP_SEND_QUEUE_BYTES_MAX: a gossip peer that never reads is dropped, not queued for", async () => {
    let received: { status: string } | undefined;
    await rude.handle("/meshsub/1.1.0", (stream) => {
      // Takes the stream and never reads from it.
      stream.pause();
      received = stream;
    });
    node.subscribe("tx", 160 * 1024, () => Promise.resolve({ verdict: "accept" }));
    const connection = await dial();
    const stream = await connection.newStream("/meshsub/1.1.0");
    const topic = Array.from(topicId(CHAIN_ID, "tx"), (letter) => letter.charCodeAt(0));
    const subscription = [0x08, 1, 0x12, topic.length, ...topic];
    const rpc = [0x0a, subscription.length, ...subscription];
    stream.send(Uint8Array.from([rpc.length, ...rpc]));
    await eventually(() => expect(received).toBeDefined());
    const memory = process.memoryUsage().arrayBuffers;
    const count = Math.ceil((2 * GOSSIP_SEND_QUEUE_BYTES_MAX) / 100_000);
    for (let index = 0; index < count; index++) {
      const bytes = new Uint8Array(100_000);
      bytes[0] = index;
      bytes[1] = index >> 8;
      await node.publish("tx", bytes);
    }
    await eventually(() => expect(received?.status).toBe("reset"));
    // Twice the queue was published; besides it only the cache of the last heartbeats holds any of it.
    expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(6 * GOSSIP_SEND_QUEUE_BYTES_MAX);
  });
});

describe("a stranger on a WebSocket", () => {
  let host: NetworkPort;
  let port: number;
  beforeEach(async () => {
    const identity = await generateIdentity();
    host = await createNodeHost({ chainId: CHAIN_ID, identity, listen: ["/ip4/127.0.0.1/tcp/0/ws"] });
    port = Number(/\/tcp\/(\d+)\//.exec(host.addresses()[0]!)![1]);
  });
  afterEach(() => host.stop());

  it("WEBSOCKET_MESSAGE_BYTES_MAX: a message of one byte more is not gathered", async () => {
    // 1009 is "message too big"; what fits is refused for what is in it.
    const closeCode = (size: number): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}`);
        socket.addEventListener("open", () => socket.send(new Uint8Array(size)));
        socket.addEventListener("close", ({ code }) => resolve(code));
      });
    expect(await closeCode(WEBSOCKET_MESSAGE_BYTES_MAX + 1)).toBe(1009);
    expect(await closeCode(WEBSOCKET_MESSAGE_BYTES_MAX)).not.toBe(1009);
  });

  it("HANDSHAKE_MS_MAX: a socket that says nothing, or asks for something else, is not kept", async () => {
    const lifeOf = (said: string): Promise<number> =>
      new Promise((resolve) => {
        const startedMs = performance.now();
        const socket = connect(port, "127.0.0.1", () => socket.write(said));
        socket.on("data", () => undefined);
        socket.on("error", () => undefined);
        socket.on("close", () => resolve(performance.now() - startedMs));
      });
    const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n";
    const lives = await Promise.all(["", "G", request].map(lifeOf));
    expect(lives).toHaveLength(3);
    expect(lives[0]).toBeGreaterThan(HANDSHAKE_MS_MAX - 100);
  });

  it("WEBSOCKET_SOCKETS_MAX: holds so many sockets and no more", async () => {
    const sockets = Array.from({ length: WEBSOCKET_SOCKETS_MAX + 20 }, () => connect(port, "127.0.0.1"));
    let closed = 0;
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.on("close", () => closed++);
    }
    await eventually(() => expect(closed).toBe(20));
    for (const socket of sockets) socket.destroy();
  });

  it("does not end the process with a malformed frame", async () => {
    const uncaught: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      for (const frame of [
        [0xff, 0xff, 0xff],
        [0x82, 0x01, 0x00],
        [0x83, 0x80, 0, 0, 0, 0],
      ]) {
        await sendRawFrame(port, Uint8Array.from(frame));
      }
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
    expect(uncaught).toEqual([]);
  });
});

/** Upgrades a connection to WebSocket by hand, sends these bytes and waits for the end. */
function sendRawFrame(port: number, frame: Uint8Array): Promise<void> {
  const upgrade = [
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ];
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${upgrade.join("\r\n")}\r\n\r\n`));
    socket.once("data", () => socket.write(frame));
    socket.on("data", () => undefined);
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });
}

describe("bounds inside the node", () => {
  it("GOSSIP_JUDGING_PER_PEER_MAX: judges so many of one peer at once and ignores the rest", async () => {
    const pending: (() => void)[] = [];
    const judge = boundJudge(10, () => new Promise((resolve) => pending.push(() => resolve({ verdict: "accept" }))));
    const first = Array.from({ length: GOSSIP_JUDGING_PER_PEER_MAX }, () => judge(new Uint8Array(1), "a"));
    expect(await judge(new Uint8Array(1), "a")).toEqual({ verdict: "ignore", reason: "too_many" });
    const other = judge(new Uint8Array(1), "b");
    expect(pending.length).toBe(GOSSIP_JUDGING_PER_PEER_MAX + 1);
    pending.forEach((answer) => answer());
    expect((await Promise.all([...first, other])).every(({ verdict }) => verdict === "accept")).toBe(true);
    const again = judge(new Uint8Array(10), "a");
    pending.at(-1)!();
    expect(await again).toEqual({ verdict: "accept" });
    expect(await judge(new Uint8Array(11), "a")).toEqual({ verdict: "reject", reason: "too_large" });
  });

  it("CONNECTION_BYTES_PER_S_MAX: a second's worth leaves at once, the rest at that rate, each peer by itself", async () => {
    vi.useFakeTimers();
    try {
      const pace = new PeerPace(CONNECTION_BYTES_PER_S_MAX);
      await pace.take("a", CONNECTION_BYTES_PER_S_MAX);
      let waited = "";
      const more = pace.take("a", CONNECTION_BYTES_PER_S_MAX).then(() => (waited = "done"));
      await pace.take("b", CONNECTION_BYTES_PER_S_MAX);
      await vi.advanceTimersByTimeAsync(990);
      expect(waited).toBe("");
      await vi.advanceTimersByTimeAsync(20);
      await more;
      // A new connection brings no new burst.
      let again = "";
      const third = pace.take("a", CONNECTION_BYTES_PER_S_MAX).then(() => (again = "done"));
      await vi.advanceTimersByTimeAsync(900);
      expect(again).toBe("");
      await vi.advanceTimersByTimeAsync(110);
      await third;
    } finally {
      vi.useRealTimers();
    }
  });

  it("an identity survives as bytes, and bytes that are none are refused", async () => {
    const identity = await generateIdentity();
    expect(peerIdOfIdentity(identity)).toMatch(/^12D3KooW/);
    expect(peerIdOfIdentity(identity.slice())).toBe(peerIdOfIdentity(identity));
    expect(peerIdOfIdentity(await generateIdentity())).not.toBe(peerIdOfIdentity(identity));
    expect(() => peerIdOfIdentity(new Uint8Array(36))).toThrow();
  });

  it("addresses of peers: binary within PEERS_ADDRESS_BYTES_MAX, one encoding, with a peer's name", async () => {
    const peer = peerIdOfIdentity(await generateIdentity());
    const address = `/ip4/203.0.113.7/tcp/4001/ws/p2p/${peer}`;
    const bytes = encodeAddress(address)!;
    expect(bytes.length).toBeLessThan(60);
    expect(decodeAddress(bytes)).toBe(address);
    expect(decodeAddress(bytes.subarray(1))).toBeUndefined();
    expect(decodeAddress(encodeAddress("/ip4/203.0.113.7/tcp/4001")!)).toBeUndefined();
    expect(decodeAddress(new Uint8Array(40).fill(0xff))).toBeUndefined();
    expect(encodeAddress("no address")).toBeUndefined();
    const name = (size: number): string => `/dns4/${"a".repeat(size)}/tcp/443`;
    const frame = encodeAddress(name(1))!.length - 1;
    expect(encodeAddress(name(PEERS_ADDRESS_BYTES_MAX - frame))?.length).toBe(PEERS_ADDRESS_BYTES_MAX);
    expect(encodeAddress(name(PEERS_ADDRESS_BYTES_MAX - frame + 1))).toBeUndefined();
  });
});
