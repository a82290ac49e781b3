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

/** Asks before each change of a database; a change that is given an error fails. Ends with the function it returns. */
export function interceptChanges(refuse: () => DOMException | undefined): () => void {
  const proto = IDBObjectStore.prototype as unknown as Record<string, (...given: unknown[]) => unknown>;
  const originals = METHODS.map((name) => [name, proto[name]!] as const);
  for (const [name, original] of originals) {
    proto[name] = function (this: IDBObjectStore, ...given: unknown[]): unknown {
      const error = refuse();
      if (error === undefined) return original.apply(this, given);
      // All of it is undone, as after a kill and where there is no room.
      this.transaction.abort();
      throw error;
    };
  }
  return () => {
    for (const [name, original] of originals) proto[name] = original;
  };
}
