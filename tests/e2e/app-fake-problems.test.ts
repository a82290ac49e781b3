import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { type AppVisitor, withVisitor } from "../support/app-visitor.ts";
import { problemCodes } from "../support/problem-codes.ts";
import { PROBLEM_WAYS } from "../support/problem-ways.ts";
import { PROBLEM_WORDS, UNTOLD } from "../support/problem-words.ts";

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

describe("every code that the client may answer", () => {
  const sources = [...problemCodes()].filter(([source]) => !UNTOLD.includes(source));

  it("has a way to it, and no way is left over", () => {
    expect(Object.keys(PROBLEM_WAYS).sort()).toEqual(sources.map(([source]) => source).sort());
  });

  it.each(sources)("%s: is told where somebody meets it, and they can go on", async (source, codes) => {
    const { path, scene, reach, control, goOn, leaves = [] } = PROBLEM_WAYS[source]!;
    const page = await visitor.open(path, scene);
    for (const code of codes) {
      await reach(page, code);
      const words = page.getByText(PROBLEM_WORDS[source]!(en, code)!).filter({ visible: true }).first();
      await words.waitFor();
      const way = control(page, code);
      expect([code, await way.isVisible(), await way.isEnabled()]).toEqual([code, true, true]);
      if (leaves.includes(code)) continue;
      await (goOn === undefined ? way.click() : goOn(page, code));
      await words.waitFor({ state: "hidden" });
    }
  });
});
