import { generateKeyPair } from "@libp2p/crypto/keys";
import type { Stream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2p } from "libp2p";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { encodeUtf8 } from "../../../../src/core/bytes/utf8.ts";
import type { PeerId, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { topicId } from "../../../../src/net/host/libp2p-network.ts";
import { eventually } from "../../../support/eventually.ts";

const CHAIN_ID = 1000;
const TOPIC = encodeUtf8(topicId(CHAIN_ID, "tx"));
/** Begins a message that the judge rejects. */
const WRONG = 66;
const MESH = "/meshsub/1.1.0";
/** Fields of gossipsub's protobuf: a message's own, and where an RPC has messages. */
const FIELD = { from: 1, data: 2, seqno: 3, topic: 4, signature: 5, key: 6 } as const;
const RPC = { subscriptions: 1, publish: 2 } as const;

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
const field = (number: number, bytes: Uint8Array): Uint8Array =>
  Uint8Array.from([(number << 3) | 2, ...varint(bytes.length), ...bytes]);

function readVarint(bytes: Uint8Array, at: number): readonly [value: number, next: number] {
  for (let value = 0, next = at; ; next++) {
    value |= (bytes[next]! & 127) << (7 * (next - at));
    if (bytes[next]! < 128) return [value, next + 1];
  }
}

/** The fields of a protobuf message, by number. */
function readFields(bytes: Uint8Array): readonly (readonly [number: number, bytes: Uint8Array])[] {
  const fields: (readonly [number, Uint8Array])[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag, start] = readVarint(bytes, at);
    const [value, next] = readVarint(bytes, start);
    const isBytes = (tag & 7) === 2;
    at = isBytes ? next + value : next;
    fields.push([tag >>> 3, isBytes ? bytes.slice(next, at) : Uint8Array.of()]);
  }
  return fields;
}

/** A peer of the mesh that shows the bytes of what it is sent. */
class BarePeer {
  readonly host: Libp2p;
  received: Uint8Array = Uint8Array.of();
  #stream: Stream | undefined;

  private constructor(host: Libp2p) {
    this.host = host;
  }

  static async open(): Promise<BarePeer> {
    const peer = new BarePeer(
      await createLibp2p({
        privateKey: await generateKeyPair("Ed25519"),
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
      }),
    );
    await peer.host.handle(MESH, (stream) => {
      stream.addEventListener("message", ({ data }) => {
        peer.received = concatBytes(peer.received, data.subarray());
      });
    });
    return peer;
  }

  async join(node: NetworkPort): Promise<void> {
    const connection = await this.host.dial(multiaddr(node.addresses()[0]));
    this.#stream = await connection.newStream(MESH);
    this.send(RPC.subscriptions, Uint8Array.from([0x08, 1, ...field(2, TOPIC)]));
  }

  /** Sends an RPC of one part. */
  send(part: number, bytes: Uint8Array): void {
    const rpc = field(part, bytes);
    this.#stream!.send(Uint8Array.from([...varint(rpc.length), ...rpc]));
  }

  /** The messages that came, each as its fields. */
  messages(): readonly (readonly (readonly [number: number, bytes: Uint8Array])[])[] {
    const found: (readonly (readonly [number, Uint8Array])[])[] = [];
    for (let at = 0; at < this.received.length;) {
      const [size, start] = readVarint(this.received, at);
      at = start + size;
      if (at > this.received.length) break;
      for (const [part, bytes] of readFields(this.received.slice(start, at))) {
        if (part === RPC.publish) found.push(readFields(bytes));
      }
    }
    return found;
  }
}

describe("the gossip mesh", () => {
  let node: NetworkPort;
  let peers: readonly [BarePeer, BarePeer];
  let judged: (readonly [content: number, from: PeerId])[];

  beforeEach(async () => {
    const identity = await generateIdentity();
    node = await createNodeHost({
      chainId: CHAIN_ID,
      identity,
      listen: ["/ip4/127.0.0.1/tcp/0"],
      gossipHeartbeatMs: 50,
    });
    judged = [];
    node.subscribe("tx", 1_000, (bytes, from) => {
      judged.push([bytes[0]!, from]);
      return Promise.resolve(bytes[0] === WRONG ? { verdict: "reject", reason: "test" } : { verdict: "accept" });
    });
    peers = [await BarePeer.open(), await BarePeer.open()];
    for (const peer of peers) await peer.join(node);
  });
  afterEach(() => Promise.all([node.stop(), ...peers.map(({ host }) => host.stop())]));

  /** Says another thing again and again until the peer hears one: the mesh takes some heartbeats. */
  async function untilThere(peer: BarePeer, say: (count: number) => unknown): Promise<void> {
    for (let count = 0; count < 1_000 && peer.messages().length === 0; count++) {
      await say(count);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(peer.messages()).not.toEqual([]);
  }

  it("[NW-4] a message says what it is and not who made it public", async () => {
    await untilThere(peers[0], (count) => node.publish("tx", Uint8Array.of(7, count)));
    const [message] = peers[0].messages();
    expect(message!.map(([number]) => number).sort()).toEqual([FIELD.data, FIELD.topic]);
    expect(message!.find(([number]) => number === FIELD.data)![1][0]).toBe(7);
  });

  it("[NW-4] what a peer says of the one a message came from is not passed on, and the judge hears of the peer", async () => {
    const [liar, other] = peers;
    const from = (await generateKeyPair("Ed25519")).publicKey.toMultihash().bytes;
    await untilThere(other, (count) => {
      const data = field(FIELD.data, Uint8Array.of(9, count));
      liar.send(RPC.publish, concatBytes(field(FIELD.from, from), data, field(FIELD.topic, TOPIC)));
    });
    expect(
      other
        .messages()[0]!
        .map(([number]) => number)
        .sort(),
    ).toEqual([FIELD.data, FIELD.topic]);
    expect(judged[0]).toEqual([9, liar.host.peerId.toString()]);
  });

  it("[NW-4] a signed message is not judged at all", async () => {
    const [liar] = peers;
    const message = (content: number, ...more: Uint8Array[]): Uint8Array =>
      concatBytes(field(FIELD.data, Uint8Array.of(content)), field(FIELD.topic, TOPIC), ...more);
    liar.send(RPC.publish, message(1, field(FIELD.signature, new Uint8Array(64))));
    liar.send(RPC.publish, message(2, field(FIELD.seqno, new Uint8Array(8))));
    liar.send(RPC.publish, message(3));
    await eventually(() => expect(judged.map(([content]) => content)).toEqual([3]));
  });

  it("[NW-16] of who passes on wrong messages nothing is read after the fourth", async () => {
    const [liar, other] = peers;
    const say = (peer: BarePeer, ...content: readonly number[]): void => {
      peer.send(RPC.publish, concatBytes(field(FIELD.data, Uint8Array.from(content)), field(FIELD.topic, TOPIC)));
    };
    const wrong = (): number => judged.filter(([content]) => content === WRONG).length;
    for (let count = 1; count <= 4; count++) {
      say(liar, WRONG, count);
      await eventually(() => expect(wrong()).toBe(count));
    }
    // Whoever was in good standing is looked at again after a second only.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    say(liar, 1);
    say(other, 2);
    await eventually(() => expect(judged.at(-1)).toEqual([2, other.host.peerId.toString()]));
    expect(judged.map(([content]) => content)).not.toContain(1);
  });
});
