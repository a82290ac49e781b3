import type { NetworkPort } from "../../core/ports/network-port.ts";
import type { Requests } from "../../engine/services/network-edges.ts";
import { NETWORK_FILE_BYTES_MAX } from "../../engine/services/network-file.ts";
import { requestOne, requestStream } from "../../net/requests/request.ts";
import { readText } from "./read-text.ts";

const NETWORK_FILE_URL = "/network.json";
const FETCH_MS = 10_000;

/** The text of `/network.json` of the page's own origin, never from a cache; undefined when it cannot be had. */
export async function fetchNetworkFile(): Promise<string | undefined> {
  try {
    const response = await fetch(NETWORK_FILE_URL, { cache: "no-store", signal: AbortSignal.timeout(FETCH_MS) });
    return response.ok ? await readText(response, NETWORK_FILE_BYTES_MAX) : undefined;
  } catch {
    return undefined;
  }
}

/** A libp2p host with a fresh identity. The library is loaded only now: nothing the page paints waits for it. */
export async function openBrowserHost(chainId: number): Promise<NetworkPort> {
  const [{ createBrowserHost }, { generateIdentity }] = await Promise.all([
    import("../../net/host/create-browser-host.ts"),
    import("../../net/host/identity.ts"),
  ]);
  return createBrowserHost({ chainId, identity: await generateIdentity() });
}

/** Questions over libp2p streams. */
export const streamRequests: Requests = {
  one: (network, peer, protocol, frame, timeoutMs) => {
    return requestOne(network, peer, protocol.name, protocol.asked, frame, timeoutMs);
  },
  many(network, peer, protocol, frame, wait) {
    const controller = new AbortController();
    const options = { ...wait, signal: controller.signal };
    return {
      frames: requestStream(network, peer, protocol.name, protocol.asked, frame, options),
      cancel: () => controller.abort(),
    };
  },
};
