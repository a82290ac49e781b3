import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { describeMachine } from "./describe-machine.ts";
import { renderTable, replaceFigures, type FigureTable } from "./figure-tables.ts";
import type { Figures } from "./rates.ts";

const DOCUMENT = join(import.meta.dirname, "..", "..", "..", "docs", "performance.md");

/**
 * Writes the figures of a benchmark between its marks in docs/performance.md, in the form that `npm run check` wants,
 * and beside the date how long its rounds were: those of a quick run are not to be taken for others.
 */
export async function recordFigures(
  name: string,
  tables: readonly FigureTable[],
  figures: Figures,
  roundSeconds: number | undefined,
  path: string = DOCUMENT,
): Promise<void> {
  const where = `${await describeMachine(new Date(), roundSeconds)}.`;
  const text = [where, ...tables.map((table) => renderTable(table, figures))].join("\n\n");
  const document = replaceFigures(await readFile(path, "utf8"), name, text);
  const config = await resolveConfig(DOCUMENT);
  await writeFile(path, await format(document, { ...config, parser: "markdown" }));
}
