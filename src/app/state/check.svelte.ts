import type { ProofCheck } from "../../api/client-api.ts";
import type { Session } from "./session.svelte.ts";

/** The proof in what people paste: a link, a line broken by a mail, or the bare text. */
export function cleanProof(text: string): string {
  return text.slice(text.lastIndexOf("#") + 1).replace(/\s/g, "");
}

type Outcome = ProofCheck | { readonly ok: false; readonly code: "failed" };

/** The proof that somebody wants to have checked. It outlives a stop of the engine, since its link is read only once. */
export class CheckState {
  text = $state("");
  /** To be checked without a further tap, as soon as there is a client. */
  isWanted = $state.raw(false);
  #asking = $state.raw<string>();
  #done = $state.raw<{ readonly proof: string; readonly outcome: Outcome }>();
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  readonly proof = $derived(cleanProof(this.text));
  readonly isChecking = $derived(this.#asking !== undefined && this.#asking === this.proof);
  /** The answer for exactly this text. */
  readonly outcome = $derived(this.#done?.proof === this.proof ? this.#done.outcome : undefined);

  /** Asking once more would bring no other answer. */
  readonly isSettled = $derived(
    this.outcome !== undefined &&
      (this.outcome.ok || (this.outcome.code !== "unchecked" && this.outcome.code !== "failed")),
  );

  /** A proof that came whole, by a link or pasted. */
  take(text: string): void {
    this.text = text;
    this.isWanted = true;
  }

  async check(): Promise<void> {
    this.isWanted = false;
    const { proof } = this;
    if (proof === "" || this.#asking === proof) return;
    this.#asking = proof;
    let outcome: Outcome;
    try {
      outcome = await this.#session.client.proofs.check(proof);
    } catch {
      outcome = { ok: false, code: "failed" };
    }
    // Unless another one was asked about meanwhile.
    if (this.#asking !== proof) return;
    this.#asking = undefined;
    this.#done = { proof, outcome };
  }

  /** What nobody could answer while the network was out of reach. */
  async checkAgain(): Promise<void> {
    const { outcome } = this;
    if (outcome?.ok === false && outcome.code === "unchecked" && outcome.reason === "offline") await this.check();
  }

  clear(): void {
    this.text = "";
    this.isWanted = false;
    this.#done = undefined;
  }
}
