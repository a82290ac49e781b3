import type { PeerId } from "../../core/ports/network-port.ts";

/** Lets each peer have so many bytes a second and no more, with a burst of one second (NW-1). */
export class PeerPace {
  readonly #bytesPerS: number;
  /** Per peer, the moment at which everything granted so far will have been paid for. */
  readonly #paidAtMs = new Map<PeerId, number>();

  constructor(bytesPerS: number) {
    this.#bytesPerS = bytesPerS;
  }

  /** Waits until the peer may have this many bytes more. */
  async take(peer: PeerId, size: number): Promise<void> {
    const nowMs = performance.now();
    const paidAtMs = Math.max(this.#paidAtMs.get(peer) ?? 0, nowMs) + (size / this.#bytesPerS) * 1000;
    this.#paidAtMs.set(peer, paidAtMs);
    const waitMs = paidAtMs - nowMs - 1000;
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  forget(peer: PeerId): void {
    this.#paidAtMs.delete(peer);
  }
}
