import { identify } from "@libp2p/identify";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { createLibp2p } from "libp2p";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { TOPIC } from "../../wire/gossip/topics.ts";
import { gossipMesh } from "../gossip/gossip-mesh.ts";
import { connectionStack } from "./connection-stack.ts";
import { openIdentity } from "./identity.ts";
import { Libp2pNetwork, topicId } from "./libp2p-network.ts";
import { nodeWebSockets } from "./node-web-sockets.ts";

export interface NodeHostOptions {
  readonly chainId: number;
  /** Bytes of `generateIdentity`. */
  readonly identity: Uint8Array;
  /** Multiaddrs such as `/ip4/127.0.0.1/tcp/0` and `/ip4/127.0.0.1/tcp/0/ws`. */
  readonly listen: readonly string[];
  /** Addresses to tell others instead of those listened on, for a node behind a proxy. */
  readonly announce?: readonly string[];
  readonly connectionsMax?: number;
  readonly gossipHeartbeatMs?: number;
}

const CONNECTIONS_MAX = 300;
const GOSSIP_HEARTBEAT_MS = 1_000;

/** A full node's network: listens on TCP and WebSocket and is in the gossip mesh. Started when it returns. */
export async function createNodeHost(options: NodeHostOptions): Promise<NetworkPort> {
  const topics = Object.values(TOPIC).map((topic) => topicId(options.chainId, topic.name));
  const node = await createLibp2p({
    ...connectionStack(options.connectionsMax ?? CONNECTIONS_MAX),
    privateKey: openIdentity(options.identity),
    addresses: { listen: [...options.listen], announce: [...(options.announce ?? [])] },
    transports: [tcp(), nodeWebSockets()],
    services: {
      identify: identify(),
      ping: ping(),
      gossip: gossipMesh({ topics, heartbeatMs: options.gossipHeartbeatMs ?? GOSSIP_HEARTBEAT_MS }),
    },
  });
  return new Libp2pNetwork(node, options.chainId, node.services.gossip);
}
