/** Waits kept: enough for a median that follows the present. */
const TIMES_MAX = 256;

/** How long the newest transactions waited between arriving here and being final, in ms. */
export class FinalityTimes {
  #times: number[] = [];
  #count = 0;

  add(waitedMs: readonly number[]): void {
    this.#count += waitedMs.length;
    this.#times = [...this.#times, ...waitedMs].slice(-TIMES_MAX);
  }

  /** Transactions counted since the start. */
  get count(): number {
    return this.#count;
  }

  /** The share-th smallest of the newest waits, 0.5 for the median; undefined before the first. */
  quantile(share: number): number | undefined {
    const sorted = [...this.#times].sort((left, right) => left - right);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
