import type { GossipSub } from "@libp2p/gossipsub";
import type { Connection, Libp2p } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { FrameStream, NodeNetworkPort, PeerId, StreamLimits } from "../../core/ports/network-port.ts";
import { NODE_PROTOCOLS } from "../../wire/protocols.ts";
import { Libp2pNetwork } from "./libp2p-network.ts";
import type { Prober } from "./prober.ts";

/** NodeNetworkPort over one started libp2p node and a second one that looks at addresses. */
export class Libp2pNodeNetwork extends Libp2pNetwork implements NodeNetworkPort {
  readonly #libp2p: Libp2p;
  readonly #prober: Prober;
  readonly #nodes = new Set<PeerId>();
  readonly #nodeListeners = new Set<(peer: PeerId) => void>();

  constructor(node: Libp2p, chainId: number, gossip: GossipSub, prober: Prober) {
    super(node, chainId, gossip);
    this.#libp2p = node;
    this.#prober = prober;
    // Light clients listen nowhere.
    node.addEventListener("connection:open", ({ detail: { direction, remotePeer } }) => {
      if (direction === "outbound") this.#isNode(remotePeer.toString());
    });
    node.addEventListener("peer:disconnect", ({ detail: peer }) => this.#nodes.delete(peer.toString()));
  }

  nodes(): readonly PeerId[] {
    return [...this.#nodes];
  }

  onNode(listener: (peer: PeerId) => void): () => void {
    this.#nodeListeners.add(listener);
    return () => this.#nodeListeners.delete(listener);
  }

  override serve(
    protocol: string,
    limits: StreamLimits,
    handler: (stream: FrameStream) => Promise<void>,
  ): Promise<void> {
    if (!NODE_PROTOCOLS.has(protocol)) return super.serve(protocol, limits, handler);
    return super.serve(protocol, limits, (stream) => {
      this.#isNode(stream.peer);
      return handler(stream);
    });
  }

  #isNode(peer: PeerId): void {
    // It may have left meanwhile: nobody would tell us to forget it.
    if (this.#nodes.has(peer) || this.#connections(peer).length === 0) return;
    this.#nodes.add(peer);
    for (const listener of [...this.#nodeListeners]) listener(peer);
  }

  remoteAddress(peer: PeerId): string | undefined {
    return this.#connections(peer)[0]?.remoteAddr.toString();
  }

  isDialled(peer: PeerId): boolean {
    return this.#connections(peer).some(({ direction }) => direction === "outbound");
  }

  probe(address: string, timeoutMs: number): Promise<void> {
    return this.#prober.probe(address, timeoutMs);
  }

  override async stop(): Promise<void> {
    await Promise.all([super.stop(), this.#prober.stop()]);
  }

  #connections(peer: PeerId): readonly Connection[] {
    return this.#libp2p.getConnections(peerIdFromString(peer));
  }
}
