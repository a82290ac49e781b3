import type { TimeMs } from "../values/height.ts";

/** Time comes in from outside: the platform's clock, or virtual time in simulations. */
export interface Clock {
  /** Unix milliseconds. */
  now(): TimeMs;
  /** Calls back once at or after `at`; returns how to call it off. */
  wakeAt(at: TimeMs, wake: () => void): () => void;
}
