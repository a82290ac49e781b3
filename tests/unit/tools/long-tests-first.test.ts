import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LONG_TESTS, longTestsFirst } from "../../../tools/long-tests-first.ts";
import { ROOT } from "../../../tools/run-command.ts";

const sorted = (files: readonly string[]): string[] => longTestsFirst(files, (file) => file);

it("puts the longest first and leaves the others as they were", () => {
  const others = ["tests/e2e/z.test.ts", "tests/e2e/a.test.ts"];
  expect(sorted([others[0]!, LONG_TESTS[1]!, others[1]!, LONG_TESTS[0]!])).toEqual([
    LONG_TESTS[0],
    LONG_TESTS[1],
    ...others,
  ]);
});

it("knows no file twice, and none that is not there", () => {
  expect(new Set(LONG_TESTS).size).toBe(LONG_TESTS.length);
  expect(LONG_TESTS.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
