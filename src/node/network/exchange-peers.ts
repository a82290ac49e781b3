import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { NodeNetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { hostName } from "../../net/peers/connection-gate.ts";
import { decodeAddress, encodeAddress, parseNodeAddress } from "../../net/peers/peer-addresses.ts";
import { isAllowed } from "../../net/peers/address-book.ts";
import { requestOne, requestStream } from "../../net/requests/request.ts";
import { PEERS_ADDRESSES_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeDialBackAnswer, encodeDialBackRequest } from "../../wire/requests/dial-back.ts";
import { decodePeersItem, encodePeersRequest } from "../../wire/requests/peers.ts";
import type { KnownPeers } from "./known-peers.ts";
import { PROBE_MS } from "./serve-dial-back.ts";

const ASK_EVERY_MS = 60_000;
/** While fewer peers than this are connected: they may be looking for each other, too. */
const PEERS_FEW = 8;
const ASK_WHILE_FEW_MS = 5_000;
/** A node that could not find us, or had no time to look, is asked again after so long. */
const CLAIM_AGAIN_MS = 5 * 60_000;
const ROUND_MS = 1_000;
/** For so long everybody gets the same answer: it costs more than asking for it. */
const TOLD_MS = 1_000;
const SAVE_EVERY_MS = 60_000;
const PROBES_RUNNING_MAX = 2;
const ANSWER_MS = 5_000;
/** A look takes up to {@link PROBE_MS} at the other end. */
const CLAIM_ANSWER_MS = PROBE_MS + ANSWER_MS;

/** What was exchanged with one connected node. */
interface Exchange {
  askedMs: number;
  /** When to claim each of our addresses again; an address that was found there is not in it any more. */
  readonly claims: Map<string, number>;
  isBusy: boolean;
}

/**
 * Learns addresses of other nodes from those we are connected to, makes sure of them, and has our own listed (NW-15).
 * Whoever is told of is looked at in its turn; two looks run at once.
 */
export class PeerExchange {
  readonly #network: NodeNetworkPort;
  readonly #peers: KnownPeers;
  readonly #now: () => number;
  readonly #exchanges = new Map<PeerId, Exchange>();
  readonly #probing = new Set<PeerId>();
  #isStopped = false;
  #told: { readonly atMs: number; readonly addresses: readonly Uint8Array[] } = { atMs: -Infinity, addresses: [] };
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  readonly #unlisten: () => void;

  constructor(network: NodeNetworkPort, peers: KnownPeers, now: () => number) {
    this.#network = network;
    this.#peers = peers;
    this.#now = now;
    this.#timers = [setInterval(() => this.#round(), ROUND_MS), setInterval(() => void peers.save(), SAVE_EVERY_MS)];
    this.#unlisten = network.onPeer(({ peer, connected }) => {
      if (!connected) this.#exchanges.delete(peer);
    });
  }

  /** A connected peer is a node of our chain. */
  nodeFound(peer: PeerId): void {
    if (this.#exchanges.has(peer) || !this.#network.peers().includes(peer)) return;
    this.#exchanges.set(peer, { askedMs: -Infinity, claims: new Map(), isBusy: false });
    this.#round();
  }

  /** What `peers` answers: our own addresses and those we have found somebody at, as binary multiaddrs. */
  knownAddresses(): readonly Uint8Array[] {
    const now = this.#now();
    if (now - this.#told.atMs >= TOLD_MS) {
      const known = [...this.#ownAddresses(), ...this.#peers.book.listed(now)].slice(0, PEERS_ADDRESSES_MAX);
      const addresses = known.map(encodeAddress).filter((address) => address !== undefined);
      this.#told = { atMs: now, addresses };
    }
    return this.#told.addresses;
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#unlisten();
  }

  #ownAddresses(): readonly string[] {
    return this.#network.addresses().filter((address) => {
      const parts = parseNodeAddress(address);
      return parts !== undefined && isAllowed(parts, this.#peers.allowsPrivate);
    });
  }

  #round(): void {
    for (const [peer, exchange] of this.#exchanges) void this.#exchange(peer, exchange);
    for (const address of this.#peers.book.due(this.#now())) {
      if (this.#probing.size >= PROBES_RUNNING_MAX) return;
      const peer = parseNodeAddress(address)?.peer;
      if (peer !== undefined && !this.#probing.has(peer)) void this.#probe(peer, address);
    }
  }

  async #exchange(peer: PeerId, exchange: Exchange): Promise<void> {
    if (exchange.isBusy) return;
    exchange.isBusy = true;
    try {
      const isFew = this.#exchanges.size < PEERS_FEW;
      if (this.#now() - exchange.askedMs >= (isFew ? ASK_WHILE_FEW_MS : ASK_EVERY_MS)) {
        exchange.askedMs = this.#now();
        await this.#ask(peer);
      }
      await this.#claim(peer, exchange);
    } catch (error) {
      // Else it has gone, or had no time: the next round, or its next connection, goes on.
      if (error instanceof DecodeError) this.#peers.blame(peer, "malformed_answer");
    }
    exchange.isBusy = false;
  }

  async #ask(peer: PeerId): Promise<void> {
    const { name, asked } = PROTOCOL.peers;
    const times = { firstMs: ANSWER_MS, idleMs: ANSWER_MS };
    let count = 0;
    for await (const frame of requestStream(this.#network, peer, name, asked, encodePeersRequest(), times)) {
      const address = decodeAddress(decodePeersItem(frame));
      if (address !== undefined) this.#peers.book.hear(address, this.#sourceName(peer));
      if (++count === PEERS_ADDRESSES_MAX) return;
    }
  }

  /**
   * Identities cost nothing, so a source is a host, and all who come through a proxy are one; on a dev network, where
   * all are on one host, it is the peer.
   */
  #sourceName(peer: PeerId): string {
    const address = this.#network.remoteAddress(peer);
    const host = address === undefined ? undefined : hostName(address);
    return host ?? (this.#peers.allowsPrivate ? peer : "this machine");
  }

  /** Asks the node to look for us at each of our addresses, one after the other. */
  async #claim(peer: PeerId, { claims }: Exchange): Promise<void> {
    const { name, asked } = PROTOCOL.dialBack;
    for (const address of this.#ownAddresses()) {
      const bytes = encodeAddress(address);
      if (bytes === undefined || (claims.get(address) ?? 0) > this.#now()) continue;
      claims.set(address, this.#now() + CLAIM_AGAIN_MS);
      const request = encodeDialBackRequest(bytes);
      const answer = await requestOne(this.#network, peer, name, asked, request, CLAIM_ANSWER_MS);
      // It looks again by itself from then on.
      if (decodeDialBackAnswer(answer)) claims.set(address, Infinity);
    }
  }

  async #probe(peer: PeerId, address: string): Promise<void> {
    this.#probing.add(peer);
    try {
      await this.#network.probe(address, PROBE_MS);
      this.#peers.book.prove(address, this.#now());
    } catch {
      // Our own stop ends a look, too: that says nothing of the address.
      if (!this.#isStopped) this.#peers.book.fail(address, this.#now());
    }
    this.#probing.delete(peer);
  }
}
