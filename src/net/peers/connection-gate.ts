import type { ConnectionGater, MultiaddrConnection } from "@libp2p/interface";
import type { PeerId } from "../../core/ports/network-port.ts";
import {
  CONNECTIONS_HALF_OPEN_PER_HOST_MAX,
  CONNECTIONS_PER_HOST_MAX,
  CONNECTIONS_PER_PEER_MAX,
} from "../../wire/limits.ts";
import { ipGroup, ipHost, ipReach } from "./ip-range.ts";
import { ipOfAddress, parseNodeAddress } from "./peer-addresses.ts";

/** Who may come in, and whom we dial (NW-16). */
export interface GatePolicy {
  isBanned(name: string): boolean;
  /** A peer whose place strangers cannot take: one we were told to dial, or have found at an address of its own. */
  isReserved(peer: PeerId): boolean;
  /** Connections that strangers may have open here. */
  readonly strangersMax: number;
}

/** Names of the place a connection comes from. */
interface Origin {
  /** See {@link ipHost}. */
  readonly host: string;
  /** See {@link ipGroup}. */
  readonly group: string;
}

/** Decides about connections as they come in; libp2p asks before the handshake, which costs most, and after it. */
export class ConnectionGate {
  readonly #policy: GatePolicy;
  readonly #hosts = new OpenCounts();
  readonly #halfOpen = new OpenCounts();
  readonly #peers = new OpenCounts();
  readonly #strangers = new OpenCounts();
  readonly #strangersOfGroup = new OpenCounts();

  constructor(policy: GatePolicy) {
    this.#policy = policy;
  }

  get strangers(): number {
    return this.#strangers.of("");
  }

  readonly gater: ConnectionGater = {
    denyInboundConnection: (connection) => !this.#admitHost(connection),
    denyInboundEncryptedConnection: (peer, connection) => !this.#admitPeer(peer.toString(), connection),
    denyDialMultiaddr: (address) => this.#refusesDial(address.toString()),
    denyDialPeer: (peer) => this.#policy.isBanned(peer.toString()),
    denyOutboundEncryptedConnection: (peer) => this.#policy.isBanned(peer.toString()),
  };

  #admitHost(connection: MultiaddrConnection): boolean {
    if (connection.status !== "open") return false;
    const origin = this.#originOf(connection);
    if (origin === undefined) return true;
    const { host } = origin;
    const isFull =
      this.#hosts.of(host) >= CONNECTIONS_PER_HOST_MAX || this.#halfOpen.of(host) >= CONNECTIONS_HALF_OPEN_PER_HOST_MAX;
    if (isFull || this.#policy.isBanned(host)) return false;
    this.#hosts.hold(host, connection);
    this.#halfOpen.hold(host, connection);
    return true;
  }

  /** Now we know who it is. */
  #admitPeer(peer: PeerId, connection: MultiaddrConnection): boolean {
    this.#halfOpen.release(connection);
    if (connection.status !== "open" || this.#policy.isBanned(peer)) return false;
    if (this.#peers.of(peer) >= CONNECTIONS_PER_PEER_MAX) return false;
    if (!this.#policy.isReserved(peer) && !this.#admitStranger(connection)) return false;
    this.#peers.hold(peer, connection);
    return true;
  }

  #admitStranger(connection: MultiaddrConnection): boolean {
    const group = this.#originOf(connection)?.group;
    const { strangersMax } = this.#policy;
    if (this.strangers >= strangersMax) return false;
    if (group !== undefined && this.#strangersOfGroup.of(group) >= strangersMax / 4) return false;
    this.#strangers.hold("", connection);
    if (group !== undefined) this.#strangersOfGroup.hold(group, connection);
    return true;
  }

  #refusesDial(address: string): boolean {
    const peer = parseNodeAddress(address)?.peer;
    const host = hostName(address);
    return (peer !== undefined && this.#policy.isBanned(peer)) || (host !== undefined && this.#policy.isBanned(host));
  }

  #originOf(connection: MultiaddrConnection): Origin | undefined {
    const address = connection.remoteAddr.toString();
    const host = hostName(address);
    return host === undefined ? undefined : { host, group: ipGroup(ipOfAddress(address)!) };
  }
}

/**
 * The name a host is counted and banned by; undefined for no IP address, and for this machine: everybody comes from
 * there who comes through a TLS proxy, and all nodes of a dev network.
 */
export function hostName(address: string): string | undefined {
  const ip = ipOfAddress(address);
  return ip === undefined || ipReach(ip) === "loopback" ? undefined : ipHost(ip);
}

/** How many connections are open under a name; each is forgotten when it closes. */
class OpenCounts {
  readonly #counts = new Map<string, number>();
  readonly #names = new WeakMap<MultiaddrConnection, string>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  hold(name: string, connection: MultiaddrConnection): void {
    this.#counts.set(name, this.of(name) + 1);
    this.#names.set(connection, name);
    connection.addEventListener("close", () => this.release(connection), { once: true });
  }

  release(connection: MultiaddrConnection): void {
    const name = this.#names.get(connection);
    if (name === undefined) return;
    this.#names.delete(connection);
    const left = this.of(name) - 1;
    if (left === 0) this.#counts.delete(name);
    else this.#counts.set(name, left);
  }
}
