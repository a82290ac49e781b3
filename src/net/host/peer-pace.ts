/**
 * Lets each name, of a peer or of a host, have so many bytes a second and no more, with a burst of one second (NW-1). It
 * does not hear who leaves: whoever comes again at once goes on where he was, and a name is forgotten when its time has
 * passed.
 */
export class PeerPace {
  readonly #bytesPerS: number;
  /** Per name, the moment at which everything granted so far will have been paid for. */
  readonly #paidAtMs = new Map<string, number>();

  constructor(bytesPerS: number) {
    this.#bytesPerS = bytesPerS;
  }

  /** Waits until the name may have this many bytes more. */
  async take(name: string, size: number): Promise<void> {
    const waitMs = this.grant(name, size);
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  /** Lets the name have this many bytes, and says for how long it should get none after them: milliseconds, or 0. */
  grant(name: string, size: number): number {
    const nowMs = performance.now();
    for (const [known, paidMs] of this.#paidAtMs) {
      if (paidMs > nowMs) break;
      this.#paidAtMs.delete(known);
    }
    const paidAtMs = Math.max(this.#paidAtMs.get(name) ?? 0, nowMs) + (size / this.#bytesPerS) * 1000;
    // Behind all others, so that those whose time has passed gather in front.
    this.#paidAtMs.delete(name);
    this.#paidAtMs.set(name, paidAtMs);
    return Math.max(0, paidAtMs - nowMs - 1000);
  }
}
