import { formatAmount } from "../core/values/amount.ts";
import type { HistoryRow } from "./views.ts";

const COLUMNS = [
  "time",
  "direction",
  "amount_stg",
  "fee_stg",
  "state",
  "height",
  "to",
  "note",
  "id",
  "act",
  "label",
] as const;

/**
 * The history as CSV of RFC 4180, in the order given: one header line, amounts in STG, times in UTC. A restored coin
 * came at its time or before. What strangers wrote cannot become a formula of the program that opens the file.
 */
export function historyCsv(rows: readonly HistoryRow[]): string {
  const lines = rows.map((row) => cellsOf(row).map(csvCell).join(","));
  return `${[COLUMNS.join(","), ...lines].join("\r\n")}\r\n`;
}

/** The history as JSON for other programs: amounts are decimal strings of µSTG, what is not known is null. */
export function historyJson(rows: readonly HistoryRow[]): string {
  return `${JSON.stringify(rows.map(historyObject), null, 2)}\n`;
}

/** One row of {@link historyJson}. */
export function historyObject(row: HistoryRow): Readonly<Record<string, unknown>> {
  return {
    id: row.id,
    direction: row.direction,
    amount: row.amount.toString(),
    fee: row.fee.toString(),
    state: exportedState(row),
    time_ms: row.timeMs,
    time_is_bound: row.isTimeBound === true,
    height: row.height ?? null,
    to: row.to ?? null,
    note: row.memo ?? null,
    act: row.act ?? null,
    label: row.label ?? null,
  };
}

function cellsOf(row: HistoryRow): readonly string[] {
  const { direction, to, memo, id, isTimeBound, act, label } = row;
  const time = new Date(row.timeMs).toISOString();
  const height = row.height?.toString() ?? "";
  const values = [isTimeBound === true ? `until ${time}` : time, direction, formatAmount(row.amount)];
  const about = [height, to ?? "", memo ?? "", id, act ?? "", label ?? ""];
  return [...values, formatAmount(row.fee), exportedState(row), ...about];
}

/** `queued`, `sent`, `final` or `failed`; `pending` for what a node says is on its way to us, which may vanish (NW-13). */
export function exportedState({ direction, state, act }: HistoryRow): string {
  return direction === "in" && act === undefined && state !== "final" ? "pending" : state;
}

/** A cell that begins like a formula is set behind an apostrophe, which spreadsheets do not show. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
