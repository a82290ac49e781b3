import type { LightClientState } from "../../core/machines/light-client-state.ts";
import type { LightClientRun } from "./light-client-run.ts";

/** LC-3: over a fork nobody is asked anything. */
export function isForked(run: { readonly state: Pick<LightClientState, "phase"> } | undefined): boolean {
  return run?.state.phase === "halted";
}

/** Ends what a service asks of others once a fork is found, whichever run finds it. */
export class ForkWatch {
  readonly #end: () => Promise<void>;
  #watched: Pick<LightClientRun, "until" | "state"> | undefined;

  constructor(end: () => Promise<void>) {
    this.#end = end;
  }

  watch(run: Pick<LightClientRun, "until" | "state">): void {
    if (this.#watched === run) return;
    this.#watched = run;
    const over = run.until(() => isForked(run));
    void over.then(this.#end, () => undefined);
  }
}
