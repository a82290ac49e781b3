import type { Draft, UpdateFinding, UpdateSource } from "../state/update.svelte.ts";
import { HeldDrafts } from "./held-drafts.ts";
import { registerServiceWorker } from "./register-service-worker.ts";

/** What the page tells a waiting version when the person said yes; workers/service.worker.ts listens for it. */
const TAKE_OVER = { type: "take-over" };
/** A browser looks for a newer version when a page is loaded. An installed app may be open for weeks. */
const CHECK_AGAIN_MS = 60 * 60_000;

/** The parts of the browser that updates need. */
export interface UpdatePlatform {
  /** Undefined where there are no service workers: every load is then the newest version. */
  readonly container: ServiceWorkerContainer | undefined;
  readonly page: Pick<Document, "visibilityState" | "addEventListener">;
  /** Outlives a reload of the tab, and holds nothing but a random name. */
  readonly session: Pick<Storage, "getItem" | "setItem" | "removeItem"> | undefined;
  readonly reload: () => void;
  readonly now: () => number;
}

/** Keeps the app on this device and offers new versions. */
export function watchServiceWorker({ container, page, session, reload, now }: UpdatePlatform): UpdateSource {
  const drafts = new HeldDrafts(session);
  let registration: ServiceWorkerRegistration | undefined;
  let isTakingOver = false;
  let checkedAt = now();

  async function register(onReady: () => void): Promise<void> {
    if (container === undefined) return;
    // The first version of all installs without a predecessor: that is no update.
    let hasPredecessor = container.controller !== null;
    container.addEventListener("controllerchange", () => {
      // Another tab has updated: this page goes on, but files that it has not loaded yet are gone.
      if (hasPredecessor && !isTakingOver) onReady();
      hasPredecessor = true;
    });
    registration = await registerServiceWorker(container);
    if (registration === undefined) return;
    const found = registration;
    const offer = (): void => {
      if (found.waiting !== null && container.controller !== null) onReady();
    };
    offer();
    found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", offer));
    page.addEventListener("visibilitychange", () => {
      if (page.visibilityState === "visible" && now() - checkedAt >= CHECK_AGAIN_MS) void check();
    });
  }

  async function check(): Promise<UpdateFinding> {
    if (registration === undefined) return "newest";
    checkedAt = now();
    try {
      await registration.update();
    } catch {
      return "failed";
    }
    const { installing } = registration;
    // Without a page under control this is the first version.
    if (installing !== null && container?.controller !== null && !(await isInstalled(installing))) return "failed";
    return registration.waiting === null ? "newest" : "ready";
  }

  return {
    watch: (onReady) => void register(onReady),
    check,
    async apply(draft: Draft) {
      if (registration !== undefined && registration.waiting === null) await check();
      const waiting = registration?.waiting ?? undefined;
      const next = waiting ?? container?.controller ?? undefined;
      if (next !== undefined) await drafts.hold(next, draft);
      if (waiting === undefined || container === undefined) {
        reload();
        return;
      }
      isTakingOver = true;
      container.addEventListener("controllerchange", reload, { once: true });
      waiting.postMessage(TAKE_OVER);
    },
    async reload(draft: Draft) {
      const { controller } = container ?? {};
      if (controller) await drafts.hold(controller, draft);
      reload();
    },
    takeDraft: () => drafts.take(container?.controller ?? undefined),
  };
}

/** False if a file of it was missing, not what it should be, or had no room. */
async function isInstalled(worker: ServiceWorker): Promise<boolean> {
  while (worker.state === "installing")
    await new Promise<void>((resolve) => worker.addEventListener("statechange", () => resolve(), { once: true }));
  return worker.state !== "redundant";
}
