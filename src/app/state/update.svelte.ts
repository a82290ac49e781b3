/** What the browser's service worker can do for the app; see client/service-worker.ts. */
export interface UpdateSource {
  /** Calls back when a newer version waits. */
  watch(onReady: () => void): void;
  /** Lets the waiting version take over; the page then loads again. */
  apply(): Promise<void>;
}

/** A newer version of the app, offered and never forced. */
export class UpdateState {
  isReady = $state.raw(false);
  isApplying = $state.raw(false);
  readonly #source: UpdateSource;

  constructor(source: UpdateSource) {
    this.#source = source;
    source.watch(() => (this.isReady = true));
  }

  async apply(): Promise<void> {
    this.isApplying = true;
    try {
      await this.#source.apply();
    } finally {
      this.isApplying = false;
    }
  }
}
