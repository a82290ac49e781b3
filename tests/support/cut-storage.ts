import "fake-indexeddb/auto";

/** Where a device may end: every place has a number, in the order in which a life comes by. */
export class CutPlan {
  /** Places passed since the plan began. */
  passed = 0;
  readonly #cuts: readonly number[];
  #isArmed = false;

  /** Cuts at these places; at none to count them. */
  constructor(cuts: readonly number[]) {
    this.#cuts = cuts;
  }

  /** From here on places count. */
  begin(): void {
    this.#isArmed = true;
  }

  end(): void {
    this.#isArmed = false;
  }

  /** Whether the device ends at this very place. */
  isCutHere(): boolean {
    return this.#isArmed && this.#cuts.includes(this.passed++);
  }
}

const METHODS = ["put", "delete", "clear"] as const;

/**
 * Lets a database of its own stand behind `indexedDB` whose transactions end unfinished where the plan says so: all of
 * it is undone, as after a kill, and `cut` hears of it. Ends with the function that is returned.
 */
export function cutStorage(plan: CutPlan, cut: () => void): () => void {
  const proto = IDBObjectStore.prototype as unknown as Record<string, (...given: unknown[]) => unknown>;
  const originals = METHODS.map((name) => [name, proto[name]!] as const);
  for (const [name, original] of originals) {
    proto[name] = function (this: IDBObjectStore, ...given: unknown[]): unknown {
      if (plan.isCutHere()) {
        cut();
        this.transaction.abort();
        throw new DOMException("cut", "AbortError");
      }
      return original.apply(this, given);
    };
  }
  return () => {
    for (const [name, original] of originals) proto[name] = original;
  };
}
