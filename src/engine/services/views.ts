import type { BalanceView, HistoryRow, RestoreView, SyncView } from "../../api/views.ts";
import type { LightClientState } from "../../core/machines/light-client-state.ts";
import { viewRestore } from "../../core/machines/light-client-restore-view.ts";
import { viewBalance, viewHistory, viewSync } from "../../core/machines/light-client-views.ts";
import type { TimeMs } from "../../core/values/height.ts";
import { networkOfChainId, type NetworkName } from "../../core/values/network.ts";

/** The network a client is on: what the origin says now, else what this device has seen before. */
export function networkOf(state: LightClientState | undefined): NetworkName | undefined {
  const chainId = state?.durable.anchor?.chainId;
  return state?.config?.network ?? (chainId === undefined ? undefined : networkOfChainId(chainId));
}

/** Before anything is known. */
export const CONNECTING: SyncView = {
  state: "connecting",
  height: undefined,
  targetHeight: undefined,
  network: undefined,
  isFinalityLate: false,
  problem: undefined,
};

export function syncView(state: LightClientState, nowMs: TimeMs): SyncView {
  const view = viewSync(state, nowMs);
  return { ...view, network: view.network ?? networkOf(state) };
}

export function balanceView(state: LightClientState): BalanceView | undefined {
  return viewBalance(state);
}

export function historyView(state: LightClientState): readonly HistoryRow[] {
  return viewHistory(state);
}

export function restoreView(state: LightClientState): RestoreView | undefined {
  return viewRestore(state);
}
