import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../../tools/run-command.ts";
import { countTests, tellFailures } from "../../../tools/run-vitest.ts";

it("passes when every test passed", () => {
  expect(countTests({ numTotalTests: 3, numPassedTests: 3 }, true)).toEqual({ passed: 3, failed: 0 });
});

it("counts a test that did not run as failed", () => {
  expect(countTests({ numTotalTests: 3, numPassedTests: 1 }, true)).toEqual({ passed: 1, failed: 2 });
});

it("fails a run whose tests passed but which did not end well", () => {
  expect(countTests({ numTotalTests: 3, numPassedTests: 3 }, false)).toEqual({ passed: 3, failed: 1 });
});

it("fails a run without tests or without a report", () => {
  expect(countTests({ numTotalTests: 0, numPassedTests: 0 }, true)).toEqual({ passed: 0, failed: 1 });
  expect(countTests(undefined, true)).toEqual({ passed: 0, failed: 1 });
});

const failedFile = (count: number, message = "expected 1 to be 2") => ({
  name: join(ROOT, "tests/unit/a.test.ts"),
  status: "failed",
  assertionResults: Array.from({ length: count }, (_, index) => ({
    fullName: `rule ${index}`,
    status: "failed",
    failureMessages: [message],
  })),
});

it("tells what failed and why, and nothing of what passed", () => {
  const passed = { fullName: "another", status: "passed", failureMessages: [] };
  const { assertionResults, ...rest } = failedFile(1);
  const file = { ...rest, assertionResults: [passed, ...assertionResults] };
  expect(tellFailures({ numTotalTests: 2, numPassedTests: 1, testResults: [file] })).toEqual([
    "tests/unit/a.test.ts > rule 0\nexpected 1 to be 2",
  ]);
});

it("tells of a file that could not be loaded, and of a test that was skipped", () => {
  const broken = { ...failedFile(0), message: "cannot find b.ts" };
  const skipped = { name: broken.name, status: "passed", assertionResults: [{ fullName: "rule", status: "skipped" }] };
  expect(tellFailures({ numTotalTests: 1, numPassedTests: 0, testResults: [broken, skipped] })).toEqual([
    "tests/unit/a.test.ts\ncannot find b.ts",
    "tests/unit/a.test.ts > rule\nskipped",
  ]);
  expect(tellFailures(undefined)).toEqual([]);
});

it("tells the first ten of many, each cut to what fits a screen", () => {
  const file = failedFile(12, "x".repeat(5_000));
  const told = tellFailures({ numTotalTests: 12, numPassedTests: 0, testResults: [file] });
  expect(told).toHaveLength(11);
  expect(told.at(-1)).toBe("and 2 more");
  expect(Math.max(...told.map((each) => each.length))).toBe(1_500);
});
