import type { PeerId } from "../../core/ports/network-port.ts";
import type { Judge } from "../../net/gossip/topic-validator.ts";
import { REQUESTS_BURST_MAX, REQUESTS_PER_S_MAX } from "../../wire/limits.ts";

/** What those who serve peers tell of them. */
export interface RequestFaults {
  malformed(peer: PeerId): void;
  tooMany(peer: PeerId): void;
  /** Gossip, or a transaction handed in, that is wrong for every honest node. */
  rejected(peer: PeerId): void;
}

const BURST_MS = (REQUESTS_BURST_MAX / REQUESTS_PER_S_MAX) * 1_000;

/** Bounds how many questions one peer may ask, and hears of what is wrong with what it sends (NW-1, NW-16). */
export class RequestGuard {
  readonly #faults: RequestFaults;
  readonly #nowMs: () => number;
  /** Per peer, the moment at which all its requests so far would have been due at the lasting pace. */
  readonly #dueMs = new Map<PeerId, number>();

  constructor(faults: RequestFaults, nowMs: () => number = () => performance.now()) {
    this.#faults = faults;
    this.#nowMs = nowMs;
  }

  /** False where the asker is to hear that it asks too much. */
  admits(peer: PeerId): boolean {
    const now = this.#nowMs();
    const due = Math.max(this.#dueMs.get(peer) ?? 0, now) + 1_000 / REQUESTS_PER_S_MAX;
    if (due - now > BURST_MS) {
      this.#faults.tooMany(peer);
      return false;
    }
    // Whoever leaves and comes again goes on where it was; whoever has waited long enough is forgotten.
    for (const [name, at] of this.#dueMs) {
      if (at > now) break;
      this.#dueMs.delete(name);
    }
    this.#dueMs.delete(peer);
    this.#dueMs.set(peer, due);
    return true;
  }

  malformed(peer: PeerId): void {
    this.#faults.malformed(peer);
  }

  rejected(peer: PeerId): void {
    this.#faults.rejected(peer);
  }

  /** A judge whose rejections are heard of. */
  judged(judge: Judge): Judge {
    return async (bytes, from) => {
      const verdict = await judge(bytes, from);
      if (verdict.verdict === "reject") this.#faults.rejected(from);
      return verdict;
    };
  }
}
