import type { Amount } from "../core/values/amount.ts";
import type { TimeMs } from "../core/values/height.ts";

/** The newest block that this device has followed the chain to. All of it is verified here. */
export interface NewestBlockView {
  readonly height: number;
  /** Unix milliseconds. */
  readonly timeMs: TimeMs;
  readonly pot: Amount;
  /** All coins that were ever made, and those that fees took back. */
  readonly minted: Amount;
  readonly burned: Amount;
}

/** One of the newest blocks, verified here. */
export interface RecentBlockView {
  readonly height: number;
  readonly timeMs: TimeMs;
  readonly transactionCount: number;
}

/** What this device itself knows of the chain, also while nobody answers. */
export interface RecentView {
  /** undefined: nothing is known yet. */
  readonly newest: NewestBlockView | undefined;
  /** Ascending and without a gap; they may end below `newest`. */
  readonly blocks: readonly RecentBlockView[];
}
