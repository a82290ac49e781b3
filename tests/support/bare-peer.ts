import { generateKeyPair } from "@libp2p/crypto/keys";
import type { Stream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2p } from "libp2p";
import { concatBytes } from "../../src/core/bytes/concat-bytes.ts";

const MESH = "/meshsub/1.1.0";
/** Fields of gossipsub's protobuf: a message's own, and where an RPC has messages. */
export const FIELD = { from: 1, data: 2, seqno: 3, topic: 4, signature: 5, key: 6 } as const;
export const RPC = { subscriptions: 1, publish: 2 } as const;

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
export const field = (number: number, bytes: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.from([(number << 3) | 2, ...varint(bytes.length)]), bytes);

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
export class BarePeer {
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
        // It would end a connection whose other side is busy with what it was sent.
        connectionMonitor: { enabled: false },
      }),
    );
    await peer.host.handle(MESH, (stream) => {
      stream.addEventListener("message", ({ data }) => {
        peer.received = concatBytes(peer.received, data.subarray());
      });
    });
    return peer;
  }

  /** Dials a node and subscribes to one topic, its whole name in UTF-8. */
  async join(address: string | undefined, topic: Uint8Array): Promise<void> {
    const connection = await this.host.dial(multiaddr(address));
    this.#stream = await connection.newStream(MESH);
    this.send(RPC.subscriptions, Uint8Array.from([0x08, 1, ...field(2, topic)]));
  }

  /** Sends an RPC of one part. False while more has to wait; {@link drained} tells when it need not. */
  send(part: number, bytes: Uint8Array): boolean {
    const rpc = field(part, bytes);
    return this.#stream!.send(concatBytes(Uint8Array.from(varint(rpc.length)), rpc));
  }

  /** Resolves once the node has taken what waits, or the stream is over. */
  async drained(): Promise<void> {
    const stream = this.#stream!;
    if (!stream.writableNeedsDrain) return;
    await new Promise<void>((resolve) => {
      for (const type of ["drain", "close"] as const) stream.addEventListener(type, () => resolve(), { once: true });
    });
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
