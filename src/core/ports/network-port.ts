/** A remote host's libp2p identity as text. */
export type PeerId = string;

/** What a judge says of gossip: accept forwards, ignore drops, reject drops and costs the sender its score. */
export type Verdict =
  | { readonly verdict: "accept" }
  | { readonly verdict: "ignore"; readonly reason: string }
  | { readonly verdict: "reject"; readonly reason: string };

/** One stream of frames to one peer; a frame is `type u8 ‖ body`, the length is the transport's business (11.1). */
export interface FrameStream {
  readonly peer: PeerId;
  /** Resolves once the stream is gone for good, however it ended; never rejects. */
  readonly closed: Promise<void>;
  /**
   * Resolves when the frame was handed to the transport; rejects once the stream is gone. Waits for back pressure; a
   * caller that goes on sending without waiting loses the stream when too much is queued.
   */
  send(frame: Uint8Array): Promise<void>;
  /**
   * Frames in order; ends when the peer closed, throws when the stream broke or a frame was over the limit. Has one
   * reader; what nobody takes is not read from the peer.
   */
  frames(): AsyncIterable<Uint8Array>;
  /** Says "nothing more from me" and lets the peer finish. */
  close(): Promise<void>;
  /** Ends both directions at once. */
  abort(reason: string): void;
}

/** Limits of one side of a protocol's streams, enforced before anything is decoded. */
export interface StreamLimits {
  /** Longest frame this side takes from the other, in bytes, type byte included. */
  readonly frameBytesMax: number;
  /** Streams of this protocol that one peer may hold open here, or that we hold open there, besides as many that end. */
  readonly streamsPerPeerMax: number;
  /** Of a protocol that is served: what all peers together may have sent that nobody has taken yet, in bytes. */
  readonly waitingBytesMax?: number;
}

/** The network as everything above `net` sees it: names, bytes and peers. libp2p implements it, the simulator fakes it. */
export interface NetworkPort {
  readonly self: PeerId;
  /** Multiaddrs others can dial. */
  addresses(): readonly string[];
  /** Connects; resolves with the identity found there. Rejects after `timeoutMs`. */
  dial(address: string, timeoutMs: number): Promise<PeerId>;
  hangUp(peer: PeerId): Promise<void>;
  peers(): readonly PeerId[];
  /** Calls back on every first connection to and last disconnection from a peer; returns how to stop it. */
  onPeer(listener: (event: { readonly peer: PeerId; readonly connected: boolean }) => void): () => void;
  /**
   * Opens a stream of `/stg/<chain_id>/<protocol>/1` to a connected peer. Where the peer does not serve that it rejects, or
   * the stream breaks at once.
   */
  openStream(peer: PeerId, protocol: string, limits: StreamLimits): Promise<FrameStream>;
  /** Serves a protocol; the handler owns the stream. When it returns the stream is closed, when it throws aborted. */
  serve(protocol: string, limits: StreamLimits, handler: (stream: FrameStream) => Promise<void>): Promise<void>;
  /** Joins a gossip topic of `bytesMax` bytes a message; every message is judged before it is forwarded. */
  subscribe(topic: string, bytesMax: number, judge: (bytes: Uint8Array, from: PeerId) => Promise<Verdict>): void;
  publish(topic: string, bytes: Uint8Array): Promise<void>;
  stop(): Promise<void>;
}

/** What the host of a full node can do besides: it has peers at addresses, and may look at others. */
export interface NodeNetworkPort extends NetworkPort {
  /** Connected peers that we have dialled, or that have opened what only nodes open: no light client is among them. */
  nodes(): readonly PeerId[];
  /** Calls back once for each stay of such a peer, when it shows; returns how to stop it. */
  onNode(listener: (peer: PeerId) => void): () => void;
  /** Multiaddr of a connected peer's end of its connection; undefined once it has gone. */
  remoteAddress(peer: PeerId): string | undefined;
  /** Did we dial at least one of the connections to this peer? */
  isDialled(peer: PeerId): boolean;
  /**
   * Finds the peer that an address names, over a fresh connection under a fresh identity, and lets go again. Rejects if
   * nobody is there, or somebody else.
   */
  probe(address: string, timeoutMs: number): Promise<void>;
}
