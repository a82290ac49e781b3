import type { HistoryRow } from "../../api/views.ts";
import { idsOf, newestArrival } from "./arrivals.ts";
import type { Session } from "./session.svelte.ts";

/** The address on show, and what arrives while it is shown. */
export class ReceiveState {
  address = $state.raw<string>();
  isFresh = $state.raw(false);
  isFailed = $state.raw(false);
  isAsking = $state.raw(false);
  #known = $state.raw<ReadonlySet<string> | undefined>();
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The newest payment that came in since the screen was opened. */
  readonly arrival: HistoryRow | undefined = $derived.by(() => {
    return this.#known === undefined ? undefined : newestArrival(this.#session.history, this.#known);
  });

  /** Called when the screen opens. */
  async open(): Promise<void> {
    // With no history yet, an old payment would look like one that just came in.
    this.#known = this.#session.history && idsOf(this.#session.history);
    this.isFresh = false;
    await this.#ask(false);
  }

  async renew(): Promise<void> {
    this.isFresh = await this.#ask(true);
  }

  clear(): void {
    this.address = undefined;
  }

  async #ask(fresh: boolean): Promise<boolean> {
    this.isAsking = true;
    this.isFailed = false;
    try {
      this.address = await this.#session.client.accounts.address({ fresh });
      return true;
    } catch {
      this.isFailed = true;
      return false;
    } finally {
      this.isAsking = false;
    }
  }
}
