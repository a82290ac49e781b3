import type { HistoryRow } from "../../api/views.ts";

/** Somebody has paid us, or is about to: coins that come back from a stake of ours are no news of that kind. */
export function isArrival(row: HistoryRow): boolean {
  return row.direction === "in" && row.act === undefined;
}

/** Ids of the payments listed now. */
export function idsOf(rows: readonly HistoryRow[]): ReadonlySet<string> {
  return new Set(rows.map((row) => row.id));
}

/** The newest payment to us that is not among the known ones. */
export function newestArrival(
  rows: readonly HistoryRow[] | undefined,
  known: ReadonlySet<string>,
): HistoryRow | undefined {
  return rows?.find((row) => isArrival(row) && !known.has(row.id));
}
