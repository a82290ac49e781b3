import type { PeerId } from "../../core/ports/network-port.ts";
import {
  BOOK_ADDRESSES_MAX,
  BOOK_ADDRESSES_PER_GROUP_MAX,
  BOOK_ADDRESSES_PER_PEER_MAX,
  BOOK_HEARD_PER_SOURCE_MAX,
} from "../../wire/limits.ts";
import { ipGroup, ipReach } from "./ip-range.ts";
import { parseNodeAddress, type NodeAddress } from "./peer-addresses.ts";

/** One address of a node, and what we know of it ourselves. Times are Unix milliseconds. */
export interface KnownAddress {
  readonly address: string;
  /** Who told us first, by the name that limits go by. */
  readonly source: string;
  /** When we last found that peer there, 0 for never: what others say proves nothing (NW-15). */
  readonly provenMs: number;
  readonly triedMs: number;
  /** In a row. */
  readonly failures: number;
}

interface Entry extends KnownAddress {
  readonly parts: NodeAddress;
}

/** Handed on for so long after a proof, and proven anew well before. */
const LISTED_MS = 3 * 60 * 60_000;
const PROVE_AGAIN_MS = 60 * 60_000;
const RETRY_MS = 30_000;
const RETRY_MS_MAX = 60 * 60_000;
/** Tries after which what nobody has ever found is forgotten. */
const UNPROVEN_FAILURES_MAX = 3;
/** What was there once is forgotten after so long, if it has not come back. */
const FORGET_MS = 14 * 24 * 60 * 60_000;

export interface AddressBookOptions {
  readonly self: PeerId;
  /** On a dev network: addresses of local networks and of this machine count. Elsewhere they would reach somebody else. */
  readonly allowsPrivate: boolean;
}

/** Addresses of nodes, bounded in all that strangers can make it hold (NW-15). */
export class AddressBook {
  readonly #options: AddressBookOptions;
  readonly #entries = new Map<string, Entry>();
  /** Grows with every change that is worth keeping. */
  version = 0;

