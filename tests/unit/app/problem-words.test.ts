import { describe, expect, it } from "vitest";
import { en } from "../../../src/app/i18n/en.ts";
import { zh } from "../../../src/app/i18n/zh.ts";
import { problemCodes } from "../../support/problem-codes.ts";
import { PROBLEM_WORDS, UNTOLD } from "../../support/problem-words.ts";

const PROBLEMS_MIN = 17;
const codes = problemCodes();

describe("codes that a person may meet", () => {
  it("are read from the types of the API", () => {
    expect([...(codes.get("OpenResult.code") ?? [])]).toContain("storage_full");
    expect([...(codes.get("SyncView.problem") ?? [])]).toContain("clock_wrong");
    expect(codes.size).toBeGreaterThanOrEqual(PROBLEMS_MIN);
  });

  it("have a place for their words, whatever says them", () => {
    expect([...codes.keys()].filter((source) => !(source in PROBLEM_WORDS)).sort()).toEqual([...UNTOLD].sort());
    expect(Object.keys(PROBLEM_WORDS).filter((source) => !codes.has(source))).toEqual([]);
  });

  it.each([...codes].filter(([source]) => !UNTOLD.includes(source)))(
    "%s: each has an English and a Chinese text of its own",
    (source, all) => {
      const wordsOf = PROBLEM_WORDS[source];
      for (const code of all) {
        const [english = "", chinese = ""] = [wordsOf?.(en, code), wordsOf?.(zh, code)];
        expect([code, english]).toEqual([code, expect.stringMatching(/[a-z]{2}/)]);
        expect([code, chinese]).toEqual([code, expect.stringMatching(/[\u4e00-\u9fff]/)]);
      }
    },
  );
});
