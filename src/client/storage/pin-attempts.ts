const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Tries that cost no wait. */
export const PIN_TRIES_FREE = 5;
/** After each wrong try from then on; the last for all that follow. */
export const PIN_WAITS_MS = [30 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS] as const;

/**
 * What is stored of tries: how many were wrong, what is left to wait, and when that was last looked at. A time to wait
 * until would never come, or had long passed, for a clock that was set.
 */
export interface PinAttempts {
  readonly failed: number;
  readonly waitMs: number;
  readonly seenMs: number;
}

export const NO_ATTEMPTS: PinAttempts = { failed: 0, waitMs: 0, seenMs: 0 };

/** The same a moment later. Time that runs backwards shortens nothing and adds nothing. */
export function lookAtAttempts({ failed, waitMs, seenMs }: PinAttempts, nowMs: number): PinAttempts {
  const passedMs = Math.max(0, nowMs - seenMs);
  return { failed, waitMs: Math.max(0, waitMs - passedMs), seenMs: nowMs };
}

/** One try more, counted before anybody knows what comes of it. */
export function countAttempt({ failed }: PinAttempts, nowMs: number): PinAttempts {
  const count = failed + 1;
  const late = count - PIN_TRIES_FREE;
  const waitMs = late < 0 ? 0 : PIN_WAITS_MS[Math.min(late, PIN_WAITS_MS.length - 1)]!;
  return { failed: count, waitMs, seenMs: nowMs };
}
