import type { AskedView, RequestView } from "../../src/api/views.ts";
import { amount } from "../../src/core/values/amount.ts";
import { timeMs } from "../../src/core/values/height.ts";
import { formatRequestFragment, requestExpiry, type PaymentRequest } from "../../src/core/values/payment-request.ts";
import { fakeAddress } from "./fake-client.ts";

const DAY_MS = 86_400_000;

/** What somebody on the dev network asks for; nobody holds the address. */
export function fakeAsk(change: Partial<PaymentRequest> = {}): PaymentRequest {
  return {
    chainId: 1000,
    keys: { spendKey: new Uint8Array(32).fill(7), viewKey: new Uint8Array(32).fill(8) },
    amount: amount(12_500_000n),
    expiresMs: requestExpiry(Date.now() + 7 * DAY_MS),
    note: "Lunch on Friday",
    reference: "2026-117",
    ...change,
  };
}

export function fakeFragment(change: Partial<PaymentRequest> = {}): string {
  return formatRequestFragment(fakeAsk(change));
}

/** The client's view of {@link fakeAsk}. */
export function fakeAsked(change: Partial<AskedView> = {}): AskedView {
  const { amount: asked, expiresMs, note, reference } = fakeAsk();
  return { to: fakeAddress(7), amount: asked, expiresMs, note, reference, ownId: undefined, ...change };
}

export function fakeRequest(change: Partial<RequestView> & { readonly id: string }): RequestView {
  return {
    createdMs: timeMs(Date.UTC(2026, 4, 4, 9, 0)),
    amount: amount(12_500_000n),
    expiresMs: requestExpiry(Date.UTC(2099, 0, 1)),
    note: "Lunch on Friday",
    reference: undefined,
    received: amount(0n),
    incoming: amount(0n),
    isCancelled: false,
    ...change,
  };
}

/** One in each state. */
export const REQUESTS: readonly RequestView[] = [
  fakeRequest({ id: "a0".repeat(16) }),
  fakeRequest({ id: "a1".repeat(16), amount: undefined, note: undefined, expiresMs: undefined }),
  fakeRequest({ id: "a2".repeat(16), incoming: amount(12_500_000n), note: "恭喜发财，大吉大利" }),
  fakeRequest({ id: "a3".repeat(16), received: amount(5_000_000n), reference: "2026-117" }),
  fakeRequest({ id: "a4".repeat(16), received: amount(12_500_000n) }),
  fakeRequest({ id: "a5".repeat(16), expiresMs: timeMs(Date.UTC(2026, 4, 5)) }),
  fakeRequest({
    id: "a6".repeat(16),
    isCancelled: true,
    note: "A note that fills the room that a link has for one 64",
  }),
];
