import { connect, type Socket } from "node:net";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair } from "@libp2p/crypto/keys";
import type { Stream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2p } from "libp2p";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/core/bytes/concat-bytes.ts";
import { encodeUtf8 } from "../../src/core/bytes/utf8.ts";
import { u32 } from "../../src/core/bytes/writer.ts";
import { encodeClaim } from "../../src/core/chain/claim.ts";
import { height, leafIndex } from "../../src/core/values/height.ts";
import { protocolId, topicId } from "../../src/net/host/libp2p-network.ts";
import { encodeCompactRequest } from "../../src/wire/requests/compact.ts";
import { BarePeer, field, FIELD, RPC } from "../support/bare-peer.ts";
import { callRpc, removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { eventually } from "../support/eventually.ts";
import { runs } from "../support/run-counts.ts";

const SOCKETS = runs(300, 2_000);
const STRANGERS = runs(40, 150);
const FLOOD_MS = 12_000;
const FLOODERS = 2;
/** Messages between two breaths of who sends them. */
const SALVO = 32;
/** Blocks come every second on a fast network; half of that is still a network that goes on. */
const BLOCKS_MIN = 6;

let devnet: Devnet;
let chainId: number;
const endings: (() => void | Promise<void>)[] = [];

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const victim = () => devnet.file.validators[1]!;
const tcpAddress = (): string => victim().addresses.find((address) => /\/tcp\/\d+\/p2p\//.test(address))!;

async function heights(): Promise<readonly number[]> {
  const answers = devnet.file.validators.map(({ rpc }) => callRpc<{ height: number }>(rpc, "status"));
  return (await Promise.all(answers)).map((status) => status.height);
}

/** Blocks that each node has added within a while. */
async function growth(ms: number): Promise<number> {
  const before = await heights();
  await sleep(ms);
  const after = await heights();
  return Math.min(...after.map((at, index) => at - before[index]!));
}

async function openStranger(): Promise<Libp2p> {
  const stranger = await createLibp2p({
    privateKey: await generateKeyPair("Ed25519"),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
  endings.push(() => stranger.stop());
  return stranger;
}

/** A frame as the wire has it. */
function framed(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length, true);
  bytes.set(frame, 4);
  return bytes;
}

/** A claim of a packet that is not there, here and now: nobody is blamed for passing it on. */
function claimOfNothing(count: number): Uint8Array {
  const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(7);
  return encodeClaim({
    kind: "claim",
    chainId,
    packetLeaf: leafIndex(0),
    gate: { mode: "open" },
    oneTimeKey: bytes(32),
    ephemeralKey: bytes(32),
    viewTag: bytes(2),
    payloadTag: concatBytes(bytes(12), u32(count)),
    anchorEnc: bytes(16),
    ticketSignature: undefined,
    packetSignature: bytes(64),
    ownerSignature: bytes(64),
  });
}

beforeAll(async () => {
  devnet = await startDevnet({ fast: true });
  ({ chain_id: chainId } = await callRpc<{ chain_id: number }>(devnet.url, "status"));
});

afterEach(async () => {
  await Promise.allSettled(endings.splice(0).map(async (end) => end()));
  // A host that came too often is refused for a second.
  await sleep(1_500);
});

afterAll(async () => {
  await devnet.stop();
  await removeDevnet(devnet);
});

describe("a validator that strangers lean on", () => {
  it(`[NW-16] ${SOCKETS} connections that say nothing: blocks go on`, async () => {
    const port = Number(/\/tcp\/(\d+)\//.exec(tcpAddress())![1]);
    const open = (): Socket => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      return socket;
    };
    const sockets = Array.from({ length: SOCKETS }, open);
    // Whoever is refused comes again.
    const timer = setInterval(() => {
      for (const [index, socket] of sockets.entries()) if (socket.destroyed) sockets[index] = open();
    }, 200);
    endings.push(() => {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    });
    expect(await growth(FLOOD_MS)).toBeGreaterThanOrEqual(BLOCKS_MIN);
  });

  it(`[NW-16] ${STRANGERS} peers that ask for everything and read nothing: blocks go on`, async () => {
    const held: Stream[] = [];
    const take = (stream: Stream): void => {
      stream.pause();
      held.push(stream);
    };
    for (let count = 0; count < STRANGERS; count++) {
      const stranger = await openStranger();
      // Votes and gossip of the node come here and are left lying.
      await stranger.handle([protocolId(chainId, "vote"), "/meshsub/1.2.0", "/meshsub/1.1.0"], take);
      const connection = await stranger.dial(multiaddr(tcpAddress())).catch(() => undefined);
      if (connection === undefined) continue;
      for (const name of ["compact", "compact", "pool"]) {
        const stream = await connection.newStream(protocolId(chainId, name)).catch(() => undefined);
        if (stream === undefined) continue;
        stream.pause();
        stream.send(
          framed(name === "pool" ? Uint8Array.of(1) : encodeCompactRequest({ from: height(0), isFull: true })),
        );
        held.push(stream);
      }
    }
    expect(held.length).toBeGreaterThan(STRANGERS);
    expect(await growth(FLOOD_MS)).toBeGreaterThanOrEqual(BLOCKS_MIN);
  });

  it("[NW-16] [RP-12] who gossips claims of nothing as fast as this machine can: blocks go on", async () => {
    const topic = encodeUtf8(topicId(chainId, "tx"));
    let sent = 0;
    const flood = async (flooder: BarePeer, signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        let takes = true;
        for (let salvo = 0; takes && salvo < SALVO; salvo++)
          takes = flooder.send(
            RPC.publish,
            concatBytes(field(FIELD.data, claimOfNothing(sent++)), field(FIELD.topic, topic)),
          );
        if (!takes) await flooder.drained();
        await sleep(0);
      }
    };
    const ending = new AbortController();
    endings.push(() => ending.abort());
    const floods: Promise<void>[] = [];
    const names: string[] = [];
    for (let count = 0; count < FLOODERS; count++) {
      const flooder = await BarePeer.open();
      endings.push(() => flooder.host.stop());
      await flooder.join(tcpAddress(), topic);
      names.push(flooder.host.peerId.toString());
      // Whatever ends one early, what the node does is looked at below.
      floods.push(flood(flooder, ending.signal).catch(() => undefined));
    }
    const grown = await growth(FLOOD_MS);
    ending.abort();
    await Promise.all(floods);
    expect(sent).toBeGreaterThan(1_000);
    // They were judged as what they are: who sends wrong ones the same way is named.
    const wrong = await BarePeer.open();
    endings.push(() => wrong.host.stop());
    await wrong.join(tcpAddress(), topic);
    const log = (): Promise<string> => readFile(join(devnet.directory, "node1.log"), "utf8");
    await eventually(async () => {
      // Whoever is named is hung up on.
      if (wrong.host.getConnections().length > 0)
        wrong.send(RPC.publish, concatBytes(field(FIELD.data, u32(sent++)), field(FIELD.topic, topic)));
      expect(await log()).toContain(wrong.host.peerId.toString());
    });
    for (const name of names) expect(await log()).not.toContain(name);
    expect(grown).toBeGreaterThanOrEqual(BLOCKS_MIN);
  });

  it("[NW-16] who sends what is no request is banned, named in the log, and refused when it comes again", async () => {
    const log = join(devnet.directory, "node1.log");
    const stranger = await openStranger();
    const connection = await stranger.dial(multiaddr(tcpAddress()));
    const isOver = new Promise((resolve) => connection.addEventListener("close", resolve));
    for (let count = 0; count < 3; count++) {
      const stream = await connection.newStream(protocolId(chainId, "peers"));
      stream.addEventListener("message", () => undefined);
      stream.send(framed(Uint8Array.of(99, count)));
    }
    await isOver;
    const line = `peer banned [malformed_request]: ${stranger.peerId.toString()}`;
    await expect.poll(() => readFile(log, "utf8"), { timeout: 10_000 }).toContain(line);
    // Who it is shows only after the handshake: the connection ends then.
    await stranger.dial(multiaddr(tcpAddress())).catch(() => undefined);
    await expect.poll(() => stranger.getConnections().length, { timeout: 5_000 }).toBe(0);
    expect(await growth(4_000)).toBeGreaterThanOrEqual(2);
  });
});
