import type { FilesView } from "../state/about.svelte.ts";

const FILE_LIST = "/files.sha256";
/** Caches of the service worker that hold files of the app: see workers/late-files.ts for the second. */
const FILE_CACHES = /precache|^late-files$/;
/** A line as sha256sum prints it. */
const LINE = /^([0-9a-f]{64}) {2}([\w./-]+)$/;

/**
 * The fingerprint of this version, and how the files that this device holds compare with its list. Undefined where the
 * host publishes no list, or nobody has it now.
 */
export async function readHeldFiles(caches: CacheStorage | undefined): Promise<FilesView | undefined> {
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
  return { fingerprint, ...(await compare(caches, listed)) };
}

async function compare(caches: CacheStorage | undefined, listed: ReadonlyMap<string, string>) {
  const wrong: string[] = [];
  let heldCount = 0;
  const names = (await caches?.keys()) ?? [];
  for (const name of names.filter((each) => FILE_CACHES.test(each))) {
    const cache = await caches!.open(name);
    for (const request of await cache.keys()) {
      const held = await cache.match(request);
      const { pathname } = new URL(request.url);
      heldCount += 1;
      if (held === undefined || (await sha256(await held.arrayBuffer())) !== listed.get(pathname)) wrong.push(pathname);
    }
  }
  return { heldCount, wrong };
}

async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
