import { webcrypto } from "node:crypto";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import type { Timers } from "../engine/services/network-edges.ts";
import { timeMs, type TimeMs } from "../core/values/height.ts";

/** Node.js's generator. */
export const systemRandom: Random = { bytes: (size) => webcrypto.getRandomValues(new Uint8Array(size)) };

/** Node.js fires a longer timer at once. A machine that is woken too early asks again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The same as a light client asks for it. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};

/**
 * Unix time as this process found it, and steady since: for bans, points and pauses, which a clock that is set back
 * would draw out.
 */
export const steadyNow = (): TimeMs => timeMs(Math.floor(performance.timeOrigin + performance.now()));

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => timeMs(Date.now()),
  wakeAt(at, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(0, at - Date.now()), TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};
