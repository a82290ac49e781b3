import type { PeerId } from "../../core/ports/network-port.ts";
import { SCORED_NAMES_MAX } from "../../wire/limits.ts";

/** Points for what a peer did (NW-16). At {@link BAN_POINTS} it is banned. Codes are what a log line names. */
export const FAULT_POINTS = {
  /** Blocks with a wrong certificate, or that execute to something else. */
  bad_block: 100,
  /** So many wrong signatures or seats that no honest node passes them on (CO-17). */
  wrong_messages: 100,
  /** No frame of protocol `vote`. */
  malformed_vote: 100,
  /** Of another chain. Not its IP address's fault: another node of that host may be of ours. */
  wrong_network: 100,
  /** No request of a protocol. */
  malformed_request: 34,
  /** No answer of a protocol. */
  malformed_answer: 34,
  /** Gossip that is wrong for every honest node. */
  rejected_gossip: 20,
  /** Claimed a height, and gave no block of it. */
  empty_promise: 20,
  /** A request above its pace (NW-1). */
  too_many_requests: 1,
} as const;

export type PeerFault = keyof typeof FAULT_POINTS;

export const BAN_POINTS = 100;
/** So many points are forgiven in this time. */
const FORGIVEN_MS = 10 * 60_000;

interface Score {
  readonly points: number;
  readonly atMs: number;
}

/**
 * Points of names, peers and hosts alike. They outlast a connection, or whoever is about to be banned would come again
 * unblemished; they fade, so that rare mistakes of an honest peer never add up.
 */
export class PeerScores {
  readonly #scores = new Map<string, Score>();

  /** Adds a fault to each name; true if one of them has enough for a ban. */
  add(fault: PeerFault, names: readonly PeerId[], nowMs: number): boolean {
    return names.map((name) => this.#add(name, FAULT_POINTS[fault], nowMs)).some((points) => points >= BAN_POINTS);
  }

  points(name: string, nowMs: number): number {
    const score = this.#scores.get(name);
    if (score === undefined) return 0;
    return Math.max(0, score.points - ((nowMs - score.atMs) / FORGIVEN_MS) * BAN_POINTS);
  }

  #add(name: string, added: number, nowMs: number): number {
    const points = this.points(name, nowMs) + added;
    this.#scores.delete(name);
    // The oldest goes: it has faded most.
    const [oldest] = this.#scores.keys();
    if (this.#scores.size >= SCORED_NAMES_MAX && oldest !== undefined) this.#scores.delete(oldest);
    this.#scores.set(name, { points, atMs: nowMs });
    return points;
  }
}
