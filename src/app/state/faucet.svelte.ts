import type { FaucetResult } from "../../api/client-api.ts";
import type { Session } from "./session.svelte.ts";

export type FaucetCode = Extract<FaucetResult, { ok: false }>["code"];

/** The tap for test coins, on the dev network only. */
export class FaucetState {
  state = $state.raw<"idle" | "asking" | "asked" | FaucetCode>("idle");
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  readonly isOffered = $derived.by(() => this.#session.network === "dev");

  async request(): Promise<void> {
    if (this.state === "asking") return;
    this.state = "asking";
    try {
      const result = await this.#session.client.faucet.request();
      this.state = result.ok ? "asked" : result.code;
    } catch {
      this.state = "unreachable";
    }
  }

  reset(): void {
    if (this.state !== "asking") this.state = "idle";
  }
}
