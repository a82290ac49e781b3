import type { Figure, Figures } from "./rates.ts";

/** A cell is text or the figure of this name. */
export type FigureCell = string | { readonly key: string; readonly unit?: string };

/** How figures stand in docs/performance.md. The first column is text, the others are numbers. */
export interface FigureTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly FigureCell[])[];
}

/** The table as markdown, one line a row. */
export function renderTable({ head, rows }: FigureTable, figures: Figures): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, index) => (index === 0 ? "---" : "---:"));
  const body = rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : printCell(cell, figures))));
  return [head, rule, ...body].map(line).join("\n");
}

function printCell({ key, unit }: Exclude<FigureCell, string>, figures: Figures): string {
  const figure: Figure | undefined = figures[key];
  if (figure === undefined) throw new RangeError(`no figure ${key}`);
  if (figure === null) return "not measured";
  const text = figure.toLocaleString("en", { maximumSignificantDigits: 4 });
  return unit === undefined ? text : `${text} ${unit}`;
}

const begin = (name: string): string => `<!-- figures of ${name}: written by --record -->`;
const END = "<!-- end of figures -->";

/** The document with other text between the marks of a benchmark. */
export function replaceFigures(document: string, name: string, text: string): string {
  const from = document.indexOf(begin(name));
  const to = document.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`no marks for the figures of ${name}`);
  return `${document.slice(0, from)}${begin(name)}\n\n${text}\n\n${document.slice(to)}`;
}
