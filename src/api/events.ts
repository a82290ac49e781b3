import type { BalanceView, HistoryRow, RestoreView, SyncView, WalletView } from "./views.ts";

/** Past events the page listens to. Each carries the whole new view, so a missed one is healed by the next. */
export type ClientEvent =
  | { readonly type: "sync-changed"; readonly sync: SyncView }
  | { readonly type: "wallet-changed"; readonly wallet: WalletView }
  /** undefined = not verified yet: show "checking", never 0. */
  | { readonly type: "balance-changed"; readonly balance: BalanceView | undefined }
  | { readonly type: "history-changed"; readonly history: readonly HistoryRow[] }
  /** undefined = no restore is running. */
  | { readonly type: "restore-changed"; readonly restore: RestoreView | undefined }
  /** Nothing more will come. */
  | { readonly type: "engine-stopped"; readonly code: StopCode };

/** Why the engine stopped. Each has its own words and its own way on. */
export type StopCode =
  | "moved_to_other_tab"
  | "storage_full"
  | "storage_newer" // a newer version of the app has opened the database
  | "storage_lost" // the database was deleted under the app
  | "storage_failed"; // anything else that storage may do
