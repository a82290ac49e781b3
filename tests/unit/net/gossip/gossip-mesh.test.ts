import { generateKeyPair } from "@libp2p/crypto/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { encodeUtf8 } from "../../../../src/core/bytes/utf8.ts";
import type { PeerId, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { GOSSIP_BYTES_PER_S_MAX, STREAM_WINDOW_BYTES_MAX } from "../../../../src/wire/limits.ts";
import { topicId } from "../../../../src/net/host/libp2p-network.ts";
import { BarePeer, field, FIELD, RPC } from "../../../support/bare-peer.ts";
import { eventually } from "../../../support/eventually.ts";

const CHAIN_ID = 1000;
const TOPIC = encodeUtf8(topicId(CHAIN_ID, "tx"));
/** Begins a message that the judge rejects. */
const WRONG = 66;
/** Begins one that it ignores. */
const NOISE = 77;

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
      if (bytes[0] === WRONG) return Promise.resolve({ verdict: "reject", reason: "test" });
      return Promise.resolve(bytes[0] === NOISE ? { verdict: "ignore", reason: "test" } : { verdict: "accept" });
    });
    peers = [await BarePeer.open(), await BarePeer.open()];
    for (const peer of peers) await peer.join(node.addresses()[0], TOPIC);
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

  it("GOSSIP_BYTES_PER_S_MAX: [NW-1] reads so much of one peer a second, all of it in the end, and of another as well", async () => {
    const [flooder, other] = peers;
    const SIZE = 800;
    const say = (peer: BarePeer, kind: number, count: number): boolean => {
      const data = concatBytes(Uint8Array.of(kind), u32(count), new Uint8Array(SIZE));
      return peer.send(RPC.publish, concatBytes(field(FIELD.data, data), field(FIELD.topic, TOPIC)));
    };
    const heard = (kind: number): number => judged.filter(([content]) => content === kind).length;
    const begunMs = performance.now();
    // A burst of a second, the rate, and what was on its way when each of them ended.
    const granted = (): number => {
      const elapsedS = (performance.now() - begunMs) / 1_000;
      return ((1 + elapsedS) * GOSSIP_BYTES_PER_S_MAX + 2 * STREAM_WINDOW_BYTES_MAX) / SIZE;
    };
    const all = Math.ceil(2 * granted());
    for (let count = 0; count < all; count++) if (!say(flooder, NOISE, count)) await flooder.drained();
    expect(heard(NOISE)).toBeLessThanOrEqual(granted());
    say(other, 1, 1);
    await eventually(() => expect(heard(1)).toBe(1));
    await eventually(() => expect(heard(NOISE)).toBe(all));
    expect(heard(NOISE)).toBeLessThanOrEqual(granted());
  });
});
