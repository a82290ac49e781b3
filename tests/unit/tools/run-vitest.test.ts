import { expect, it } from "vitest";
import { countTests } from "../../../tools/run-vitest.ts";

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
