import { CLOCK_TOLERANCE_MS } from "../core/consensus/receive-proposal.ts";
import type { TimeMs } from "../core/values/height.ts";
import type { SeldomLog } from "./seldom-log.ts";

/** One late block may be a slow round. */
const LATE_BLOCKS = 3;

/**
 * Compares this machine's clock with the blocks that more than two thirds of the power made final, each of them by a
 * clock of its own: a validator whose clock is off takes no new block for timely (CO-2), and nobody takes its own.
 */
export class ClockWatch {
  readonly #log: SeldomLog;
  #late = 0;

  constructor(log: SeldomLog) {
    this.#log = log;
  }

  /**
   * A block is final.
   *
   * @param time What it says itself.
   * @param isLive This node has not fetched it because it was behind.
   */
  blockFinal(time: TimeMs, now: TimeMs, isLive: boolean): void {
    const seconds = Math.round(Math.abs(time - now) / 1_000);
    if (time - now > CLOCK_TOLERANCE_MS) {
      this.#log.tell("clock_behind", `this clock is ${seconds} s behind a block that is final: set it`);
    }
    this.#late = isLive && now - time > CLOCK_TOLERANCE_MS ? this.#late + 1 : 0;
    if (this.#late < LATE_BLOCKS) return;
    const text = `new blocks are ${seconds} s old when they are final: this clock is ahead, or messages take long`;
    this.#log.tell("blocks_late", text);
  }
}
