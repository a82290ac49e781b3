import type { NetworkView } from "../../api/views.ts";
import type { Session } from "./session.svelte.ts";

const LOOK_AGAIN_MS = 2_000;

/** Nodes and data used, asked for again and again while somebody looks. */
export class NetworkState {
  view = $state.raw<NetworkView>();
  isFailed = $state.raw(false);
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Returns how to stop. */
  watch(): () => void {
    void this.look();
    const timer = setInterval(() => void this.look(), LOOK_AGAIN_MS);
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
}
