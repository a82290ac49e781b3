import { RECOVERY_WORD_COUNT } from "../../core/values/recovery-words.ts";
import type { Session } from "./session.svelte.ts";

const ASKED_COUNT = 4;

/** Four of the 24 words, asked for by their numbers: what was written down has to be looked at once. */
export class WordsCheck {
  /** From 0, ascending. */
  readonly indices: readonly number[];
  entries = $state<string[]>(Array.from({ length: ASKED_COUNT }, () => ""));
  state = $state.raw<"asking" | "checking" | "wrong" | "failed" | "done">("asking");
  readonly #session: Session;

  constructor(session: Session, random: (limit: number) => number) {
    this.#session = session;
    const left = Array.from({ length: RECOVERY_WORD_COUNT }, (_, index) => index);
    const asked = this.entries.map(() => left.splice(random(left.length), 1)[0]!);
    this.indices = asked.sort((one, other) => one - other);
  }

  async submit(): Promise<void> {
    if (this.state === "checking") return;
    this.state = "checking";
    const entries = this.indices.map((index, place) => ({ index, word: this.entries[place] ?? "" }));
    try {
      this.state = (await this.#session.client.safety.checkWords(entries)) ? "done" : "wrong";
    } catch {
      this.state = "failed";
    }
    if (this.state === "done") this.entries = this.entries.map(() => "");
  }
}
