import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { PeerId } from "../../core/ports/network-port.ts";
import { PEERS_ADDRESSES_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodePeersItem, encodePeersRequest } from "../../wire/requests/peers.ts";
import type { ClientHost } from "./client-host.ts";
import type { ClientNetworkPorts } from "./client-network-ports.ts";
import { REQUEST_MS } from "./header-requests.ts";

/** `peers`: which other nodes a node knows. Addresses that this platform cannot dial are passed over. */
export async function requestPeers(ports: ClientNetworkPorts, host: ClientHost, peer: PeerId): Promise<void> {
  const readAddress = ports.readAddress?.bind(ports);
  if (readAddress === undefined) return;
  const work: Parameters<ClientHost["asked"]>[1] = async (port, { network }) => {
    const wait = { firstMs: REQUEST_MS, idleMs: REQUEST_MS };
    const answer = ports.requests.many(port, peer, PROTOCOL.peers, encodePeersRequest(), wait);
    const items: Uint8Array[] = [];
    try {
      for await (const frame of answer.frames) {
        if (items.length === PEERS_ADDRESSES_MAX) throw new DecodeError("longer answer than asked for");
        items.push(decodePeersItem(frame));
      }
    } finally {
      answer.cancel();
    }
    const addresses = await Promise.all(items.map((item) => readAddress(item, network === "dev")));
    ports.post({ type: "peers-received", peer, addresses: addresses.filter((address) => address !== undefined) });
  };
  // Whoever has nothing to tell is a good node all the same.
  await host.asked(peer, work, () => undefined);
}
