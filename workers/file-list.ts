import type { PrecacheEntry } from "workbox-precaching";
import { formatHex } from "../src/core/bytes/hex.ts";

/** The hashes of all files, the service worker's among them: it cannot be in the precache, which that one names. */
const FILE_LIST = "/files.sha256";
const CACHE = "file-list";

/**
 * The list of this version's files, kept under a name of its own: while this version waits, the one before it answers
 * from its own list, and a version that comes to nothing takes nobody's away.
 */
export class FileList {
  readonly #entries: readonly (PrecacheEntry | string)[];
  readonly #origin: string;

  /** `entries`: all that the build names of this version. */
  constructor(entries: readonly (PrecacheEntry | string)[], origin: string) {
    this.#entries = entries;
    this.#origin = origin;
  }

  isAt(url: URL): boolean {
    return url.pathname === FILE_LIST;
  }

  /** While this version is installed. Hosts may leave the list out: About then says that there is none. */
  async keep(): Promise<void> {
    await this.#fetch().catch(() => undefined);
  }

  /** As it was kept; else what the host has now, unless that is another version's. */
  async answer(): Promise<Response> {
    const cache = await caches.open(CACHE);
    return (await cache.match(await this.#key())) ?? (await this.#fetch());
  }

  /** Once this version has taken over, nobody asks for another's. */
  async dropOthers(): Promise<void> {
    const cache = await caches.open(CACHE);
    const own = await this.#key();
    for (const { url } of await cache.keys()) if (url !== own) await cache.delete(url);
  }

  async #fetch(): Promise<Response> {
    const answer = await fetch(FILE_LIST, { cache: "no-store" });
    if (!answer.ok) return answer;
    const text = await answer.clone().text();
    const paths = this.#entries.map((entry) => (typeof entry === "string" ? entry : entry.url));
    // The host may have put up another version meanwhile.
    if (!paths.every((path) => text.includes(`  ${path}\n`))) return new Response(null, { status: 404 });
    const cache = await caches.open(CACHE);
    // Without room it is fetched again when somebody asks.
    await cache.put(await this.#key(), answer.clone()).catch(() => undefined);
    return answer;
  }

  async #key(): Promise<string> {
    const names = new TextEncoder().encode(JSON.stringify(this.#entries));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", names));
    return new URL(`${FILE_LIST}?of=${formatHex(digest)}`, this.#origin).href;
  }
}
