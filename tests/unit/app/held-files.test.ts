import { createHash } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import { readHeldFiles } from "../../../src/app/client/held-files.ts";

const ORIGIN = "https://app.example";
const APP = `${ORIGIN}/assets/app-1.js`;
const PAGE = `${ORIGIN}/index.html?__WB_REVISION__=1`;
const LATE = `${ORIGIN}/assets/reader-1.wasm`;
const OWN = { kept: [APP, PAGE], late: [LATE] };
const RIGHT = { [APP]: "app 1", [PAGE]: "page 1" };

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const LIST = [
  `${sha256("app 1")}  assets/app-1.js\n`,
  `${sha256("reader 1")}  assets/reader-1.wasm\n`,
  `${sha256("page 1")}  index.html\n`,
].join("");

afterEach(() => vi.unstubAllGlobals());

/** A device that holds these texts under these addresses, and a service worker that names its own. */
function read(precache: Record<string, string>, late: Record<string, string> = {}, own: typeof OWN = OWN) {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(LIST)));
  const stores: Record<string, Record<string, string>> = { "precache-v2": precache, "late-files": late, other: RIGHT };
  const storeOf = (name: string) => ({
    match: (url: string) =>
      Promise.resolve(stores[name]?.[url] === undefined ? undefined : new Response(stores[name][url])),
  });
  const caches = {
    keys: () => Promise.resolve(Object.keys(stores)),
    open: (name: string) => Promise.resolve(storeOf(name)),
  } as unknown as CacheStorage;
  const worker = {
    postMessage: (_message: unknown, [port]: [MessagePort]) => port.postMessage(own),
  } as unknown as ServiceWorker;
  return readHeldFiles({ caches, worker });
}

it("all of this version are compared, those it keeps once it needed them among them", async () => {
  const fingerprint = sha256(LIST);
  expect(await read(RIGHT)).toEqual({ fingerprint, heldCount: 2, wrong: [] });
  expect(await read(RIGHT, { [LATE]: "reader 1" })).toEqual({ fingerprint, heldCount: 3, wrong: [] });
});

it("those of a version that waits or could not be installed lie beside them and raise no alarm", async () => {
  const other = { [`${ORIGIN}/assets/app-2.js`]: "app 2", [`${ORIGIN}/index.html?__WB_REVISION__=2`]: "page 2" };
  expect(await read({ ...RIGHT, ...other })).toMatchObject({ heldCount: 2, wrong: [] });
});

it("one that is another than listed, missing, or served and not listed is named", async () => {
  expect(await read({ ...RIGHT, [PAGE]: "page 2" })).toMatchObject({ wrong: ["/index.html"] });
  expect(await read({ [PAGE]: "page 1" })).toMatchObject({ heldCount: 1, wrong: ["/assets/app-1.js"] });
  expect(await read(RIGHT, { [LATE]: "reader 2" })).toMatchObject({ wrong: ["/assets/reader-1.wasm"] });
  const strange = `${ORIGIN}/assets/strange.js`;
  const served = { kept: [...OWN.kept, strange], late: [] };
  expect(await read({ ...RIGHT, [strange]: "" }, {}, served)).toMatchObject({ wrong: ["/assets/strange.js"] });
});

it("without a service worker there is the fingerprint alone", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(LIST)));
  const files = await readHeldFiles({ caches: undefined, worker: undefined });
  expect(files).toEqual({ fingerprint: sha256(LIST), heldCount: 0, wrong: [] });
});
