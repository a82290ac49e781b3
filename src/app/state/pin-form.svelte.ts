import type { LockFault } from "../../api/lock.ts";
import { parsePin, type PinParseCode } from "../../core/values/pin.ts";
import type { Session } from "./session.svelte.ts";

export type PinProblem = PinParseCode | LockFault | "differs";

/** The form that sets a PIN or takes it away. */
export class PinForm {
  pin = $state("");
  again = $state("");
  isBusy = $state.raw(false);
  problem = $state.raw<PinProblem>();
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** True when the PIN is set; it is nowhere on the page any more. */
  async submit(): Promise<boolean> {
    const parsed = parsePin(this.pin);
    if (!parsed.ok) {
      this.problem = parsed.code;
      return false;
    }
    const again = parsePin(this.again);
    if (!again.ok || again.pin !== parsed.pin) {
      this.problem = "differs";
      return false;
    }
    return this.#change(() => this.#session.client.safety.setPin(parsed.pin));
  }

  remove(): Promise<boolean> {
    return this.#change(() => this.#session.client.safety.removePin());
  }

  async #change(
    change: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly code: PinProblem }>,
  ): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    try {
      const changed = await change();
      this.problem = changed.ok ? undefined : changed.code;
    } catch {
      this.problem = "storage_failed";
    } finally {
      this.isBusy = false;
    }
    if (this.problem === undefined) this.pin = this.again = "";
    return this.problem === undefined;
  }
}
