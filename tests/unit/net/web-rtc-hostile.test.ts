import { generateKeyPair } from "@libp2p/crypto/keys";
import type { Connection, Transport, Upgrader } from "@libp2p/interface";
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { webRTCDirect } from "@libp2p/webrtc";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2p } from "libp2p";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NetworkPort } from "../../../src/core/ports/network-port.ts";
import { createNodeHost } from "../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../src/net/host/identity.ts";
import { testCertificate } from "../../support/test-certificate.ts";
import { eventually } from "../../support/eventually.ts";

const LIMITS = { frameBytesMax: 1000, streamsPerPeerMax: 4 };

/** The library's transport as it is, with what it makes of a dial caught before it becomes a connection. */
let transport: Transport;
let rude: Libp2p;
let node: NetworkPort;
const uncaught: unknown[] = [];
const onUncaught = (error: unknown): void => void uncaught.push(error);
let restoreListeners: () => void;

/** What nobody catches ends a node; the test runner would only note it. */
function watchProcess(): () => void {
  const exceptions = process.listeners("uncaughtException");
  const rejections = process.listeners("unhandledRejection");
  const clear = (): void => {
    process.removeAllListeners("uncaughtException").removeAllListeners("unhandledRejection");
  };
  clear();
  process.on("uncaughtException", onUncaught).on("unhandledRejection", onUncaught);
  return () => {
    clear();
    for (const listener of exceptions) process.on("uncaughtException", listener);
    for (const listener of rejections) process.on("unhandledRejection", listener);
  };
}

beforeEach(async () => {
  uncaught.splice(0);
  restoreListeners = watchProcess();
  node = await openHost();
  await node.serve("flow", LIMITS, async (stream) => {
    for (;;) await stream.send(new Uint8Array(1000));
  });
  const open = webRTCDirect({ rtcConfiguration: { iceServers: [] } });
  rude = await createLibp2p({
    privateKey: await generateKeyPair("Ed25519"),
    transports: [(components) => (transport = open(components))],
    connectionEncrypters: [noise()],
    services: { identify: identify() },
  });
});
afterEach(async () => {
  await Promise.all([node.stop(), rude.stop()]);
  restoreListeners();
});

/** A secured connection to the node with nothing of libp2p on top. */
async function rawConnection(): Promise<RTCPeerConnection> {
  const upgraded = new Promise<RTCPeerConnection>((resolve) => {
    const upgrader = {
      upgradeOutbound: (_connection: unknown, options: { muxerFactory: { peerConnection: RTCPeerConnection } }) => {
        resolve(options.muxerFactory.peerConnection);
        return Promise.resolve({} as Connection);
      },
      getStreamMuxers: () => new Map(),
    } as unknown as Upgrader;
    void transport.dial(multiaddr(node.addresses()[0]), { upgrader, signal: AbortSignal.timeout(30_000) });
  });
  return upgraded;
}

async function openChannel(connection: RTCPeerConnection): Promise<RTCDataChannel> {
  const channel = connection.createDataChannel("");
  if (channel.readyState !== "open") await new Promise((resolve) => (channel.onopen = resolve));
  return channel;
}

async function aLittle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300));
}

function openHost(): Promise<NetworkPort> {
  const listen = ["/ip4/127.0.0.1/udp/0/webrtc-direct"];
  return generateIdentity().then((identity) =>
    createNodeHost({ chainId: 1000, identity, listen, certificate: testCertificate() }),
  );
}

/** A peer that takes what the node sends without end. */
async function drink(peer: NetworkPort, frameCount: number): Promise<void> {
  await peer.dial(node.addresses()[0]!, 30_000);
  const stream = await peer.openStream(node.self, "flow", LIMITS);
  let count = 0;
  for await (const _frame of stream.frames()) if (++count === frameCount) return;
}

/** The node is as it was: another peer is served. */
async function expectUnharmed(): Promise<void> {
  const other = await openHost();
  try {
    await drink(other, 1);
  } finally {
    await other.stop();
  }
  expect(uncaught).toEqual([]);
}

describe("a WebRTC peer that keeps to nothing", () => {
  it("opens no channel, or several", async () => {
    await rawConnection();
    const connection = await rawConnection();
    for (let count = 0; count < 20; count++) await openChannel(connection);
    await aLittle();
    await expectUnharmed();
  });

  it.each([
    ["text", "hello"],
    ["nothing", new Uint8Array(0)],
    ["bytes of no protocol", new Uint8Array(5_000).fill(0xff)],
    ["a length of 2^56", Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
    ["no protobuf", Uint8Array.of(3, 7, 7, 7)],
    ["a wrong flag", Uint8Array.of(2, 8, 99)],
    ["its own end", Uint8Array.of(2, 8, 0)],
    ["that it stops reading", Uint8Array.of(2, 8, 1)],
    ["a reset", Uint8Array.of(2, 8, 2)],
    ["an answer to an end that nobody sent", Uint8Array.of(2, 8, 3)],
    ["frames of no muxer", Uint8Array.of(14, 18, 12, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9)],
  ])("sends %s", async (_name, message) => {
    const connection = await rawConnection();
    const channel = await openChannel(connection);
    for (let count = 0; count < 3 && channel.readyState === "open"; count++) channel.send(message as never);
    await aLittle();
    await expectUnharmed();
  });

  it("speaks as the library does, a channel for each stream", async () => {
    await rude.dial(multiaddr(node.addresses()[0])).catch(() => undefined);
    await eventually(() => expect(node.peers()).toEqual([]));
    await expectUnharmed();
  });

  it("ends the channel, or the connection", async () => {
    for (const ends of ["channel", "connection"]) {
      const connection = await rawConnection();
      const channel = await openChannel(connection);
      await aLittle();
      if (ends === "channel") channel.close();
      else connection.close();
      await aLittle();
    }
    await eventually(() => expect(node.peers()).toEqual([]));
    await expectUnharmed();
  });

  it("goes while the node sends as fast as it can", async () => {
    for (let round = 0; round < 5; round++) {
      const peer = await openHost();
      await drink(peer, 1_000);
      await peer.stop();
    }
    await eventually(() => expect(node.peers()).toEqual([]));
    await expectUnharmed();
  });
});
