import type { PeerId } from "../../core/ports/network-port.ts";
import { SnapshotFault } from "../network/fetch-snapshot.ts";
import type { JoinParts } from "./join-snapshot.ts";

/** The connected peers of a node that joins, without those that turned out to be of no use. */
export class SnapshotPeers {
  readonly #parts: JoinParts;
  readonly #left = new Set<PeerId>();
  /** Who brought which range of those that this start has stored. */
  readonly #bringers = new Map<number, PeerId>();

  constructor(parts: JoinParts) {
    this.#parts = parts;
  }

  /** Those that may still be asked. */
  list(): readonly PeerId[] {
    return this.#parts.network.peers().filter((peer) => !this.#left.has(peer));
  }

  /** Has it been left, for whatever reason? */
  hasLeft(peer: PeerId): boolean {
    return this.#left.has(peer);
  }

  brought(range: number, peer: PeerId): void {
    this.#bringers.set(range, peer);
  }

  /** Who brought a range; undefined for one that an earlier start has stored. */
  bringerOf(range: number): PeerId | undefined {
    return this.#bringers.get(range);
  }

  /** The answer of a peer; undefined if it has none, or a false one, which costs it its place. */
  async ask<T>(peer: PeerId, question: () => Promise<T>): Promise<T | undefined> {
    if (this.#left.has(peer)) return undefined;
    try {
      return await question();
    } catch (error) {
      if (error instanceof SnapshotFault) this.lied(peer, error.message);
      else this.#parts.log(`${peer} gave no answer: ${error instanceof Error ? error.message : "unknown"}`);
      return undefined;
    }
  }

  /** What it says can be no honest node's: it is named, and kept away for longer than this join. */
  lied(peer: PeerId, what: string): void {
    if (this.#left.has(peer)) return;
    this.#left.add(peer);
    this.#parts.log(`${peer} gave a false snapshot: ${what}`);
    this.#parts.blame(peer);
  }

  /** It is not asked again in this join; the fault may be the operator's. */
  leave(peer: PeerId, why: string): void {
    if (this.#left.has(peer)) return;
    this.#left.add(peer);
    this.#parts.log(`${peer} is left: ${why}`);
  }
}