  constructor(options: AddressBookOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): readonly KnownAddress[] {
    return [...this.#entries.values()];
  }

  /** What a file of an earlier run held, under a clock that may have been ahead; today's limits count. */
  restore(known: readonly KnownAddress[], nowMs: number): void {
    for (const each of known) {
      const parts = this.#read(each.address);
      const [provenMs, triedMs] = [Math.min(each.provenMs, nowMs), Math.min(each.triedMs, nowMs)];
      if (parts !== undefined) this.#insert({ ...each, provenMs, triedMs, parts });
    }
  }

  /** Somebody says that a node is there. False if it is not taken: no address for us, or too much from one place. */
  hear(address: string, source: string): boolean {
    if (this.#entries.has(address)) return true;
    const parts = this.#read(address);
    // A name would be looked up wherever its owner likes: only what a person has configured is dialled by name.
    if (parts?.ip === undefined) return false;
    const heard = this.#count((each) => each.provenMs === 0 && each.source === source);
    if (heard >= BOOK_HEARD_PER_SOURCE_MAX) return false;
    return this.#insert({ address, parts, source, provenMs: 0, triedMs: 0, failures: 0 });
  }

  /** A person has configured it, a name perhaps, and the peer behind it is a node of ours: it should be found there. */
  expect(address: string): void {
    const parts = this.#entries.has(address) ? undefined : this.#read(address);
    if (parts !== undefined) this.#insert({ address, parts, source: "own", provenMs: 0, triedMs: 0, failures: 0 });
  }

  /** We found the peer there ourselves. */
  prove(address: string, nowMs: number): void {
    const known = this.#entries.get(address);
    const parts = known?.parts ?? this.#read(address);
    if (parts === undefined) return;
    const proven = { provenMs: nowMs, triedMs: nowMs, failures: 0 };
    this.#insert({ address, source: "own", ...known, parts, ...proven });
  }

  /** Nobody answered there, or somebody else did. */
  fail(address: string, nowMs: number): void {
    const known = this.#entries.get(address);
    if (known === undefined) return;
    const failures = known.failures + 1;
    const isLost = known.provenMs === 0 ? failures >= UNPROVEN_FAILURES_MAX : nowMs - known.provenMs > FORGET_MS;
    this.version++;
    if (isLost) this.#entries.delete(address);
    else this.#entries.set(address, { ...known, triedMs: nowMs, failures });
  }

  /**
   * What may be told to whoever asks: proven not long ago and not failing. Peers found last come first, with all
   * their addresses, since clients and nodes dial different ones.
   */
  listed(nowMs: number): readonly string[] {
    const good = [...this.#entries.values()].filter(
      (each) => each.provenMs > nowMs - LISTED_MS && each.failures < UNPROVEN_FAILURES_MAX,
    );
    const newest = new Map<PeerId, number>();
    for (const { parts, provenMs } of good) newest.set(parts.peer, Math.max(newest.get(parts.peer) ?? 0, provenMs));
    good.sort((left, right) => newest.get(right.parts.peer)! - newest.get(left.parts.peer)!);
    return good.map(({ address }) => address);
  }

  /** Addresses to look at now, never tried ones first: unproven, or proven a while ago. */
  due(nowMs: number): readonly string[] {
    const due = [...this.#entries.values()].filter((each) => {
      return isRested(each, nowMs) && (each.failures > 0 || each.provenMs < nowMs - PROVE_AGAIN_MS);
    });
    return due.sort((left, right) => left.triedMs - right.triedMs).map(({ address }) => address);
  }

  /**
   * Peers to connect to, one address each: those that were found before come first, and of one group of addresses only
   * as many as asked for, so that no crowd from one provider is all we know.
   */
  candidates(
    nowMs: number,
    perGroup: number,
    taken: (peer: PeerId) => boolean,
    takenGroups: ReadonlyMap<string, number>,
  ): readonly string[] {
    const groups = new Map(takenGroups);
    const chosen = new Map<PeerId, string>();
    const rested = [...this.#entries.values()].filter((each) => isRested(each, nowMs) && !taken(each.parts.peer));
    rested.sort(
      (left, right) =>
        Number(right.provenMs > 0) - Number(left.provenMs > 0) ||
        left.failures - right.failures ||
        Number(right.parts.transport === "tcp") - Number(left.parts.transport === "tcp") ||
        left.triedMs - right.triedMs,
    );
    for (const { address, parts } of rested) {
      const group = groupOf(parts);
      const count = group === undefined ? 0 : (groups.get(group) ?? 0);
      if (chosen.has(parts.peer) || count >= perGroup) continue;
      if (group !== undefined) groups.set(group, count + 1);
      chosen.set(parts.peer, address);
    }
    return [...chosen.values()];
  }

  /** Has this peer been found by us at an address of its own? */
  isProven(peer: PeerId): boolean {
    return [...this.#entries.values()].some((each) => each.parts.peer === peer && each.provenMs > 0);
  }

  #read(address: string): NodeAddress | undefined {
    const parts = parseNodeAddress(address);
    if (parts === undefined || parts.peer === this.#options.self) return undefined;
    return isAllowed(parts, this.#options.allowsPrivate) ? parts : undefined;
  }

  #count(matches: (entry: Entry) => boolean): number {
    return [...this.#entries.values()].filter(matches).length;
  }

  #insert(entry: Entry): boolean {
    if (!this.#entries.has(entry.address) && !this.#hasRoom(entry)) return false;
    this.#entries.set(entry.address, entry);
    this.version++;
    return true;
  }

  /** Makes room where it must; what is proven never goes for what is not. */
  #hasRoom({ parts, provenMs }: Entry): boolean {
    const isProven = provenMs > 0;
    const group = groupOf(parts);
    const isSamePeer = (each: Entry): boolean => each.parts.peer === parts.peer;
    const isSameGroup = (each: Entry): boolean => group !== undefined && groupOf(each.parts) === group;
    return (
      this.#thinOut(isSamePeer, BOOK_ADDRESSES_PER_PEER_MAX, isProven) &&
      this.#thinOut(isSameGroup, BOOK_ADDRESSES_PER_GROUP_MAX, isProven) &&
      this.#thinOut(() => true, BOOK_ADDRESSES_MAX, isProven)
    );
  }

  /** True once fewer than so many match; gives up the worst one for that, if it is worse than what comes. */
  #thinOut(matches: (entry: Entry) => boolean, countMax: number, isProven: boolean): boolean {
    const found = [...this.#entries.values()].filter(matches);
    if (found.length < countMax) return true;
    const worst = found.reduce((left, right) => (isWorse(right, left) ? right : left));
    const canGo = worst.provenMs === 0 ? isProven || worst.failures > 0 : isProven && worst.failures > 0;
    if (canGo) this.#entries.delete(worst.address);
    return canGo;
  }
}

/** May this address be dialled on this network? Names are for who configured them. */
export function isAllowed({ ip }: NodeAddress, allowsPrivate: boolean): boolean {
  if (ip === undefined) return true;
  const reach = ipReach(ip);
  return reach === "public" || (allowsPrivate && reach !== "none");
}

/** The group an address counts in; addresses of local networks and names are in none. */
export function groupOf({ ip }: NodeAddress): string | undefined {
  return ip !== undefined && ipReach(ip) === "public" ? ipGroup(ip) : undefined;
}

function isRested({ failures, triedMs }: KnownAddress, nowMs: number): boolean {
  return failures === 0 || nowMs - triedMs >= Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MS_MAX);
}

function isWorse(left: Entry, right: Entry): boolean {
  const [isLeftProven, isRightProven] = [left.provenMs > 0, right.provenMs > 0];
  if (isLeftProven !== isRightProven) return isRightProven;
  return left.failures === right.failures ? left.provenMs < right.provenMs : left.failures > right.failures;
}
