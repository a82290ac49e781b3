import type { NetworkView } from "../../api/views.ts";
import type { Session } from "./session.svelte.ts";

const LOOK_AGAIN_MS = 2_000;

/** Nodes and data used, asked for again and again while somebody looks; what computes here, until it is known. */
export class NetworkState {
  view = $state.raw<NetworkView>();
  isFailed = $state.raw(false);
  /** Name of the curve backend. */
  backend = $state.raw<string>();
  readonly #session: Session;
  #isAsking = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Returns how to stop. */
  watch(): () => void {
    const look = (): void => {
      void this.look();
      void this.lookForBackend();
    };
    look();
    const timer = setInterval(look, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }

  async look(): Promise<void> {
    try {
      this.view = await this.#session.client.views.network();
      this.isFailed = false;
    } catch {
      this.isFailed = true;
    }
  }

  /** A worker answers, and each question keeps it from its end: none is asked while one is open, or after the answer. */
  async lookForBackend(): Promise<void> {
    if (this.backend !== undefined || this.#isAsking) return;
    this.#isAsking = true;
    this.backend = await this.#session.client.views.backend().catch(() => undefined);
    this.#isAsking = false;
  }
}
