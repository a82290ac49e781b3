import type { Page } from "playwright-core";
import type { PaymentState } from "../../../src/api/views.ts";
import { hook, pay, RESTORING, review, showHistory, showRestore, showSync } from "../app-visitor.ts";
import { fakeAddress, fakeRow } from "../fake-client.ts";
import type { NextState, ScreenState } from "./screen-state.ts";

const TXID = "f0".repeat(32);

async function showPayment(page: Page, state: PaymentState): Promise<void> {
  await showHistory(page, fakeRow({ id: TXID, state, canRetry: state === "failed", to: fakeAddress(1) }));
  await page.locator(`[data-testid="pay-status"][data-state="${state}"]`).waitFor();
}

const mistaken = (name: string, hookId: string, text: string): NextState => ({
  name: `send, ${name}`,
  then: async (page) => {
    await hook(page, hookId).fill(text);
    await page.locator(`[data-testid="${hookId}"][aria-invalid="true"]`).waitFor();
  },
});

/** Send, its review and the payment that was stored. */
export const SEND_STATES: readonly ScreenState[] = [
  {
    name: "send",
    path: "/pay/send",
    scene: "full",
    isPictured: true,
    next: [
      { name: "send, unfinished", then: (page) => hook(page, "pay-review").click() },
      mistaken("an address of another network", "pay-to", "stg1qqq"),
      mistaken("too many decimals", "pay-amount", "1.2345678"),
      mistaken("change not back yet", "pay-amount", "900"),
      mistaken("not enough", "pay-amount", "2000"),
      { name: "send, offline", then: (page) => showSync(page, { state: "offline", problem: "no_node_reachable" }) },
      { name: "send, while a restore goes on", then: (page) => showRestore(page, RESTORING) },
    ],
  },
  { name: "review", path: "/pay/send", scene: "full", then: review, isPictured: true },
  {
    name: "payment on show, waiting",
    path: "/pay/send",
    scene: "full",
    then: pay,
    next: [
      { name: "payment on show, on its way", then: (page) => showPayment(page, "sent") },
      { name: "payment on show, done", then: (page) => showPayment(page, "final") },
    ],
  },
  {
    name: "payment on show, failed",
    path: "/pay/send",
    scene: "full",
    then: (page) => pay(page).then(() => showPayment(page, "failed")),
  },
  {
    name: "paid",
    path: "/pay/send",
    scene: "full",
    then: (page) => pay(page).then(() => showPayment(page, "final")),
    isPictured: true,
  },
];
