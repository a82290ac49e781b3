import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT, runTool, type Command, type CommandResult } from "./run-command.ts";

const FAILURES_TOLD_MAX = 10;
const FAILURE_CHARS_MAX = 1_500;

/** How many tests of a stage passed; everything that did not pass counts as failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** The part of Vitest's JSON report that we read. */
export interface VitestReport {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly testResults?: readonly FileReport[];
}

interface FileReport {
  readonly name: string;
  readonly status: string;
  /** Why the file could not be loaded, empty otherwise. */
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages?: readonly string[] | null;
  }[];
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

/**
 * What did not pass, with the reason: a report's own lines stand thousands of lines above the end of a log, where
 * whoever reads only its end does not find them. At most 10 failures, each of at most 1,500 characters.
 */
export function tellFailures(report: VitestReport | undefined): string[] {
  const failures = (report?.testResults ?? []).flatMap((file) => {
    const name = relative(ROOT, file.name);
    const tests = file.assertionResults
      .filter(({ status }) => status !== "passed")
      .map((test) => `${name} > ${test.fullName}\n${test.failureMessages?.join("\n") ?? test.status}`);
    const couldNotLoad = file.status === "failed" && tests.length === 0;
    return couldNotLoad ? [`${name}\n${file.message ?? ""}`] : tests;
  });
  const told = failures.slice(0, FAILURES_TOLD_MAX).map((failure) => failure.slice(0, FAILURE_CHARS_MAX));
  const more = failures.length - told.length;
  return more > 0 ? [...told, `and ${more} more`] : told;
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  } catch {
    return undefined; // the run ended before it could write one
  }
}

/** How a project went; `failures` as `tellFailures` words them. */
export interface ProjectRun extends Counts {
  readonly failures: readonly string[];
  readonly result: CommandResult;
}

/** Runs one project of the Vitest configuration and counts its tests. */
export async function runVitest(project: string, options: Omit<Command, "program" | "args">): Promise<ProjectRun> {
  const folder = mkdtempSync(join(tmpdir(), "stegos-test-"));
  const file = join(folder, "report.json");
  try {
    const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const result = await runTool("vitest", args, options);
    const report = readReport(file);
    return { ...countTests(report, result.ok), failures: tellFailures(report), result };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
