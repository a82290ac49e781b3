/** What holds bytes for a peer, and can be ended. */
export interface Holder {
  abort(reason: string): void;
}

/** Within this a phone has sent or read the largest blob. */
const SLOW_MS = 5_000;

/**
 * Bounds what all peers of a protocol together make us hold while they send or read (NW-1). Where it is too much, those go
 * that have been at it for more than five seconds; where there are none, whoever comes last finds no room. So the slow
 * keep nobody out for long, and a crowd of the quick does not end those of it that are nearly through.
 */
export class HeldBytes {
  readonly #bytesMax: number;
  readonly #nowMs: () => number;
  /** In the order in which they began. */
  readonly #holders = new Map<Holder, { readonly sinceMs: number; readonly bytes: number }>();
  #bytes = 0;

  /** `nowMs` is steady. */
  constructor(bytesMax: number, nowMs: () => number = () => performance.now()) {
    this.#bytesMax = bytesMax;
    this.#nowMs = nowMs;
  }

  /** So many from now on, in place of what it held before. False if there is no room: then it holds none. */
  hold(holder: Holder, bytes: number): boolean {
    const now = this.#nowMs();
    const before = this.#holders.get(holder);
    this.#bytes += bytes - (before?.bytes ?? 0);
    this.#holders.set(holder, { sinceMs: before?.sinceMs ?? now, bytes });
    for (const [oldest, { sinceMs }] of this.#holders) {
      if (this.#bytes <= this.#bytesMax || now - sinceMs < SLOW_MS) break;
      this.release(oldest);
      oldest.abort("too slow while others wait");
    }
    if (this.#bytes > this.#bytesMax) this.release(holder);
    return this.#holders.has(holder);
  }

  /** It holds nothing any more. */
  release(holder: Holder): void {
    this.#bytes -= this.#holders.get(holder)?.bytes ?? 0;
    this.#holders.delete(holder);
  }
}
