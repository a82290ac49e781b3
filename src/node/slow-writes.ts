import type { SeldomLog } from "./seldom-log.ts";

/** Of a validator's time for a vote (parameter 5) little is left then. */
export const SLOW_WRITE_MS = 1_000;

/** Watches over the writes that everything else waits for, and says when one takes long, also before it ends. */
export class SlowWrites {
  readonly #log: SeldomLog;

  constructor(log: SeldomLog) {
    this.#log = log;
  }

  async watch(write: Promise<void>): Promise<void> {
    const timer = setTimeout(() => {
      this.#log.tell("disk_slow", `a write takes more than ${SLOW_WRITE_MS} ms: votes may come too late`);
    }, SLOW_WRITE_MS);
    try {
      await write;
    } finally {
      clearTimeout(timer);
    }
  }
}
