import type { ChainView } from "../../api/views.ts";
import type { Session } from "./session.svelte.ts";

const LOOK_AGAIN_MS = 4_000;

/** How the chain stands, asked for again and again while somebody looks. What was read last stays when nobody answers. */
export class ExploreState {
  view = $state.raw<ChainView>();
  isFailed = $state.raw(false);
  readonly #session: Session;
  #isAsking = false;

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
    if (this.#isAsking) return;
    this.#isAsking = true;
    const view = await this.#session.client.views.chain().catch(() => undefined);
    this.#isAsking = false;
    if (view !== undefined) this.view = view;
    this.isFailed = view === undefined;
  }
}
