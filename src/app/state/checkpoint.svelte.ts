import type { CheckpointResult } from "../../api/client-api.ts";
import type { CheckpointView } from "../../api/views.ts";
import type { Drafts } from "./drafts.svelte.ts";
import type { Session } from "./session.svelte.ts";

type Refusal = Extract<CheckpointResult, { ok: false }>;
export type CheckpointProblem = Refusal["code"] | "failed";

/** The checkpoint of this device, and one that somebody passes on. */
export class CheckpointState {
  /** undefined before the answer, null when there is none to show. */
  shown = $state.raw<CheckpointView | null>();
  readonly draft: Drafts["checkpoint"];
  isTaking = $state.raw(false);
  isTaken = $state.raw(false);
  #refusal = $state.raw<{ readonly text: string; readonly code: CheckpointProblem; readonly index: number }>();
  readonly #session: Session;

  constructor(session: Session, draft: Drafts["checkpoint"]) {
    this.#session = session;
    this.draft = draft;
  }

  /** What was refused of exactly this text. */
  readonly problem = $derived.by(() => (this.#refusal?.text === this.draft.text ? this.#refusal : undefined));

  async show(): Promise<void> {
    try {
      this.shown = (await this.#session.client.network.checkpoint()) ?? null;
    } catch {
      this.shown = null;
    }
  }

  async take(): Promise<void> {
    if (this.isTaking) return;
    const { text } = this.draft;
    this.isTaking = true;
    try {
      const result = await this.#session.client.network.enterCheckpoint(text);
      this.isTaken = result.ok;
      if (result.ok) this.draft.text = "";
      this.#refusal = result.ok ? undefined : { text, code: result.code, index: result.index ?? 0 };
    } catch {
      this.#refusal = { text, code: "failed", index: 0 };
    } finally {
      this.isTaking = false;
    }
  }
}
