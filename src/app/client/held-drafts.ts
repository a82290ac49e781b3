import type { Draft } from "../state/update.svelte.ts";
import { askServiceWorker } from "./ask-service-worker.ts";

const NAME_KEY = "held-draft";

/**
 * What a person has half written survives a reload in the memory of the service worker. It is never stored: names,
 * sums and notes lie nowhere in plain.
 */
export class HeldDrafts {
  readonly #session: Pick<Storage, "getItem" | "setItem" | "removeItem"> | undefined;

  constructor(session: Pick<Storage, "getItem" | "setItem" | "removeItem"> | undefined) {
    this.#session = session;
  }

  async hold(worker: ServiceWorker, draft: Draft): Promise<void> {
    if (this.#session === undefined || Object.values(draft).every((text) => text === "")) return;
    const name = crypto.randomUUID();
    try {
      this.#session.setItem(NAME_KEY, name);
    } catch {
      return;
    }
    await askServiceWorker(worker, { type: "hold-draft", name, draft });
  }

  /** Nobody gets it a second time. */
  async take(worker: ServiceWorker | undefined): Promise<Draft | undefined> {
    const name = this.#session?.getItem(NAME_KEY) ?? null;
    if (name === null) return undefined;
    this.#session?.removeItem(NAME_KEY);
    return worker === undefined
      ? undefined
      : ((await askServiceWorker(worker, { type: "take-draft", name })) as Draft | undefined);
  }
}
