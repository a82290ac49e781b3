import type { NetworkView, NodeView } from "../../api/views.ts";
import type { LightClientState } from "../../core/machines/light-client-state.ts";
import type { PeerId } from "../../core/ports/network-port.ts";
import type { ClientStore } from "./client-store.ts";
import { DataUsedCounter } from "./data-used.ts";
import { meterHost, type HostMeter } from "./metered-host.ts";
import type { NetworkEdges } from "./network-edges.ts";

/** Peers whose address is remembered: more than a client ever meets in a session, or somebody wastes its memory. */
export const METERED_PEERS_MAX = 512;

/** What a person may see of the network: the nodes of this device, how each was reached, and the data they cost. */
export class NetworkMeter implements HostMeter {
  readonly used: DataUsedCounter;
  readonly #store: ClientStore;
  readonly #addresses = new Map<PeerId, string>();

  constructor(edges: NetworkEdges & { readonly store: ClientStore }) {
    this.#store = edges.store;
    this.used = new DataUsedCounter(edges.store, edges.timers);
  }

  /** The same edges, seen through this meter. */
  meter<Edges extends NetworkEdges>(edges: Edges): Edges {
    return {
      ...edges,
      openHost: async (chainId: number) => meterHost(await edges.openHost(chainId), this),
      fetchNetworkFile: async () => {
        const text = await edges.fetchNetworkFile();
        this.received(text?.length ?? 0);
        return text;
      },
    };
  }

  received(size: number): void {
    this.used.received(size);
  }

  sent(size: number): void {
    this.used.sent(size);
  }

  dialled(peer: PeerId, address: string): void {
    if (this.#addresses.size >= METERED_PEERS_MAX) this.#addresses.clear();
    this.#addresses.set(peer, address);
  }

  view(state: LightClientState | undefined): NetworkView {
    const nodes = (state?.nodes ?? []).map((node, index): NodeView => {
      const { operator, addresses } = state?.config?.nodes[index] ?? { operator: "", addresses: [] };
      const address = (node.peer && this.#addresses.get(node.peer)) ?? addresses[0];
      const fault = node.fault === undefined || node.fault === "wrong_network" ? node.fault : "wrong_data";
      const isDataSource = state?.data?.node === index;
      return { operator, address, state: node.phase, transport: transportOf(address), isDataSource, fault };
    });
    const bytesStored = this.#store.records().reduce((sum, { bytes }) => sum + bytes.length, 0);
    return { nodes, session: this.used.session, total: this.used.total, bytesStored };
  }
}

/** By the multiaddr alone: what a node is dialled with. */
export function transportOf(address: string | undefined): NodeView["transport"] {
  if (address === undefined) return undefined;
  const parts = address.split("/");
  if (parts.includes("webrtc-direct")) return "webrtc";
  if (parts.includes("ws") || parts.includes("wss")) return "websocket";
  return parts.includes("tcp") ? "tcp" : undefined;
}
