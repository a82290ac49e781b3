import type { ClientEvent } from "../../api/events.ts";
import type { WalletView } from "../../api/views.ts";
import type { LightClientNotice } from "../../core/machines/light-client-effect.ts";
import type { LightClientRun } from "./light-client-run.ts";
import { balanceView, historyView, restoreView, syncView } from "./views.ts";

/** Views that a step of the machine has changed. */
export type Changed = Extract<LightClientNotice, { readonly type: "notify" }>["changed"];

/** What a page that has just been opened waits for comes first: it paints after each of them. */
export const EVERYTHING: Changed = ["balance", "sync", "wallet", "history", "restore"];

/** What is told of them: each the whole new view. */
export function clientEvents(
  run: Pick<LightClientRun, "state" | "now">,
  changed: Changed,
  wallet: () => WalletView,
): readonly ClientEvent[] {
  return changed.map((view): ClientEvent => {
    switch (view) {
      case "sync":
        return { type: "sync-changed", sync: syncView(run.state, run.now()) };
      case "wallet":
        return { type: "wallet-changed", wallet: wallet() };
      case "balance":
        return { type: "balance-changed", balance: balanceView(run.state) };
      case "history":
        return { type: "history-changed", history: historyView(run.state) };
      case "restore":
        return { type: "restore-changed", restore: restoreView(run.state) };
      default:
        return view satisfies never;
    }
  });
}
