import { formatHex } from "../../src/core/bytes/hex.ts";
import { encodeUtf8 } from "../../src/core/bytes/utf8.ts";
import type {
  FrameStream,
  NetworkPort,
  NodeNetworkPort,
  PeerId,
  StreamLimits,
  Verdict,
} from "../../src/core/ports/network-port.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import { boundJudge, type Judge } from "../../src/net/gossip/topic-validator.ts";
import { NODE_PROTOCOLS } from "../../src/wire/protocols.ts";
import { FakeStream } from "./fake-stream.ts";

export interface FakeNetworkOptions {
  /** Runs `deliver` once `delayMs` have passed on the caller's clock. Default: as a microtask, whatever the delay. */
  readonly schedule?: (deliver: () => void, delayMs: number) => void;
  /** How long one message takes. Messages of one stream keep their order. */
  readonly delayMs?: (from: PeerId, to: PeerId) => number;
}

/** A gossip message that a judge refused, for tests to look at: the fake keeps no scores. */
export interface FakeRejection {
  readonly by: PeerId;
  readonly from: PeerId;
  readonly topic: string;
  readonly reason: string;
}

/**
 * Many NetworkPorts in one memory. It knows no time and no chance of its own, so a run is a function of the scheduler
 * that the test gives it. Gossip floods over all connections.
 */
export class FakeNetwork {
  readonly rejections: FakeRejection[] = [];
  readonly #options: FakeNetworkOptions;
  readonly #ports = new Map<PeerId, FakePort>();
  readonly #cuts = new Set<string>();

  constructor(options: FakeNetworkOptions = {}) {
    this.#options = options;
  }

