import type { PrecacheEntry } from "workbox-precaching";

/**
 * Fetched when it is first needed, and kept from then on: the slow reader of codes. It is a third of all that is
 * published, and most people never meet a code that `qr` or the browser's own reader cannot read.
 */
const LATE = /(^|\/)zxing_reader-[^/]*\.wasm$/;

/** src/app/client/held-files.ts looks into it, too. */
const CACHE = "late-files";

/** What the build names of each such file: where it is and what it must be. */
interface LateEntry extends PrecacheEntry {
  readonly integrity: string;
}

export function isLateFile(entry: PrecacheEntry | string): entry is LateEntry {
  return typeof entry !== "string" && entry.integrity !== undefined && LATE.test(entry.url);
}

/** Files of this version that a device keeps once it has needed them. */
export class LateFiles {
  readonly #integrity: ReadonlyMap<string, string>;

  constructor(entries: readonly LateEntry[], origin: string) {
    this.#integrity = new Map(entries.map(({ url, integrity }) => [new URL(url, origin).href, integrity]));
  }

  /** Where they are, fetched or not. */
  get urls(): readonly string[] {
    return [...this.#integrity.keys()];
  }

  has(url: string): boolean {
    return this.#integrity.has(url);
  }

  /** As it is kept, else from the network: with any other content than the build's it is refused, as offline. */
  async answer(url: string, keep: (work: Promise<unknown>) => void): Promise<Response> {
    const cache = await caches.open(CACHE);
    const kept = await cache.match(url);
    if (kept !== undefined) return kept;
    const answer = await fetch(url, { integrity: this.#integrity.get(url) ?? "" });
    // Without room it is fetched again next time.
    if (answer.ok) keep(cache.put(url, answer.clone()).catch(() => undefined));
    return answer;
  }

  /** The names of files change with their content: what this version does not name, nobody asks for. */
  async dropOthers(): Promise<void> {
    const cache = await caches.open(CACHE);
    for (const { url } of await cache.keys()) if (!this.has(url)) await cache.delete(url);
  }
}
