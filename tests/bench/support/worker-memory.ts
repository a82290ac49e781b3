import type { CDPSession, Page } from "playwright-core";

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
  readonly #session: CDPSession;
  #worker: string | undefined;
  readonly #timer: NodeJS.Timeout;

  private constructor(session: CDPSession) {
    this.#session = session;
    session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (/\/client\.worker/.test(targetInfo.url)) this.#worker = sessionId;
    });
    session.on("Target.receivedMessageFromTarget", ({ message }) => {
      const { result } = JSON.parse(message) as { readonly result?: HeapUsage };
      if (result === undefined) return;
      const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = result;
      this.samples++;
      this.peak = Math.max(this.peak, usedSize + embedderHeapUsedSize + backingStorageSize);
    });
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  static async watch(page: Page): Promise<WorkerMemory> {
    const session = await page.context().newCDPSession(page);
    const memory = new WorkerMemory(session);
    await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return memory;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    if (this.#worker === undefined) return;
    const message = JSON.stringify({ id: this.samples + 1, method: "Runtime.getHeapUsage" });
    // A page that is just closing has nothing to tell.
    this.#session.send("Target.sendMessageToTarget", { sessionId: this.#worker, message }).catch(() => undefined);
  }
}
