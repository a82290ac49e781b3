import { identify } from "@libp2p/identify";
import { tcp } from "@libp2p/tcp";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import type { NodeNetworkPort } from "../../core/ports/network-port.ts";
import { TOPIC } from "../../wire/gossip/topics.ts";
import { CONNECTIONS_OF_STRANGERS_MAX, WEBSOCKET_SOCKETS_MAX } from "../../wire/limits.ts";
import { gossipMesh } from "../gossip/gossip-mesh.ts";
import type { ConnectionGate } from "../peers/connection-gate.ts";
import { connectionStack, INBOUND_PER_SECOND, type NoiseCrypto } from "./connection-stack.ts";
import { openIdentity } from "./identity.ts";
import { topicId } from "./libp2p-network.ts";
import { Libp2pNodeNetwork } from "./libp2p-node-network.ts";
import { nodeWebSockets } from "./node-web-sockets.ts";
import { Prober } from "./prober.ts";

export interface NodeHostOptions {
  readonly chainId: number;
  /** Bytes of `generateIdentity`. */
  readonly identity: Uint8Array;
  /** Multiaddrs such as `/ip4/127.0.0.1/tcp/0`, `/ip4/127.0.0.1/tcp/0/ws` and `/ip4/127.0.0.1/udp/0/webrtc-direct`. */
  readonly listen: readonly string[];
  /** Its hash is in the host's WebRTC-direct addresses. Undefined: such addresses are not listened on. */
  readonly certificate?: HostCertificate;
  /** Called when WebRTC-direct was wanted and this platform has no native module for it: the host does without. */
  readonly webRtcMissing?: () => void;
  /** Addresses to tell others instead of those listened on, for a node behind a proxy. */
  readonly announce?: readonly string[];
  /** Inbound connections of strangers that its gate lets in, where that is not the usual number (NW-16). */
  readonly strangersMax?: number;
  /** Decides who may come in (NW-16). Undefined: everybody. */
  readonly gate?: ConnectionGate;
  readonly gossipHeartbeatMs?: number;
  readonly noiseCrypto?: NoiseCrypto;
}

/** A long-lived certificate of the host's own, in PEM, and its hash as multiaddrs have it. */
export interface HostCertificate {
  readonly privateKey: string;
  readonly pem: string;
  readonly certhash: string;
}

/** Of peers that are no strangers. */
const OWN_CONNECTIONS_MAX = 100;
const GOSSIP_HEARTBEAT_MS = 1_000;

/** A full node's network: listens on TCP, WebSocket and WebRTC-direct, and is in the gossip mesh. Started when it returns. */
export async function createNodeHost(options: NodeHostOptions): Promise<NodeNetworkPort> {
  const topics = Object.values(TOPIC).map((topic) => topicId(options.chainId, topic.name));
  const { listen } = options;
  const webRtc = listen.some(isWebRtcAddress) ? await openWebRtc(options) : [];
  const strangersMax = options.strangersMax ?? CONNECTIONS_OF_STRANGERS_MAX;
  // More strangers are more of all that a door limits, in the same proportion.
  const more = strangersMax / CONNECTIONS_OF_STRANGERS_MAX;
  const socketsMax = Math.max(WEBSOCKET_SOCKETS_MAX, Math.ceil(more * WEBSOCKET_SOCKETS_MAX));
  const inboundPerSecond = Math.max(INBOUND_PER_SECOND, Math.ceil(more * INBOUND_PER_SECOND));
  const transports = [tcp(), nodeWebSockets(socketsMax), ...webRtc];
  const node = await createLibp2p({
    ...connectionStack(OWN_CONNECTIONS_MAX + strangersMax, { crypto: options.noiseCrypto, inboundPerSecond }),
    privateKey: openIdentity(options.identity),
    addresses: {
      listen: listen.filter((address) => webRtc.length > 0 || !isWebRtcAddress(address)),
      announce: [...(options.announce ?? [])],
    },
    transports,
    ...(options.gate === undefined ? {} : { connectionGater: options.gate.gater }),
    services: {
      identify: identify(),
      gossip: gossipMesh({ topics, heartbeatMs: options.gossipHeartbeatMs ?? GOSSIP_HEARTBEAT_MS }),
    },
  });
  return new Libp2pNodeNetwork(node, options.chainId, node.services.gossip, new Prober(transports));
}

/** True for multiaddrs of WebRTC-direct, with or without the hash of a certificate. */
export function isWebRtcAddress(address: string): boolean {
  return /\/webrtc-direct(\/|$)/.test(address);
}

async function openWebRtc(options: NodeHostOptions): Promise<NonNullable<Libp2pOptions["transports"]>> {
  const { certificate, webRtcMissing } = options;
  if (certificate === undefined) return [];
  try {
    const { nodeWebRtc } = await import("./node-web-rtc.ts");
    return [nodeWebRtc(certificate)];
  } catch {
    webRtcMissing?.();
    return [];
  }
}
