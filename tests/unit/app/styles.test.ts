import { describe, expect, it } from "vitest";
import { listFiles, readText } from "../../architecture/source-files.ts";

const TOKENS = "src/app/styles/tokens.css";
const STYLED = listFiles("src/app/**/*.{css,svelte}");

/** What stands between the style tags of a component; a style sheet as it is. */
function stylesOf(path: string): string {
  const text = readText(path);
  return path.endsWith(".css") ? text : (/<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? "");
}

const declared = new Set([...readText(TOKENS).matchAll(/^\s*(--[\w-]+):/gm)].map((match) => match[1] ?? ""));
const used = STYLED.flatMap((path) => [...stylesOf(path).matchAll(/var\((--[\w-]+)/g)].map((match) => match[1] ?? ""));

function offenders(pattern: RegExp, ...exceptions: readonly string[]): readonly string[] {
  return STYLED.filter((path) => !exceptions.includes(path)).flatMap((path) =>
    [...stylesOf(path).matchAll(pattern)].map(([text]) => `${path}: ${text.trim()}`),
  );
}

describe("styles", () => {
  it("stand in layers, so that what comes later wins without a fight", () => {
    const text = readText("src/app/styles/app.css");
    expect(text).toContain("@layer reset, tokens, base, controls, layout;");
    for (const path of listFiles("src/app/styles/*.css").filter((each) => !each.endsWith("/app.css"))) {
      const name = path.slice("src/app/styles/".length, -".css".length);
      expect(text).toContain(`@import "./${name}.css" layer(${name});`);
    }
  });

  it("use every token there is, and none there is not", () => {
    expect([...declared].filter((token) => !used.includes(token))).toEqual([]);
    expect([...new Set(used)].filter((token) => !declared.has(token))).toEqual([]);
  });

  it("take every colour from a token", () => {
    // A code to scan is dark on white in both themes.
    expect(offenders(/#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(/gi, TOKENS, "src/app/components/QrCode.svelte")).toEqual(
      [],
    );
  });

  it("know no left and right, so that they fit languages that run the other way", () => {
    const physical =
      /^\s*(?:(?:margin|padding|border)-(?:left|right|top|bottom)|(?:min-|max-)?(?:width|height)|left|right|top|bottom)\s*:.*|(?:text-align|float):\s*(?:left|right).*/gm;
    expect(offenders(physical)).toEqual([]);
  });

  it("set text in rem, so that it grows with the reader's size", () => {
    expect(offenders(/font-size:\s*[\d.]+px.*/g)).toEqual([]);
    for (const [, size = ""] of readText(TOKENS).matchAll(/--text-[\w-]+:\s*([^;]+);/g)) expect(size).toMatch(/rem$/);
  });
});
