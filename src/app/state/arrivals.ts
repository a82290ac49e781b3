import type { HistoryRow } from "../../api/views.ts";

/** Ids of the payments listed now. */
export function idsOf(rows: readonly HistoryRow[]): ReadonlySet<string> {
  return new Set(rows.map((row) => row.id));
}

/** The newest payment to us that is not among the known ones. */
export function newestArrival(
  rows: readonly HistoryRow[] | undefined,
  known: ReadonlySet<string>,
): HistoryRow | undefined {
  return rows?.find((row) => row.direction === "in" && !known.has(row.id));
}
