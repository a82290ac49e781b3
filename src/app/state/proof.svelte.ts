import type { MakeProofResult } from "../../api/client-api.ts";
import type { Session } from "./session.svelte.ts";

export type MakeProofCode = Extract<MakeProofResult, { ok: false }>["code"] | "failed";

/** Where anybody checks a proof. Behind `#`, so that no server ever hears it. */
export function proofLink(origin: string, text: string): string {
  return `${origin}/c#${text}`;
}

/** The proof of one payment, made when somebody asks for it and gone with its sheet. */
export class ProofState {
  text = $state.raw<string>();
  problem = $state.raw<MakeProofCode>();
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async make(txid: string): Promise<void> {
    this.problem = undefined;
    try {
      const made = await this.#session.client.proofs.make(txid);
      if (made.ok) this.text = made.text;
      else this.problem = made.code;
    } catch {
      this.problem = "failed";
    }
  }
}
