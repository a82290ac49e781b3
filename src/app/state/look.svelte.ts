import type { BlockView, LookupProblem, LookupProgress, SearchHit } from "../../api/explorer.ts";
import type { Session } from "./session.svelte.ts";

const PROGRESS_MS = 300;

/** What keeps a block or a search from being shown; `failed`: the client did not answer. */
export type LookProblem = LookupProblem | "failed";

/** One look at the chain that takes a moment, and how far it has come. */
class Lookup {
  isBusy = $state.raw(false);
  progress = $state.raw<LookupProgress>();
  readonly session: Session;
  #last = 0;

  constructor(session: Session) {
    this.session = session;
  }

  /** Whatever is still being asked is for nobody. */
  protected drop(): void {
    this.#last++;
    this.isBusy = false;
    this.progress = undefined;
  }

  /** undefined: it failed, or something newer was asked meanwhile (`isCurrent` tells). */
  protected async ask<Result>(
    question: () => Promise<Result>,
  ): Promise<{ readonly isCurrent: () => boolean; readonly result: Result | undefined }> {
    const turn = ++this.#last;
    this.isBusy = true;
    const look = async (): Promise<void> => {
      const progress = await this.session.client.explorer.progress().catch(() => undefined);
      if (turn === this.#last && this.isBusy) this.progress = progress;
    };
    const timer = setInterval(() => void look(), PROGRESS_MS);
    const result = await question().catch(() => undefined);
    clearInterval(timer);
    const isCurrent = (): boolean => turn === this.#last;
    if (isCurrent()) {
      this.isBusy = false;
      this.progress = undefined;
    }
    return { isCurrent, result };
  }
}

/** A block on view. */
export class LookState extends Lookup {
  block = $state.raw<BlockView>();
  problem = $state.raw<LookProblem>();

  async open(height: number): Promise<void> {
    this.problem = undefined;
    if (this.block?.height !== height) this.block = undefined;
    const { isCurrent, result } = await this.ask(() => this.session.client.explorer.block(height));
    if (!isCurrent()) return;
    if (result?.ok === true) this.block = result.block;
    else this.problem = result?.code ?? "failed";
  }
}

/** A search and what it has found, there again for whoever comes back from a hit; in memory alone. */
export class SearchState extends Lookup {
  text = $state("");
  /** Why there was nothing to look for. */
  fault = $state.raw<"missing" | "not_a_query">();
  problem = $state.raw<LookProblem>();
  /** undefined before the first search. */
  hits = $state.raw<readonly SearchHit[]>();
  span = $state.raw<{ readonly from: number; readonly to: number }>();
  /** How often somebody went further back. */
  further = $state.raw(0);

  /** False where there is nothing to look for. */
  async search(): Promise<boolean> {
    this.further = 0;
    this.fault = this.text.trim() === "" ? "missing" : undefined;
    return this.fault === undefined && (await this.#run());
  }

  clear(): void {
    this.drop();
    this.text = "";
    this.fault = undefined;
    this.problem = undefined;
    this.hits = undefined;
    this.span = undefined;
    this.further = 0;
  }

  async goFurther(): Promise<void> {
    this.further++;
    await this.#run();
  }

  async #run(): Promise<boolean> {
    const { text, further } = this;
    this.problem = undefined;
    const { isCurrent, result } = await this.ask(() => this.session.client.explorer.search(text, further));
    if (!isCurrent()) return true;
    this.hits = undefined;
    this.span = undefined;
    if (result === undefined) {
      this.problem = "failed";
      return true;
    }
    if (!result.ok) {
      this.fault = result.code;
      return false;
    }
    const { hits, from, to, problem } = result;
    this.hits = hits;
    this.problem = problem;
    if (from !== undefined && to !== undefined) this.span = { from, to };
    return true;
  }
}
