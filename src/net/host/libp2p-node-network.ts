import type { GossipSub } from "@libp2p/gossipsub";
import type { Connection, Libp2p } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { NodeNetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { Libp2pNetwork } from "./libp2p-network.ts";
import type { Prober } from "./prober.ts";

/** NodeNetworkPort over one started libp2p node and a second one that looks at addresses. */
export class Libp2pNodeNetwork extends Libp2pNetwork implements NodeNetworkPort {
  readonly #libp2p: Libp2p;
  readonly #prober: Prober;

  constructor(node: Libp2p, chainId: number, gossip: GossipSub, prober: Prober) {
    super(node, chainId, gossip);
    this.#libp2p = node;
    this.#prober = prober;
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
