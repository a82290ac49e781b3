import { timeMs, type TimeMs } from "../values/height.ts";

/** Life of a payment, and the step to which its end is rounded up so that it tells nothing about our clock (TX-2). */
export const PAYMENT_LIFE_MS = 10 * 60_000;

/**
 * Least time that a payment which makes a packet has, where the packet's expiry leaves no more: such a one is seen for what
 * it is, and so need not end as others do.
 */
export const PACKET_PAYMENT_LIFE_MS = 30_000;

/** not_after of TX-2: ten minutes ahead, rounded up to ten minutes. */
export function paymentEnd(nowMs: TimeMs): TimeMs {
  return timeMs(Math.ceil((nowMs + PAYMENT_LIFE_MS) / PAYMENT_LIFE_MS) * PAYMENT_LIFE_MS);
}
