/** Texts half written when the page is loaded again, by the name of what they are for. Never words or keys. */
export type Draft = Readonly<Record<string, string>>;

/** Whether there is a newer version: it waits, there is none, or what there is could not be loaded whole. */
export type UpdateFinding = "ready" | "newest" | "failed";

/** What the browser's service worker can do for the app; see client/service-worker.ts. */
export interface UpdateSource {
  /** Calls back when a newer version waits, or has taken over through another tab. */
  watch(onReady: () => void): void;
  /** Looks for a newer version now. */
  check(): Promise<UpdateFinding>;
  /** Lets the waiting version take over; the page then loads again and is given the draft. */
  apply(draft: Draft): Promise<void>;
  /** Loads this page again, as it is kept now, and gives it the draft. */
  reload(draft: Draft): Promise<void>;
  /** What the page before this one gave away: once, and only to the same tab. */
  takeDraft(): Promise<Draft | undefined>;
}

/** A newer version of the app, offered and never forced. */
export class UpdateState {
  isReady = $state.raw(false);
  isApplying = $state.raw(false);
  isChecking = $state.raw(false);
  /** What the person's own look for a newer version has found. */
  finding = $state.raw<UpdateFinding>();
  readonly #source: UpdateSource;
  readonly #readDraft: () => Draft;

  constructor(source: UpdateSource, readDraft: () => Draft) {
    this.#source = source;
    this.#readDraft = readDraft;
    source.watch(() => (this.isReady = true));
  }

  async check(): Promise<void> {
    this.isChecking = true;
    try {
      this.finding = await this.#source.check();
      if (this.finding === "ready") this.isReady = true;
    } finally {
      this.isChecking = false;
    }
  }

  apply(): Promise<void> {
    return this.#leave((draft) => this.#source.apply(draft));
  }

  /** The same app again, where a part of it could not be had; what is half written is kept as for an update. */
  reload(): Promise<void> {
    return this.#leave((draft) => this.#source.reload(draft));
  }

  takeDraft(): Promise<Draft | undefined> {
    return this.#source.takeDraft();
  }

  async #leave(go: (draft: Draft) => Promise<void>): Promise<void> {
    this.isApplying = true;
    try {
      await go(this.#readDraft());
    } finally {
      this.isApplying = false;
    }
  }
}
