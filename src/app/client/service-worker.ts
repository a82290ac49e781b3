import type { UpdateSource } from "../state/update.svelte.ts";

const SERVICE_WORKER_URL = "/service.worker.js";
/** What the page tells a waiting version when the person said yes; workers/service.worker.ts listens for it. */
const TAKE_OVER = { type: "take-over" };

/** Keeps the app on this device and offers new versions. Without service workers every load simply is the newest. */
export function watchServiceWorker(container: ServiceWorkerContainer | undefined, reload: () => void): UpdateSource {
  let registration: ServiceWorkerRegistration | undefined;

  async function register(onReady: () => void): Promise<void> {
    if (container === undefined) return;
    try {
      registration = await container.register(SERVICE_WORKER_URL);
    } catch {
      // Private windows and plain http refuse it; the app works all the same while online.
      return;
    }
    const found = registration;
    // The first version of all installs without a predecessor: that is no update.
    const offer = (): void => {
      if (found.waiting !== null && container.controller !== null) onReady();
    };
    offer();
    found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", offer));
  }

  async function newest(): Promise<ServiceWorker | null> {
    if (registration === undefined) return null;
    if (registration.waiting === null) await registration.update();
    const { installing } = registration;
    if (installing !== null && registration.waiting === null) {
      await new Promise<void>((resolve) => installing.addEventListener("statechange", () => resolve(), { once: true }));
    }
    return registration.waiting;
  }

  return {
    watch: (onReady) => void register(onReady),
    async apply() {
      const waiting = await newest().catch(() => null);
      if (waiting === null || container === undefined) {
        reload();
        return;
      }
      container.addEventListener("controllerchange", reload, { once: true });
      waiting.postMessage(TAKE_OVER);
    },
  };
}
