import type { NetworkPort } from "../../core/ports/network-port.ts";
import { NETWORK_FILE_BYTES_MAX } from "../../engine/services/network-file.ts";
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
