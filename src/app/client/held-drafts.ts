import type { Draft } from "../state/update.svelte.ts";

const NAME_KEY = "held-draft";
/** A worker that does not answer holds nobody up. */
const ANSWER_MS = 2_000;

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
    await ask(worker, { type: "hold-draft", name, draft });
  }

  /** Nobody gets it a second time. */
  async take(worker: ServiceWorker | undefined): Promise<Draft | undefined> {
    const name = this.#session?.getItem(NAME_KEY) ?? null;
    if (name === null) return undefined;
    this.#session?.removeItem(NAME_KEY);
    return worker === undefined ? undefined : ((await ask(worker, { type: "take-draft", name })) as Draft | undefined);
  }
}

function ask(worker: ServiceWorker, message: object): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(undefined), ANSWER_MS);
    const finish = (answer: unknown): void => {
      clearTimeout(timer);
      port1.close();
      resolve(answer);
    };
    port1.onmessage = ({ data }: MessageEvent<unknown>) => finish(data);
    worker.postMessage(message, [port2]);
  });
}
