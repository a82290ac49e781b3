import { historyCsv, historyJson } from "../../api/history-export.ts";
import type { HistoryRow } from "../../api/views.ts";
import type { TextFile } from "../client/save-file.ts";

/** Without it spreadsheets take UTF-8 for the code page of the device. */
const BYTE_ORDER_MARK = "\uFEFF";

/** The history as a file, named by the day on which it is saved. */
export function historyFile(rows: readonly HistoryRow[], format: "csv" | "json", nowMs: number): TextFile {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const name = `stegos-history-${day}.${format}`;
  return format === "csv"
    ? { name, type: "text/csv;charset=utf-8", text: BYTE_ORDER_MARK + historyCsv(rows) }
    : { name, type: "application/json", text: historyJson(rows) };
}
