import { timeMs, type TimeMs } from "../values/height.ts";

/** Life of a payment, and the step to which its end is rounded up so that it tells nothing about our clock (TX-2). */
export const PAYMENT_LIFE_MS = 10 * 60_000;

/** not_after of TX-2: ten minutes ahead, rounded up to ten minutes. */
export function paymentEnd(nowMs: TimeMs): TimeMs {
  return timeMs(Math.ceil((nowMs + PAYMENT_LIFE_MS) / PAYMENT_LIFE_MS) * PAYMENT_LIFE_MS);
}
