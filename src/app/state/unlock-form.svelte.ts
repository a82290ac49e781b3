import type { LockView } from "../../api/lock.ts";
import type { Session } from "./session.svelte.ts";

const SECOND_MS = 1_000;

/** The form that opens a locked wallet by its PIN, and the wait before the next try. */
export class UnlockForm {
  pin = $state("");
  #nowMs = $state.raw(0);
  /** When the wait ends by this page's clock; the client decides. */
  readonly #endMs: number;
  readonly #session: Session;
  readonly #now: () => number;

  constructor(session: Session, lock: LockView, now: () => number) {
    this.#session = session;
    this.#now = now;
    this.#nowMs = now();
    this.#endMs = this.#nowMs + lock.waitMs;
  }

  /** Whole ones, upwards: 0 only when it is over. */
  get secondsLeft(): number {
    return Math.max(0, Math.ceil((this.#endMs - this.#nowMs) / SECOND_MS));
  }

  /** Tells once when a wait is over. Returns how to stop. */
  watch(over: () => void): () => void {
    if (this.secondsLeft === 0) return () => undefined;
    const timer = setInterval(() => {
      this.#nowMs = this.#now();
      if (this.secondsLeft > 0) return;
      clearInterval(timer);
      over();
    }, SECOND_MS / 2);
    return () => clearInterval(timer);
  }

  async submit(): Promise<void> {
    const { pin } = this;
    if (pin.trim() === "" || this.secondsLeft > 0) return;
    this.pin = "";
    await this.#session.unlock({ type: "pin", pin: pin.normalize("NFKC").replace(/\s+/g, "") });
  }
}
