import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import { createBrowserHost } from "../../src/net/host/create-browser-host.ts";
import { createNodeHost } from "../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../src/net/host/identity.ts";
import { nodeNoiseCrypto } from "../../src/node/network/noise-crypto.ts";
import { testCertificate } from "../support/test-certificate.ts";
import { gossipContract, networkPortContract, type NetworkPlace } from "./network-port.ts";

const CHAIN_ID = 1000;
const TCP = "/ip4/127.0.0.1/tcp/0";
const WS = "/ip4/127.0.0.1/tcp/0/ws";
const WEBRTC = "/ip4/127.0.0.1/udp/0/webrtc-direct";

async function openNode(listen: string): Promise<NetworkPort> {
  return createNodeHost({
    chainId: CHAIN_ID,
    identity: await generateIdentity(),
    listen: [listen],
    certificate: testCertificate(),
    gossipHeartbeatMs: 100,
    noiseCrypto: nodeNoiseCrypto(),
  });
}

async function openBrowser(): Promise<NetworkPort> {
  return createBrowserHost({ chainId: CHAIN_ID, identity: await generateIdentity() });
}

function place(openServer: () => Promise<NetworkPort>, openClient: () => Promise<NetworkPort>) {
  return (): Promise<NetworkPlace> => {
    const ports: NetworkPort[] = [];
    return Promise.resolve({
      join: async (role) => {
        const port = await (role === "server" ? openServer() : openClient());
        ports.push(port);
        return port;
      },
      addressOf: (port) => port.addresses()[0]!,
      dispose: async () => {
        await Promise.all(ports.map((port) => port.stop()));
      },
    });
  };
}

const overTcp = place(
  () => openNode(TCP),
  () => openNode(TCP),
);
const overWebSocket = place(
  () => openNode(WS),
  () => openNode(WS),
);
const overWebRtc = place(
  () => openNode(WEBRTC),
  () => openNode(WEBRTC),
);
const fromBrowserHost = place(() => openNode(WS), openBrowser);

networkPortContract("libp2p over TCP", overTcp);
networkPortContract("libp2p over WebSocket", overWebSocket);
networkPortContract("libp2p over WebRTC-direct", overWebRtc);
networkPortContract("libp2p from a browser's host", fromBrowserHost);
gossipContract("libp2p over TCP", overTcp);
