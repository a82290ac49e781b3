import type { Libp2p } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import type { PeerId } from "../../core/ports/network-port.ts";
import { parseNodeAddress } from "../peers/peer-addresses.ts";
import { connectionStack } from "./connection-stack.ts";

const CONNECTIONS_MAX = 16;
const CLOSE_MS = 500;

/**
 * Looks whether a peer is at an address, as a stranger: an identity of its own, no service, no protocol. What it finds
 * anybody would find, whatever the peer does for those it knows (NW-15).
 */
export class Prober {
  readonly #transports: NonNullable<Libp2pOptions["transports"]>;
  #node: Promise<Libp2p> | undefined;
  #isStopped = false;
  /** The end of the last look at each peer. */
  readonly #looks = new Map<PeerId, Promise<unknown>>();

  constructor(transports: NonNullable<Libp2pOptions["transports"]>) {
    this.#transports = transports;
  }

  /**
   * Rejects unless the peer that the address names is there. One look at a peer at a time: libp2p joins a dial to a
   * running one of the same peer, wherever that one goes, and would find it at every address it claims.
   */
  async probe(address: string, timeoutMs: number): Promise<void> {
    const peer = parseNodeAddress(address)?.peer ?? "";
    const look = (this.#looks.get(peer) ?? Promise.resolve()).then(() => this.#look(address, timeoutMs));
    const end = look.catch(() => undefined);
    this.#looks.set(peer, end);
    try {
      await look;
    } finally {
      if (this.#looks.get(peer) === end) this.#looks.delete(peer);
    }
  }

  async #look(address: string, timeoutMs: number): Promise<void> {
    if (this.#isStopped) throw new Error("stopped");
    this.#node ??= this.#open();
    const node = await this.#node;
    const asked = multiaddr(address);
    const connection = await node.dial(asked, { signal: AbortSignal.timeout(timeoutMs), force: true });
    const { remotePeer: peer, remoteAddr } = connection;
    try {
      await connection.close({ signal: AbortSignal.timeout(CLOSE_MS) });
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error("not closed"));
    }
    await Promise.resolve(node.peerStore.delete(peer)).catch(() => undefined);
    if (!remoteAddr.equals(asked)) throw new Error("found elsewhere");
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const node = await this.#node?.catch(() => undefined);
    for (const connection of node?.getConnections() ?? []) connection.abort(new Error("stopping"));
    await node?.stop();
  }

  #open(): Promise<Libp2p> {
    return createLibp2p({
      ...connectionStack(CONNECTIONS_MAX),
      addresses: { listen: [] },
      transports: this.#transports,
      connectionMonitor: { enabled: false },
    });
  }
}
