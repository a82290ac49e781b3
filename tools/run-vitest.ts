import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool, type Command, type CommandResult } from "./run-command.ts";

/** How many tests of a stage passed; everything that did not pass counts as failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** The part of Vitest's JSON report that we read. */
export interface VitestReport {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
}

/**
 * A run is as good as its report: a skipped test has not passed, a file that could not be loaded has no tests of its
 * own but makes the run fail, and a project without tests is a mistake, not a success.
 */
export function countTests(report: VitestReport | undefined, commandOk: boolean): Counts {
  const passed = report?.numPassedTests ?? 0;
  const notPassed = (report?.numTotalTests ?? 0) - passed;
  const silentFailure = !commandOk || passed + notPassed === 0;
  return { passed, failed: notPassed === 0 && silentFailure ? 1 : notPassed };
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  } catch {
    return undefined; // the run ended before it could write one
  }
}

/** Runs one project of the Vitest configuration and counts its tests. */
export async function runVitest(
  project: string,
  options: Omit<Command, "program" | "args">,
): Promise<Counts & { readonly result: CommandResult }> {
  const folder = mkdtempSync(join(tmpdir(), "stegos-test-"));
  const file = join(folder, "report.json");
  try {
    const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const result = await runTool("vitest", args, options);
    return { ...countTests(readReport(file), result.ok), result };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
