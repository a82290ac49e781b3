import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: (PrecacheEntry | string)[];
};

/** Answered by the network alone: never from a cache, never by the app's page. */
const NETWORK_ONLY = [/^\/network\.json$/, /^\/rpc(\/|$)/, /^\/health$/, /^\/metrics$/, /^\/faucet$/];

cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);
registerRoute(new NavigationRoute(createHandlerBoundToURL("/index.html"), { denylist: NETWORK_ONLY }));

// A waiting version takes over only when the person said so: src/app/client/service-worker.ts sends this.
self.addEventListener("message", (event) => {
  const message = event.data as { readonly type?: unknown } | null;
  if (message?.type === "take-over") void self.skipWaiting();
});
