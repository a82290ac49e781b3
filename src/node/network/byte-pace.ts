/** Bounds bytes by name: so many at once, and as many a minute from then on. */
export class BytePace {
  readonly #bytesPerMs: number;
  readonly #burstMs = 60_000;
  readonly #nowMs: () => number;
  /** By name, the moment at which all its bytes so far would have been due at the lasting pace. */
  readonly #dueMs = new Map<string, number>();

  /** `nowMs` is steady. */
  constructor(bytesPerMinute: number, nowMs: () => number = () => performance.now()) {
    this.#bytesPerMs = bytesPerMinute / this.#burstMs;
    this.#nowMs = nowMs;
  }

  /** Takes so many bytes, or none and says false. */
  take(name: string, bytes: number): boolean {
    const now = this.#nowMs();
    const due = Math.max(this.#dueMs.get(name) ?? 0, now) + bytes / this.#bytesPerMs;
    if (due - now > this.#burstMs) return false;
    // Whoever leaves and comes again goes on where it was; whoever has waited long enough is forgotten.
    for (const [known, at] of this.#dueMs) {
      if (at > now) break;
      this.#dueMs.delete(known);
    }
    this.#dueMs.delete(name);
    this.#dueMs.set(name, due);
    return true;
  }
}
