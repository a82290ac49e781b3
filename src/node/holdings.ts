import type { TimeMs } from "../core/values/height.ts";
import type { StoreSizes } from "./storage/store-sizes.ts";

/** How long one look at the folder serves everybody who asks. */
const LOOK_AGAIN_MS = 60_000;

/** What a node holds on its disk. Anybody may ask, and every file is looked at for an answer. */
export class Holdings {
  readonly #look: () => Promise<StoreSizes>;
  readonly #now: () => TimeMs;
  #newest: { readonly at: TimeMs; readonly sizes: Promise<StoreSizes> } | undefined;

  constructor(look: () => Promise<StoreSizes>, now: () => TimeMs) {
    this.#look = look;
    this.#now = now;
  }

  /** As they were at most a minute ago. Rejects where the folder cannot be read; the next one who asks has it read again. */
  sizes(): Promise<StoreSizes> {
    const at = this.#now();
    if (this.#newest !== undefined && Math.abs(at - this.#newest.at) < LOOK_AGAIN_MS) return this.#newest.sizes;
    const sizes = this.#look();
    const looked = { at, sizes };
    this.#newest = looked;
    sizes.catch(() => {
      if (this.#newest === looked) this.#newest = undefined;
    });
    return sizes;
  }
}
