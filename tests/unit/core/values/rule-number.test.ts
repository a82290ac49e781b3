import { expect, it } from "vitest";
import { RULE_CHAPTERS, ruleCode, ruleOfCode } from "../../../../src/core/values/rule-number.ts";

it("rule numbers travel as chapter and number, and never as 0 0", () => {
  expect(ruleCode("TX-4")).toEqual([7, 4]);
  for (const chapter of RULE_CHAPTERS) {
    const [code, number] = ruleCode(`${chapter}-9`);
    expect(code).toBeGreaterThan(0);
    expect(ruleOfCode(code, number)).toBe(`${chapter}-9`);
  }
  expect([ruleOfCode(0, 0), ruleOfCode(7, 0), ruleOfCode(RULE_CHAPTERS.length + 1, 1)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
