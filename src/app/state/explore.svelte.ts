import type { RecentView } from "../../api/explorer.ts";
import type { ChainView, NetworkView } from "../../api/views.ts";
import type { Session } from "./session.svelte.ts";

const LOOK_AGAIN_MS = 4_000;

/** How the chain stands, asked for again and again while somebody looks. What was read last stays when nobody answers. */
export class ExploreState {
  /** What the node behind the page says. */
  view = $state.raw<ChainView>();
  isFailed = $state.raw(false);
  /** What this device has verified itself. */
  recent = $state.raw<RecentView>();
  network = $state.raw<NetworkView>();
  isNetworkFailed = $state.raw(false);
  readonly #session: Session;
  #isAsking = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Returns how to stop. */
  watch(): () => void {
    const look = (): void => {
      void this.look();
      void this.lookHere();
    };
    look();
    const timer = setInterval(look, LOOK_AGAIN_MS);
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

  /** What needs no answer from anybody. */
  async lookHere(): Promise<void> {
    const { explorer, views } = this.#session.client;
    const [recent, network] = await Promise.all([
      explorer.recent().catch(() => undefined),
      views.network().catch(() => undefined),
    ]);
    if (recent !== undefined) this.recent = recent;
    if (network !== undefined) this.network = network;
    this.isNetworkFailed = network === undefined;
  }
}
