import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  getCacheKeyForURL,
  type PrecacheEntry,
  precacheAndRoute,
} from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { KERNEL_NAMES } from "../src/core/crypto/backend/kernel/kernel-layout.ts";
import { supportsKernel } from "../src/core/crypto/backend/kernel/supports-kernel.ts";
import { FileList } from "./file-list.ts";
import { isLateFile, LateFiles } from "./late-files.ts";

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: (PrecacheEntry | string)[];
};

/** Answered by the network alone: never from a cache, never by the app's page. */
const NETWORK_ONLY = [/^\/network\.json$/, /^\/rpc(\/|$)/, /^\/health$/, /^\/metrics$/, /^\/faucet$/];

/** Of the builds of the curve kernel, the one that this device will run. */
const KERNEL = /\/_virtual_curve-kernel-([a-z]+)-[^/]*\.js$/;
const ownKernel = KERNEL_NAMES.find(supportsKernel);

function isForThisDevice(entry: PrecacheEntry | string): boolean {
  const kernel = KERNEL.exec(typeof entry === "string" ? entry : entry.url)?.[1];
  return kernel === undefined || kernel === ownKernel;
}

const allEntries = self.__WB_MANIFEST;
const entries = allEntries.filter(isForThisDevice);
const keptEntries = entries.filter((entry) => !isLateFile(entry));
cleanupOutdatedCaches();
// `?lang=` and the like change nothing of a file.
precacheAndRoute(keptEntries, { ignoreURLParametersMatching: [/./] });
const lateFiles = new LateFiles(entries.filter(isLateFile), self.location.origin);
registerRoute(
  ({ url }) => lateFiles.has(url.href),
  ({ request, event }) => lateFiles.answer(request.url, (work) => event.waitUntil(work)),
);
registerRoute(new NavigationRoute(createHandlerBoundToURL("/index.html"), { denylist: NETWORK_ONLY }));

const fileList = new FileList(allEntries, self.location.origin);
registerRoute(
  ({ sameOrigin, url }) => sameOrigin && fileList.isAt(url),
  () => fileList.answer(),
);
self.addEventListener("install", (event) => event.waitUntil(fileList.keep()));
self.addEventListener("activate", (event) => event.waitUntil(fileList.dropOthers()));
self.addEventListener("activate", (event) => event.waitUntil(lateFiles.dropOthers()));
// The page of the first visit may go offline as well.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/**
 * Under which addresses the caches hold what this version serves. Beside them lie the files of a version that waits,
 * or of one that could not be installed whole. src/app/client/held-files.ts compares them with the list.
 */
function ownFiles(): { readonly kept: readonly string[]; readonly late: readonly string[] } {
  const kept = keptEntries.flatMap((entry) => getCacheKeyForURL(typeof entry === "string" ? entry : entry.url) ?? []);
  return { kept, late: lateFiles.urls };
}

/** What pages have half written while they load again, by a random name. In memory alone: see HeldDrafts in src/app. */
const drafts = new Map<string, unknown>();
const DRAFTS_MAX = 16;
/** A browser ends a service worker that has nothing to do; while a page is on its way, this one has. */
const HOLD_MS = 60_000;

type Message =
  | { readonly type: "take-over" }
  | { readonly type: "own-files" }
  | { readonly type: "hold-draft"; readonly name: string; readonly draft: unknown }
  | { readonly type: "take-draft"; readonly name: string };

// Only pages of this origin can send anything here.
self.addEventListener("message", (event) => {
  const message = event.data as Message;
  switch (message.type) {
    // A waiting version takes over only when the person said so: src/app/client/service-worker.ts sends this.
    case "take-over":
      event.waitUntil(self.skipWaiting());
      return;
    case "own-files":
      event.ports[0]?.postMessage(ownFiles());
      return;
    case "hold-draft":
      if (drafts.size < DRAFTS_MAX) drafts.set(message.name, message.draft);
      event.waitUntil(untilTaken(message.name));
      event.ports[0]?.postMessage(undefined);
      return;
    case "take-draft":
      event.ports[0]?.postMessage(drafts.get(message.name));
      drafts.delete(message.name);
      onTaken.get(message.name)?.();
  }
});

const onTaken = new Map<string, () => void>();

async function untilTaken(name: string): Promise<void> {
  await new Promise<void>((resolve) => {
    onTaken.set(name, resolve);
    setTimeout(resolve, HOLD_MS);
  });
  onTaken.delete(name);
  drafts.delete(name);
}
