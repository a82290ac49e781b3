import type { HistoryRow } from "../../api/views.ts";
import type { Day, Formats } from "../i18n/formats.ts";

export interface DayOfPayments {
  readonly day: Day;
  readonly rows: readonly HistoryRow[];
}

/** Rows, newest first, under the day they happened on. */
export function groupByDay(rows: readonly HistoryRow[], formats: Formats, nowMs: number): readonly DayOfPayments[] {
  const days: { day: Day; rows: HistoryRow[] }[] = [];
  for (const row of rows) {
    const day = formats.day(row.timeMs, nowMs);
    const last = days.at(-1);
    if (last !== undefined && isSameDay(last.day, day)) last.rows.push(row);
    else days.push({ day, rows: [row] });
  }
  return days;
}

function isSameDay(a: Day, b: Day): boolean {
  return a.type === b.type && (a.type !== "named" || b.type !== "named" || a.text === b.text);
}
