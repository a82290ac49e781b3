import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { blockFigures, BLOCK_TABLES } from "../../bench/block.ts";
import { msmFigures, MSM_TABLES } from "../../bench/msm.ts";
import { proofFigures, PROOF_TABLES } from "../../bench/proofs.ts";
import { scanFigures, SCAN_TABLES } from "../../bench/scan.ts";
import { RECORDED_BENCHES } from "../../bench/benches.ts";
import { renderTable, replaceFigures, type FigureTable } from "../../bench/support/figure-tables.ts";

const DOCUMENT = join(import.meta.dirname, "..", "..", "..", "docs", "performance.md");
const TABLE: FigureTable = {
  head: ["figure", "measured", "asked"],
  rows: [
    ["fast", { key: "fast" }, ">= 2"],
    ["slow", { key: "slow_ms", unit: "ms" }, ""],
  ],
};

describe("a table of figures", () => {
  it("holds text and figures, with units and with digits in groups", () => {
    expect(renderTable(TABLE, { fast: 12_345, slow_ms: 0.25 }).split("\n")).toEqual([
      "| figure | measured | asked |",
      "| --- | ---: | ---: |",
      "| fast | 12,350 | >= 2 |",
      "| slow | 0.25 ms |  |",
    ]);
  });

  it("says what was not measured, and nothing about figures that nobody knows", () => {
    expect(renderTable(TABLE, { fast: null, slow_ms: 1 })).toContain("| fast | not measured | >= 2 |");
    expect(() => renderTable(TABLE, { fast: 1 })).toThrow(RangeError);
  });

  it.each([
    ["scan", SCAN_TABLES, scanFigures(new Map())],
    ["proofs", PROOF_TABLES, proofFigures(new Map())],
    ["msm", MSM_TABLES, msmFigures(new Map())],
    ["block", BLOCK_TABLES, blockFigures(new Map())],
  ])("of %s knows all its figures, also where nothing could be measured", (_name, tables, figures) => {
    expect(Object.values(figures).every((figure) => figure === null)).toBe(true);
    for (const table of tables) {
      expect(renderTable(table, figures)).toContain("not measured");
      for (const row of table.rows) expect(row).toHaveLength(table.head.length);
    }
  });
});

describe("figures in a document", () => {
  const document = (text: string): string =>
    `before\n\n<!-- figures of msm: written by --record -->\n\n${text}\n\n<!-- end of figures -->\n\nafter\n`;

  it("are replaced between their marks, again and again, and nothing else is", () => {
    const once = replaceFigures(document("old"), "msm", "new");
    expect(once).toBe(document("new"));
    expect(replaceFigures(once, "msm", "newer")).toBe(document("newer"));
  });

  it("without marks are a mistake", () => {
    expect(() => replaceFigures(document("old"), "scan", "new")).toThrow("no marks");
    expect(() => replaceFigures("<!-- figures of msm: written by --record -->", "msm", "new")).toThrow("no marks");
  });

  it.each(Object.keys(RECORDED_BENCHES))("of %s have their place in docs/performance.md", async (name) => {
    const text = await readFile(DOCUMENT, "utf8");
    expect(replaceFigures(text, name, "new")).toContain("\n\nnew\n\n");
  });
});
