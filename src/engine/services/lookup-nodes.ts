import { Reader } from "../../core/bytes/reader.ts";
import { isTried } from "../../core/machines/light-client-learnt.ts";
import type { LightClientState } from "../../core/machines/light-client-state.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { Random } from "../../core/ports/random.ts";
import type { NetworkConfig, NodeConfig } from "../../core/sync/network-config.ts";

/** Nodes in the order in which to ask them, but for chance among equals. */
export interface LookupNodes {
  readonly listed: readonly NodeConfig[];
  /** Others have told of them, and this device has found them (NW-17). */
  readonly learnt: readonly NodeConfig[];
}

const DIAL_MS = 8_000;
const LISTED_MAX = 4;
const LEARNT_MAX = 2;

/** Whom a client may ask outside of its own connections. */
export function lookupNodes(state: LightClientState, config: NetworkConfig): LookupNodes {
  const listedCount = state.durable.known?.listed.length ?? 0;
  return {
    listed: config.nodes.slice(0, listedCount),
    learnt: config.nodes.filter((_, node) => node >= listedCount && isTried(state, node)),
  };
}

/** Those that are asked one after the other until one has answered. */
export function askingOrder(random: Random, nodes: LookupNodes): readonly NodeConfig[] {
  return [
    ...shuffled(random, nodes.listed).slice(0, LISTED_MAX),
    ...shuffled(random, nodes.learnt).slice(0, LEARNT_MAX),
  ];
}

export function shuffled<Node>(random: Random, nodes: readonly Node[]): readonly Node[] {
  const marked = nodes.map((node) => ({ node, mark: new Reader(random.bytes(4)).u32() }));
  return marked.sort((left, right) => left.mark - right.mark).map(({ node }) => node);
}

/** Rejects if no address answers. */
export async function dialNode(host: NetworkPort, { addresses }: NodeConfig): Promise<PeerId> {
  for (const address of addresses) {
    try {
      return await host.dial(address, DIAL_MS);
    } catch {
      // The next address may do.
    }
  }
  throw new Error("not reached");
}
