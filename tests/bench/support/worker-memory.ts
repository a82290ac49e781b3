import type { UnwatchedBrowser } from "./unwatched-browser.ts";

const SAMPLE_MS = 500;

interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize?: number;
  /** Of ArrayBuffers, which a heap does not count. */
  readonly backingStorageSize?: number;
}

/** Samples what the client worker of a page holds: objects, garbage among them, and buffers. */
export class WorkerMemory {
  /** Bytes, the most of all samples. */
  peak = 0;
  samples = 0;
  readonly #browser: UnwatchedBrowser;
  #worker: string | undefined;
  readonly #timer: NodeJS.Timeout;

  private constructor(browser: UnwatchedBrowser) {
    this.#browser = browser;
    this.#timer = setInterval(() => void this.#sample(), SAMPLE_MS);
  }

  static async watch(browser: UnwatchedBrowser): Promise<WorkerMemory> {
    const memory = new WorkerMemory(browser);
    await browser.onAttached(({ sessionId, url }) => {
      if (/\/client\.worker/.test(url)) memory.#worker = sessionId;
    });
    return memory;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #sample(): Promise<void> {
    if (this.#worker === undefined) return;
    // A page that is just closing has nothing to tell.
    const asked = this.#browser.send("Runtime.getHeapUsage", {}, this.#worker).catch(() => undefined);
    const usage = (await asked) as HeapUsage | undefined;
    if (usage === undefined) return;
    this.samples++;
    const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = usage;
    this.peak = Math.max(this.peak, usedSize + embedderHeapUsedSize + backingStorageSize);
  }
}
