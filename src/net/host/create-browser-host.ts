import { webSockets } from "@libp2p/websockets";
import { createLibp2p } from "libp2p";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { askAtOnce } from "./ask-at-once.ts";
import { connectionStack } from "./connection-stack.ts";
import { endedWebSockets } from "./ended-web-sockets.ts";
import { openIdentity } from "./identity.ts";
import { Libp2pNetwork } from "./libp2p-network.ts";

export interface BrowserHostOptions {
  readonly chainId: number;
  /** Bytes of `generateIdentity`; a fresh one daily and per submission (NW-11). */
  readonly identity: Uint8Array;
  readonly connectionsMax?: number;
}

const CONNECTIONS_MAX = 16;

/**
 * A light client's network: dials WebSockets, and WebRTC-direct where the browser has it, listens nowhere and is in no
 * gossip mesh (NW-11). A worker has WebRTC only after `installRtcBridge`.
 */
export async function createBrowserHost(options: BrowserHostOptions): Promise<NetworkPort> {
  const webRtc = "RTCPeerConnection" in globalThis ? [(await import("./browser-web-rtc.ts")).browserWebRtc()] : [];
  const node = await createLibp2p({
    ...connectionStack(options.connectionsMax ?? CONNECTIONS_MAX, { changeMuxer: askAtOnce }),
    privateKey: openIdentity(options.identity),
    addresses: { listen: [] },
    transports: [endedWebSockets(webSockets()), ...webRtc],
    // The browser's default refuses loopback and plain ws; a page on https refuses plain ws by itself.
    connectionGater: { denyDialMultiaddr: () => false },
    // No services: it serves nothing, so it says nothing of itself.
  });
  return new Libp2pNetwork(node, options.chainId, undefined);
}
