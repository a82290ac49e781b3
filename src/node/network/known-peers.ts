import type { NodeNetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { TimeMs } from "../../core/values/height.ts";
import { networkOfChainId } from "../../core/values/network.ts";
import { AddressBook } from "../../net/peers/address-book.ts";
import { Bans } from "../../net/peers/bans.ts";
import { ConnectionGate, hostName } from "../../net/peers/connection-gate.ts";
import { parseNodeAddress } from "../../net/peers/peer-addresses.ts";
import { PeerScores, type PeerFault } from "../../net/peers/peer-score.ts";
import { CONNECTIONS_OF_STRANGERS_MAX, PLACES_REMEMBERED_MAX } from "../../wire/limits.ts";
import { readPeerFile, writePeerFile } from "../storage/peer-file.ts";

export interface KnownPeersOptions {
  /** Where peers are kept between runs. */
  readonly file: string;
  readonly chainId: number;
  readonly self: PeerId;
  /** Multiaddrs a person has configured. */
  readonly dial: readonly string[];
  /** Unix time that is never set back. */
  readonly now: () => TimeMs;
  readonly log: (line: string) => void;
  /** Connections that strangers may have open here (NW-16). */
  readonly strangersMax?: number;
}

/** What a node knows of others: where they are (NW-15), and how they have behaved (NW-16). */
export class KnownPeers {
  readonly book: AddressBook;
  readonly gate: ConnectionGate;
  /** Local addresses count: all nodes of a dev network may be on one machine. */
  readonly allowsPrivate: boolean;
  /** The clock of all that is known of peers. */
  readonly now: () => TimeMs;
  readonly #options: KnownPeersOptions;
  readonly #scores = new PeerScores();
  readonly #bans = new Bans();
  /** Peers behind the configured addresses; those without a peer's name are learnt by dialling. */
  readonly #configured: Set<PeerId>;
  /** Where each peer's last connection came from, the newest behind; also of those that have gone. */
  readonly #places = new Map<PeerId, string>();
  #host: NodeNetworkPort | undefined;
  #savedVersion: number;
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: KnownPeersOptions, book: AddressBook, allowsPrivate: boolean) {
    this.#options = options;
    this.now = options.now;
    this.book = book;
    this.allowsPrivate = allowsPrivate;
    this.#savedVersion = book.version;
    this.#configured = new Set(options.dial.flatMap((address) => parseNodeAddress(address)?.peer ?? []));
    this.gate = new ConnectionGate({
      isBanned: (name) => this.isBanned(name),
      isReserved: (peer) => this.#configured.has(peer) || book.isProven(peer),
      strangersMax: options.strangersMax ?? CONNECTIONS_OF_STRANGERS_MAX,
    });
  }

  /** With the peers of earlier runs. */
  static async open(options: KnownPeersOptions): Promise<KnownPeers> {
    const allowsPrivate = networkOfChainId(options.chainId) === "dev";
    const book = new AddressBook({ self: options.self, allowsPrivate });
    book.restore(await readPeerFile(options.file, options.log), options.now());
    return new KnownPeers(options, book, allowsPrivate);
  }

  /** The host whose connections end with a ban; before anybody is connected. */
  attach(host: NodeNetworkPort): void {
    this.#host = host;
    host.onPeer(({ peer, connected }) => {
      if (connected) this.#rememberPlace(peer);
    });
  }

  /** A configured address led to this peer. */
  configured(peer: PeerId): void {
    if (this.#configured.size < this.#options.dial.length * 2) this.#configured.add(peer);
  }

  isBanned(name: string): boolean {
    return this.#bans.isBanned(name, this.now());
  }

  /** Notes what a peer did; enough of it ends its connections and keeps it away for a while, with a line in the log. */
  blame(peer: PeerId, fault: PeerFault): void {
    const now = this.now();
    const host = this.#hostOf(peer);
    const countsHost = host !== undefined && fault !== "wrong_network" && !this.#configured.has(peer);
    const names = countsHost ? [peer, host] : [peer];
    if (this.isBanned(peer) || !this.#scores.add(fault, names, now)) return;
    for (const name of names) this.#bans.ban(name, now);
    this.#options.log(`peer banned [${fault}]: ${peer}`);
    for (const each of this.#host?.peers() ?? []) {
      const isOfHost = countsHost && this.#hostOf(each) === host && !this.#configured.has(each);
      if (each === peer || isOfHost) void this.#host?.hangUp(each).catch(() => undefined);
    }
  }

  /** Keeps what has changed since the last time; a disk that fails costs no more than these peers. */
  async save(): Promise<void> {
    const { file, log } = this.#options;
    this.#saving = this.#saving.then(async () => {
      if (this.#savedVersion === this.book.version) return;
      this.#savedVersion = this.book.version;
      await writePeerFile(file, this.book.entries()).catch(() => log("peers not kept [peer_file_unwritable]"));
    });
    await this.#saving;
  }

  /** Whoever leaves before the verdict is to be found by its host all the same. */
  #rememberPlace(peer: PeerId): void {
    const address = this.#host?.remoteAddress(peer);
    if (address === undefined) return;
    this.#places.delete(peer);
    const [oldest] = this.#places.keys();
    if (this.#places.size >= PLACES_REMEMBERED_MAX && oldest !== undefined) this.#places.delete(oldest);
    this.#places.set(peer, address);
  }

  #hostOf(peer: PeerId): string | undefined {
    const address = this.#host?.remoteAddress(peer) ?? this.#places.get(peer);
    return address === undefined ? undefined : hostName(address);
  }
}
