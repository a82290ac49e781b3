import type { FilesView } from "../state/about.svelte.ts";
import { askServiceWorker } from "./ask-service-worker.ts";

const FILE_LIST = "/files.sha256";
/** Caches of the service worker that hold files of the app: see workers/late-files.ts for the second. */
const FILE_CACHES = /precache|^late-files$/;
/** A line as sha256sum prints it. */
const LINE = /^([0-9a-f]{64}) {2}([\w./-]+)$/;

/** Where a page finds what its device holds; without a secure context there is none of it. */
export interface HeldFilesPlatform {
  readonly caches: CacheStorage | undefined;
  /** The service worker that answers for this page. */
  readonly worker: ServiceWorker | undefined;
}

/** Those of a page. */
export function heldFilesPlatformOf(page: Window & typeof globalThis): HeldFilesPlatform {
  const { caches } = page as Partial<Window & typeof globalThis>;
  const { serviceWorker } = page.navigator as Partial<Navigator>;
  return { caches, worker: serviceWorker?.controller ?? undefined };
}

/** What the running version serves from the caches, by their keys: the `kept` must be there, the `late` may. */
interface OwnFiles {
  readonly kept: readonly string[];
  readonly late: readonly string[];
}

/**
 * The fingerprint of this version, and how its files on this device compare with its list. Undefined where the host
 * publishes no list, or nobody has it now.
 */
export async function readHeldFiles({ caches, worker }: HeldFilesPlatform): Promise<FilesView | undefined> {
  const answer = await fetch(FILE_LIST).catch(() => undefined);
  if (answer?.ok !== true) return undefined;
  const text = await answer.text();
  const listed = new Map<string, string>();
  for (const line of text.trimEnd().split("\n")) {
    const [, hash, path] = LINE.exec(line) ?? [];
    if (hash === undefined || path === undefined) return undefined;
    listed.set(`/${path}`, hash);
  }
  const fingerprint = await sha256(new TextEncoder().encode(text));
  if (caches === undefined || worker === undefined) return { fingerprint, heldCount: 0, wrong: [] };
  const own = (await askServiceWorker(worker, { type: "own-files" })) as OwnFiles | undefined;
  return { fingerprint, ...(await compare(caches, own ?? { kept: [], late: [] }, listed)) };
}

/** Only what is served: files of a version that waits, or was not taken, lie in the same caches. */
async function compare(caches: CacheStorage, { kept, late }: OwnFiles, listed: ReadonlyMap<string, string>) {
  const wrong = new Set<string>();
  let heldCount = 0;
  const names = (await caches.keys()).filter((name) => FILE_CACHES.test(name));
  const stores = await Promise.all(names.map((name) => caches.open(name)));
  for (const url of [...kept, ...late]) {
    const { pathname } = new URL(url);
    const found = await Promise.all(stores.map((store) => store.match(url)));
    const held = found.filter((each) => each !== undefined);
    if (held.length === 0 && kept.includes(url)) wrong.add(pathname);
    if (held.length > 0) heldCount += 1;
    for (const each of held) if ((await sha256(await each.arrayBuffer())) !== listed.get(pathname)) wrong.add(pathname);
  }
  return { heldCount, wrong: [...wrong] };
}

async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
