import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "prettier";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recordFigures } from "../../bench/support/record-figures.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stegos-figures-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("figures are written with date, length of rounds and machine, formatted, and the rest of the page stays", async () => {
  const path = join(folder, "performance.md");
  const page = "# Speed\n\n<!-- figures of msm: written by --record -->\n\n<!-- end of figures -->\n\nEnd.\n";
  await writeFile(path, page);
  const tables = [{ head: ["figure", "measured"], rows: [["a long text", { key: "n2048_vs_noble" }]] }];
  for (const figure of [11, 12]) await recordFigures("msm", tables, { n2048_vs_noble: figure }, 0.1, path);
  const written = await readFile(path, "utf8");
  expect(written).toMatch(/^# Speed\n/);
  expect(written).toMatch(/\nEnd\.\n$/);
  expect(written).toContain("| a long text |       12 |");
  expect(written).not.toContain("       11 |");
  expect(written).toMatch(/\d{4}-\d\d-\d\d, rounds of 0.1 s, \d+ cores of .*, Node\.js \d/);
  expect(await check(written, { parser: "markdown", printWidth: 120 })).toBe(true);
});
