const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

type Work = () => unknown;

/**
 * What a benchmark must not leave behind: processes and folders. What was added last is cleaned up first, at the end or
 * when the run is told to stop (Ctrl-C), which then ends it.
 */
export class CleanUp {
  readonly #works: Work[] = [];
  readonly #stop = (signal: NodeJS.Signals): void => {
    // A second one ends this process as it would any other.
    for (const each of SIGNALS) process.off(each, this.#stop);
    void this.run().finally(() => process.kill(process.pid, signal));
  };

  /** Listens for signals until {@link run} is over. */
  constructor() {
    for (const each of SIGNALS) process.on(each, this.#stop);
  }

  /** Gives how to do it at once, in which case it is not done again. */
  add(work: Work): () => Promise<void> {
    const once: Work = () => {
      if (!this.#works.includes(once)) return undefined;
      this.#works.splice(this.#works.indexOf(once), 1);
      return work();
    };
    this.#works.push(once);
    return async () => {
      await once();
    };
  }

  /** Everything that is left, each whether the others fail or not. */
  async run(): Promise<void> {
    for (;;) {
      const work = this.#works.at(-1);
      if (work === undefined) break;
      try {
        await work();
      } catch (error) {
        console.error(error);
      }
    }
    for (const each of SIGNALS) process.off(each, this.#stop);
  }
}