  /** A new peer; its address is `/fake/<name>`. A stopped peer's name may join again. */
  join(name: PeerId): FakeNodePort {
    if (this.#ports.has(name)) throw new Error(`${name} is here already`);
    const port = new FakePort(this, name);
    this.#ports.set(name, port);
    return port;
  }

  /** Breaks the connection of two peers and keeps them apart until {@link heal}. */
  cut(left: PeerId, right: PeerId): void {
    this.#cuts.add(pairKey(left, right));
    this.disconnect(left, right);
  }

  heal(left: PeerId, right: PeerId): void {
    this.#cuts.delete(pairKey(left, right));
  }

  /** Cuts everyone inside the group from everyone outside. */
  isolate(group: readonly PeerId[]): void {
    for (const inside of group) {
      for (const outside of this.#ports.keys()) if (!group.includes(outside)) this.cut(inside, outside);
    }
  }

  healAll(): void {
    this.#cuts.clear();
  }

  post(from: PeerId, to: PeerId, deliver: () => void): void {
    const delayMs = this.#options.delayMs?.(from, to) ?? 0;
    if (this.#options.schedule === undefined) queueMicrotask(deliver);
    else this.#options.schedule(deliver, delayMs);
  }

  /** Resolves after one message has gone from one peer to the other. */
  travel(from: PeerId, to: PeerId): Promise<void> {
    return new Promise((resolve) => this.post(from, to, resolve));
  }

  portOf(peer: PeerId): FakePort | undefined {
    return this.#ports.get(peer);
  }

  canReach(from: PeerId, to: PeerId): boolean {
    return this.#ports.has(to) && !this.#cuts.has(pairKey(from, to));
  }

  disconnect(left: PeerId, right: PeerId): void {
    this.#ports.get(left)?.dropped(right);
    this.#ports.get(right)?.dropped(left);
  }

  leave(peer: PeerId): void {
    this.#ports.delete(peer);
  }
}

const pairKey = (left: PeerId, right: PeerId): string => [left, right].sort().join(" ");

interface Served {
  readonly limits: StreamLimits;
  readonly handler: (stream: FrameStream) => Promise<void>;
}

/** What a peer of this network is: a port that knows nodes by the same rule as a real one. */
export type FakeNodePort = NetworkPort & Pick<NodeNetworkPort, "nodes" | "onNode">;

class FakePort implements FakeNodePort {
  readonly self: PeerId;
  readonly #network: FakeNetwork;
  readonly #peers = new Set<PeerId>();
  readonly #nodes = new Set<PeerId>();
  readonly #nodeListeners = new Set<(peer: PeerId) => void>();
  readonly #listeners = new Set<(event: { readonly peer: PeerId; readonly connected: boolean }) => void>();
  readonly #protocols = new Map<string, Served>();
  readonly #topics = new Map<string, { readonly bytesMax: number; readonly judge: Judge }>();
  readonly #seen = new Set<string>();
  readonly #streams = new Set<FakeStream>();
  /** Open streams by direction, protocol and peer. */
  readonly #counts = new Map<string, number>();

  constructor(network: FakeNetwork, self: PeerId) {
    this.#network = network;
    this.self = self;
  }

  addresses(): readonly string[] {
    return [`/fake/${this.self}`];
  }

  async dial(address: string, _timeoutMs: number): Promise<PeerId> {
    const peer = address.replace(/^\/fake\/(p2p\/)?/, "");
    await this.#network.travel(this.self, peer);
    if (peer === this.self || !this.#network.canReach(this.self, peer)) throw new Error(`cannot reach ${address}`);
    // Whoever is connected is not dialled again.
    const isDialled = !this.#peers.has(peer);
    this.joined(peer);
    if (isDialled) this.#isNode(peer);
    this.#network.portOf(peer)?.joined(this.self);
    return peer;
  }

  hangUp(peer: PeerId): Promise<void> {
    this.#network.disconnect(this.self, peer);
    return Promise.resolve();
  }

  peers(): readonly PeerId[] {
    return [...this.#peers];
  }

  onPeer(listener: (event: { readonly peer: PeerId; readonly connected: boolean }) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  nodes(): readonly PeerId[] {
    return [...this.#nodes];
  }

  onNode(listener: (peer: PeerId) => void): () => void {
    this.#nodeListeners.add(listener);
    return () => this.#nodeListeners.delete(listener);
  }

  #isNode(peer: PeerId): void {
    if (this.#nodes.has(peer) || !this.#peers.has(peer)) return;
    this.#nodes.add(peer);
    for (const listener of this.#nodeListeners) listener(peer);
  }

  joined(peer: PeerId): void {
    if (this.#peers.has(peer)) return;
    this.#peers.add(peer);
    for (const listener of this.#listeners) listener({ peer, connected: true });
  }

  dropped(peer: PeerId): void {
    if (!this.#peers.delete(peer)) return;
    this.#nodes.delete(peer);
    for (const stream of this.#streams) if (stream.peer === peer) stream.abort("disconnected");
    for (const listener of this.#listeners) listener({ peer, connected: false });
  }

  async openStream(peer: PeerId, protocol: string, limits: StreamLimits): Promise<FrameStream> {
    if (!this.#peers.has(peer)) throw new Error("not connected");
    const key = `out ${protocol} ${peer}`;
    if ((this.#counts.get(key) ?? 0) >= limits.streamsPerPeerMax) throw new Error("too many streams");
    const release = this.#count(key);
    await this.#network.travel(this.self, peer);
    const served = this.#network.portOf(peer)?.servedAt(protocol);
    if (!this.#peers.has(peer) || served === undefined) {
      release();
      throw new Error(`${peer} does not serve ${protocol}`);
    }
    const network = this.#network;
    const [near, far] = FakeStream.pair(
      { peer, frameBytesMax: limits.frameBytesMax, post: (deliver) => network.post(this.self, peer, deliver) },
      {
        peer: this.self,
        frameBytesMax: served.limits.frameBytesMax,
        post: (deliver) => network.post(peer, this.self, deliver),
      },
    );
    this.#hold(near, release);
    network.portOf(peer)?.accept(protocol, served, far);
    return near;
  }

  servedAt(protocol: string): Served | undefined {
    return this.#protocols.get(protocol);
  }

  #count(key: string): () => void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return () => {
      const left = this.#counts.get(key)! - 1;
      if (left === 0) this.#counts.delete(key);
      else this.#counts.set(key, left);
    };
  }

  #hold(stream: FakeStream, release: () => void): void {
    this.#streams.add(stream);
    void stream.closed.then(() => {
      this.#streams.delete(stream);
      release();
    });
  }

  accept(protocol: string, served: Served, stream: FakeStream): void {
    const key = `in ${protocol} ${stream.peer}`;
    if ((this.#counts.get(key) ?? 0) >= served.limits.streamsPerPeerMax) {
      stream.abort("too many streams");
      return;
    }
    this.#hold(stream, this.#count(key));
    if (NODE_PROTOCOLS.has(protocol)) this.#isNode(stream.peer);
    served.handler(stream).then(
      () => stream.close(),
      () => stream.abort("handler failed"),
    );
  }

  serve(protocol: string, limits: StreamLimits, handler: (stream: FrameStream) => Promise<void>): Promise<void> {
    this.#protocols.set(protocol, { limits, handler });
    return Promise.resolve();
  }

  subscribe(topic: string, bytesMax: number, judge: (bytes: Uint8Array, from: PeerId) => Promise<Verdict>): void {
    this.#topics.set(topic, { bytesMax, judge: boundJudge(bytesMax, judge) });
  }

  publish(topic: string, bytes: Uint8Array): Promise<void> {
    const bytesMax = this.#topics.get(topic)?.bytesMax ?? Infinity;
    if (bytes.length > bytesMax) return Promise.reject(new RangeError(`message of ${bytes.length} bytes`));
    if (this.#isNew(topic, bytes)) this.#forward(topic, bytes.slice(), undefined);
    return Promise.resolve();
  }

  #isNew(topic: string, bytes: Uint8Array): boolean {
    const id = formatHex(sha256Hash(encodeUtf8(topic), Uint8Array.of(0), bytes));
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    return true;
  }

  #forward(topic: string, bytes: Uint8Array, except: PeerId | undefined): void {
    for (const peer of this.#peers) {
      if (peer === except) continue;
      this.#network.post(this.self, peer, () => {
        if (this.#network.canReach(this.self, peer)) void this.#network.portOf(peer)?.gossiped(topic, bytes, this.self);
      });
    }
  }

  async gossiped(topic: string, bytes: Uint8Array, from: PeerId): Promise<void> {
    const joined = this.#topics.get(topic);
    if (joined === undefined || !this.#isNew(topic, bytes)) return;
    const verdict = await joined.judge(bytes, from);
    if (verdict.verdict === "accept") this.#forward(topic, bytes, from);
    if (verdict.verdict === "reject") {
      this.#network.rejections.push({ by: this.self, from, topic, reason: verdict.reason });
    }
  }

  stop(): Promise<void> {
    for (const stream of this.#streams) stream.abort("stopping");
    for (const peer of this.#peers) this.#network.disconnect(this.self, peer);
    this.#protocols.clear();
    this.#topics.clear();
    this.#network.leave(this.self);
    return Promise.resolve();
  }
}
