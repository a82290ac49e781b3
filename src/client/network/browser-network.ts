import type { NetworkPort } from "../../core/ports/network-port.ts";
import { NETWORK_FILE_BYTES_MAX } from "../../engine/services/network-file.ts";
import { installRtcBridge } from "../../net/rtc-bridge-worker.ts";
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

/**
 * Takes the port at whose other end the page lends its WebRTC; pages that have any send it before they ask for anything.
 * Without it this worker knows WebSocket alone.
 */
export function acceptRtcBridge(worker: DedicatedWorkerGlobalScope): void {
  worker.addEventListener("message", ({ data, ports }: MessageEvent<unknown>) => {
    const [port] = ports;
    if (port !== undefined && (data as { readonly type?: unknown } | null)?.type === "rtc-bridge")
      installRtcBridge(port);
  });
}

/** The text of an address that a node told of, if this page can dial it (NW-17). */
export async function readBrowserAddress(bytes: Uint8Array, allowsPrivate: boolean): Promise<string | undefined> {
  const { readClientAddress } = await import("../../net/peers/client-addresses.ts");
  const hasWebRtc = "RTCPeerConnection" in globalThis;
  return readClientAddress(bytes, { hasWebRtc, isSecurePage: location.protocol === "https:", allowsPrivate });
}

/** Nothing that the page paints waits for it. */
const hostParts = () =>
  Promise.all([import("../../net/host/create-browser-host.ts"), import("../../net/host/identity.ts")]);

/** Loads what hosts are made with, before one is wanted. */
export async function loadBrowserHost(): Promise<void> {
  const webRtc = "RTCPeerConnection" in globalThis ? import("../../net/host/browser-web-rtc.ts") : undefined;
  await Promise.all([hostParts(), webRtc]);
}

/** A libp2p host with a fresh identity. The library is loaded only now, where nobody was in a hurry. */
export async function openBrowserHost(chainId: number): Promise<NetworkPort> {
  const [{ createBrowserHost }, { generateIdentity }] = await hostParts();
  return createBrowserHost({ chainId, identity: await generateIdentity() });
}
