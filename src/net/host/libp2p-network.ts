import type { GossipSub } from "@libp2p/gossipsub";
import type { Libp2p, PeerId as Libp2pPeerId, Stream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import type { FrameStream, NetworkPort, PeerId, StreamLimits, Verdict } from "../../core/ports/network-port.ts";
import { CONNECTION_BYTES_PER_S_MAX, STREAM_IDLE_MS_MAX } from "../../wire/limits.ts";
import { Libp2pFrameStream, type FrameStreamOptions } from "../frame-stream.ts";
import { joinTopic } from "../gossip/gossip-mesh.ts";
import { HeldBytes } from "../held-bytes.ts";
import { PeerPace } from "./peer-pace.ts";

/** How long a stop waits for its own goodbyes, then for libp2p to stop; and how long that may take at all. */
const GOODBYE_MS = 500;
const STOP_GENTLY_MS = 800;
const STOP_MS_MAX = 1_300;

/** Protocol id of 11.1. */
export function protocolId(chainId: number, name: string): string {
  return `/stg/${chainId}/${name}/1`;
}

/** Gossip topic of 11.1. */
export function topicId(chainId: number, name: string): string {
  return `/stg/${chainId}/${name}`;
}

/** NetworkPort over one started libp2p node; both hosts return it. */
export class Libp2pNetwork implements NetworkPort {
  readonly self: PeerId;
  readonly #node: Libp2p;
  readonly #chainId: number;
  readonly #gossip: GossipSub | undefined;
  readonly #pace = new PeerPace(CONNECTION_BYTES_PER_S_MAX);
  /** Streams that peers hold open here, by protocol and peer. */
  readonly #served = new Map<string, number>();
  readonly #streams = new Set<Libp2pFrameStream>();
  /** Longest message of each joined topic. */
  readonly #topicBytesMax = new Map<string, number>();
  /** Who is connected, by name: libp2p would go through all connections and write each name anew whenever it is asked. */
  readonly #connected = new Set<PeerId>();
  #peers: readonly PeerId[] | undefined;
  #stopping: Promise<void> | undefined;

  constructor(node: Libp2p, chainId: number, gossip: GossipSub | undefined) {
    this.#node = node;
    this.#chainId = chainId;
    this.#gossip = gossip;
    this.self = node.peerId.toString();
    for (const peer of node.getPeers()) this.#note(peer.toString(), true);
    node.addEventListener("peer:connect", ({ detail: peer }) => this.#note(peer.toString(), true));
    node.addEventListener("peer:disconnect", ({ detail: peer }) => {
      this.#note(peer.toString(), false);
      // Clients come under a new name each time (NW-3): libp2p would remember every one of them.
      void Promise.resolve(node.peerStore.delete(peer)).catch(() => undefined);
    });
  }

  addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map((address) => address.toString());
  }

  async dial(address: string, timeoutMs: number): Promise<PeerId> {
    const connection = await this.#node.dial(multiaddr(address), { signal: AbortSignal.timeout(timeoutMs) });
    return connection.remotePeer.toString();
  }

  async hangUp(peer: PeerId): Promise<void> {
    await this.#node.hangUp(peerIdFromString(peer), { signal: AbortSignal.timeout(STOP_GENTLY_MS) });
  }

  peers(): readonly PeerId[] {
    return (this.#peers ??= [...this.#connected]);
  }

  #note(peer: PeerId, isConnected: boolean): void {
    if (isConnected) this.#connected.add(peer);
    else this.#connected.delete(peer);
    this.#peers = undefined;
  }

  onPeer(listener: (event: { readonly peer: PeerId; readonly connected: boolean }) => void): () => void {
    const onConnect = (event: CustomEvent<Libp2pPeerId>): void => {
      listener({ peer: event.detail.toString(), connected: true });
    };
    const onDisconnect = (event: CustomEvent<Libp2pPeerId>): void => {
      listener({ peer: event.detail.toString(), connected: false });
    };
    this.#node.addEventListener("peer:connect", onConnect);
    this.#node.addEventListener("peer:disconnect", onDisconnect);
    return () => {
      this.#node.removeEventListener("peer:connect", onConnect);
      this.#node.removeEventListener("peer:disconnect", onDisconnect);
    };
  }

  async openStream(peer: PeerId, protocol: string, limits: StreamLimits): Promise<FrameStream> {
    const connections = this.#node.getConnections(peerIdFromString(peer));
    const connection = connections.find((candidate) => candidate.status === "open");
    if (connection === undefined) throw new Error("not connected");
    const stream = await connection.newStream(protocolId(this.#chainId, protocol), {
      // One whose answer is read counts until its end has gone both ways, and the next one takes its place before that.
      maxOutboundStreams: 2 * limits.streamsPerPeerMax,
      signal: AbortSignal.timeout(STREAM_IDLE_MS_MAX),
    });
    return this.#wrap(stream, peer, limits, {});
  }

  async serve(protocol: string, limits: StreamLimits, handler: (stream: FrameStream) => Promise<void>): Promise<void> {
    const { waitingBytesMax } = limits;
    const waiting = waitingBytesMax === undefined ? undefined : new HeldBytes(waitingBytesMax);
    const accept = async (raw: Stream, peer: PeerId): Promise<void> => {
      const key = `${protocol} ${peer}`;
      const open = this.#served.get(key) ?? 0;
      // libp2p counts per connection; a peer with several connections is still one peer.
      if (open >= limits.streamsPerPeerMax || this.#stopping !== undefined) {
        raw.abort(new Error("too many streams"));
        return;
      }
      this.#served.set(key, open + 1);
      const pace = (size: number): Promise<void> => this.#pace.take(peer, size);
      const stream = this.#wrap(raw, peer, limits, waiting === undefined ? { pace } : { pace, waiting });
      try {
        await handler(stream);
        await stream.close();
        await closedWithin(stream, STREAM_IDLE_MS_MAX);
      } catch {
        // The handler says what went wrong to whom it wants; the peer sees a broken stream.
      } finally {
        stream.abort("done");
        const left = (this.#served.get(key) ?? 1) - 1;
        if (left === 0) this.#served.delete(key);
        else this.#served.set(key, left);
      }
    };
    await this.#node.handle(
      protocolId(this.#chainId, protocol),
      (stream, connection) => void accept(stream, connection.remotePeer.toString()),
      { maxInboundStreams: limits.streamsPerPeerMax, maxOutboundStreams: limits.streamsPerPeerMax },
    );
  }

  #wrap(
    raw: Stream,
    peer: PeerId,
    { frameBytesMax }: StreamLimits,
    served: Pick<FrameStreamOptions, "pace" | "waiting">,
  ): Libp2pFrameStream {
    const stream = new Libp2pFrameStream(raw, { peer, frameBytesMax, ...served });
    this.#streams.add(stream);
    void stream.closed.then(() => this.#streams.delete(stream));
    return stream;
  }

  subscribe(topic: string, bytesMax: number, judge: (bytes: Uint8Array, from: PeerId) => Promise<Verdict>): void {
    joinTopic(this.#mesh(), topicId(this.#chainId, topic), bytesMax, judge);
    this.#topicBytesMax.set(topic, bytesMax);
  }

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    // Others would take our score for it.
    if (bytes.length > (this.#topicBytesMax.get(topic) ?? Infinity)) throw new RangeError(`${bytes.length} bytes`);
    await this.#mesh().publish(topicId(this.#chainId, topic), bytes);
  }

  #mesh(): GossipSub {
    if (this.#gossip === undefined) throw new Error("this host is in no gossip mesh");
    return this.#gossip;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const stream of this.#streams) stream.abort("stopping");
    // Before libp2p stops: it would end the WebRTC listener's connections under the goodbyes.
    const signal = AbortSignal.timeout(GOODBYE_MS);
    await Promise.allSettled(this.#node.getConnections().map((connection) => connection.close({ signal })));
    const stopped = Promise.resolve(this.#node.stop()).catch(() => undefined);
    const abortAll = (): void => {
      for (const connection of this.#node.getConnections()) connection.abort(new Error("stopping"));
    };
    const timer = setTimeout(abortAll, STOP_GENTLY_MS);
    await within(stopped, STOP_MS_MAX);
    clearTimeout(timer);
    abortAll();
  }
}

/** Waits for a promise that never rejects, but not for longer than this. */
async function within(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

function closedWithin(stream: FrameStream, timeoutMs: number): Promise<void> {
  return within(stream.closed, timeoutMs);
}
