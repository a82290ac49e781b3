import { multiaddr } from "@multiformats/multiaddr";
import type { PeerId } from "../../core/ports/network-port.ts";
import { PEERS_ADDRESS_BYTES_MAX } from "../../wire/limits.ts";
import { parseIp } from "./ip-range.ts";

/** The binary form of a multiaddr, as protocol `peers` carries it; undefined for what is none or is too long. */
export function encodeAddress(address: string): Uint8Array | undefined {
  try {
    const bytes = multiaddr(address).bytes;
    return bytes.length > 0 && bytes.length <= PEERS_ADDRESS_BYTES_MAX ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a peer's bytes; undefined for what is no multiaddr in its one encoding, or names no peer. */
export function decodeAddress(bytes: Uint8Array): string | undefined {
  try {
    const address = multiaddr(bytes);
    const text = address.toString();
    const again = multiaddr(text).bytes;
    const isCanonical = again.length === bytes.length && again.every((byte, index) => byte === bytes[index]);
    return isCanonical && address.getComponents().some((component) => component.name === "p2p") ? text : undefined;
  } catch {
    return undefined;
  }
}

export type AddressTransport = "tcp" | "ws" | "wss" | "webrtc-direct";

/** An address of a node taken apart: a host, a port, one transport of ours and the peer to be found there. */
export interface NodeAddress {
  readonly peer: PeerId;
  /** undefined for a name. */
  readonly ip: Uint8Array | undefined;
  readonly port: number;
  readonly transport: AddressTransport;
}

/** What stands between the port and the peer. */
const TRANSPORTS: ReadonlyMap<string, AddressTransport> = new Map([
  ["tcp", "tcp"],
  ["tcp/ws", "ws"],
  ["tcp/wss", "wss"],
  ["tcp/tls/ws", "wss"],
  ["udp/webrtc-direct/certhash", "webrtc-direct"],
  ["udp/webrtc-direct/certhash/certhash", "webrtc-direct"],
]);

/** Takes an address apart; undefined for every other shape: relayed, without a peer, of a transport we do not speak. */
export function parseNodeAddress(address: string): NodeAddress | undefined {
  const components = componentsOf(address);
  const [host, port] = components;
  const last = components.at(-1);
  if (last?.name !== "p2p" || host?.value === undefined || port?.value === undefined) return undefined;
  const transport = TRANSPORTS.get(
    components
      .slice(1, -1)
      .map(({ name }) => name)
      .join("/"),
  );
  const isIp = host.name === "ip4" || host.name === "ip6";
  const ip = isIp ? parseIp(host.value) : undefined;
  if (transport === undefined || last.value === undefined || (isIp && ip === undefined)) return undefined;
  if (!isIp && !["dns", "dns4", "dns6"].includes(host.name)) return undefined;
  return { peer: last.value, ip, port: Number(port.value), transport };
}

/** The IP address of a connection's other end; undefined where its transport tells none. */
export function ipOfAddress(address: string): Uint8Array | undefined {
  const [host] = componentsOf(address);
  return host?.value !== undefined && (host.name === "ip4" || host.name === "ip6") ? parseIp(host.value) : undefined;
}

function componentsOf(address: string): ReturnType<ReturnType<typeof multiaddr>["getComponents"]> {
  try {
    return multiaddr(address).getComponents();
  } catch {
    return [];
  }
}
