import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { KERNEL_NAMES } from "../src/core/crypto/backend/kernel/kernel-layout.ts";
import { supportsKernel } from "../src/core/crypto/backend/kernel/supports-kernel.ts";

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

cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST.filter(isForThisDevice));
registerRoute(new NavigationRoute(createHandlerBoundToURL("/index.html"), { denylist: NETWORK_ONLY }));

// A waiting version takes over only when the person said so: src/app/client/service-worker.ts sends this.
self.addEventListener("message", (event) => {
  const message = event.data as { readonly type?: unknown } | null;
  if (message?.type === "take-over") void self.skipWaiting();
});
