import { amount, isAmount } from "../values/amount.ts";
import type { HistoryEntry } from "../wallet/list-history.ts";
import type { PoolFind, PoolRun } from "./light-client-pool-state.ts";

/** What is on its way to us, as lines of history: no part of any balance (NW-13). */
export function pendingArrivals(pool: PoolRun): readonly HistoryEntry[] {
  return [...pool.finds].map(([txid, find]) => ({
    id: `pool:${txid}`,
    direction: "in",
    amount: amount(sumOf(find)),
    fee: amount(0n),
    state: "sent",
    timeMs: find.seenMs,
    height: undefined,
    memo: memoOf(find),
    to: undefined,
    canRetry: false,
  }));
}

/** Is there anything to tell? Nobody has checked that what strangers claim adds up, by itself or with the others. */
export function isTold(find: PoolFind, others: Iterable<PoolFind>): boolean {
  const sum = sumOf(find);
  const total = [...others].reduce((all, each) => all + sumOf(each), sum);
  return isAmount(total) && (sum > 0n || memoOf(find) !== undefined);
}

function sumOf({ notes }: PoolFind): bigint {
  return notes.reduce((total, note) => total + note.amount, 0n);
}

function memoOf({ notes }: PoolFind): string | undefined {
  return notes.find((note) => note.memo !== undefined)?.memo;
}
