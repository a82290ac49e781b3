import type { Timers } from "../engine/services/network-edges.ts";

/** The clock of this device. */
export const platformTimers: Timers = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
