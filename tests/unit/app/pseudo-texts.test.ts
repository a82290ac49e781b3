import { describe, expect, it } from "vitest";
import { en } from "../../../src/app/i18n/en.ts";
import { chooseLanguage, directionOf } from "../../../src/app/i18n/language-codes.ts";
import { loadTexts } from "../../../src/app/i18n/languages.ts";
import { pseudoTexts } from "../../../src/app/i18n/pseudo-texts.ts";

type Leaf = string | ((...parameters: string[]) => string);

function leaves(texts: object, path = ""): readonly (readonly [string, Leaf])[] {
  return Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? leaves(value, `${path}${key}.`)
      : [[`${path}${key}`, value as Leaf] as const],
  );
}

const PARAMETERS = ["12.5", "3", "x"];
const textOf = (leaf: Leaf): string => (typeof leaf === "string" ? leaf : leaf(...PARAMETERS.slice(0, leaf.length)));
/** Letters alone: figures stay as they are. */
const lettersOf = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0;

describe("pseudo-languages", () => {
  it.each(["long", "rtl"] as const)("%s has every text, with its parameters", (language) => {
    const made = new Map(leaves(pseudoTexts(language)));
    const english = leaves(en);
    expect([...made.keys()]).toEqual(english.map(([key]) => key));
    for (const [key, leaf] of english) {
      if (typeof leaf === "string") continue;
      const text = (made.get(key) as (...parameters: string[]) => string)(...PARAMETERS.slice(0, leaf.length));
      for (const parameter of PARAMETERS.slice(0, leaf.length))
        expect([key, text]).toEqual([key, expect.stringContaining(parameter)]);
      expect(text).not.toMatch(/[\ue000-\ue0ff]/);
    }
  });

  it("long is 40 % longer, text by text", () => {
    const made = new Map(leaves(pseudoTexts("long")));
    for (const [key, leaf] of leaves(en)) {
      const before = lettersOf(typeof leaf === "string" ? leaf : leaf(...PARAMETERS.map(() => "1")));
      const madeLeaf = made.get(key) ?? "";
      const after = lettersOf(typeof madeLeaf === "string" ? madeLeaf : madeLeaf(...PARAMETERS.map(() => "1")));
      expect([key, after]).toEqual([key, expect.toSatisfy((count: number) => count >= before * 1.4)]);
    }
  });

  it("rtl runs from right to left, and what is put in keeps its direction", () => {
    const made = pseudoTexts("rtl");
    expect(made.pay.title).toBe("\u202ePay\u202c");
    expect(made.app.amount("12.5")).toBe("\u206812.5\u2069 \u202eSTG\u202c");
    expect([directionOf("rtl"), directionOf("long"), directionOf("zh")]).toEqual(["rtl", "ltr", "ltr"]);
  });

  it("come by the page's address alone, never by the browser's languages or a choice", async () => {
    expect(chooseLanguage("long", "zh", ["zh"])).toBe("long");
    expect(chooseLanguage("rtl", null, [])).toBe("rtl");
    expect(chooseLanguage(null, "rtl", ["long"])).toBe("en");
    expect((await loadTexts("long")).pay.title).toBe("PPaay");
    expect(textOf((await loadTexts("rtl")).app.name)).toContain("Stegos");
  });
});
