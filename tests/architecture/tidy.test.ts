import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { listFiles, readText, ROOT } from "./source-files.ts";

const LINES_MAX = 400;

// One long algorithm in one file is fine; each exception says which.
const LONG_FILES: Readonly<Record<string, string>> = {};

const FORBIDDEN_NAMES = ["utils", "util", "common", "misc", "helpers", "helper", "types", "manager", "base"];

const CODE = listFiles("{src,workers,tests,tools}/**/*.{ts,mjs,js,svelte}", "*.{ts,js}").filter((path) => {
  return !path.startsWith("tools/stubs/");
});
const TEXT = [...CODE, ...listFiles("docs/**/*.md", "*.md", "index.html", "src/**/*.{md,css}", ".ci/*")];
const THIS_FILE = "tests/architecture/tidy.test.ts";
const TESTS = listFiles("tests/**/*.ts").filter((path) => path !== THIS_FILE);

function offenders(files: readonly string[], pattern: RegExp): readonly string[] {
  return files
    .filter((path) => path !== THIS_FILE)
    .flatMap((path) =>
      readText(path)
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
}

describe("files", () => {
  it("are called by kebab-case names, components by PascalCase", () => {
    const wrong = CODE.filter((path) => {
      const name = basename(path);
      return name.endsWith(".svelte")
        ? !/^[A-Z][A-Za-z0-9]*\.svelte$/.test(name)
        : !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(name);
    });
    expect(wrong).toEqual([]);
  });

  it("live with their noun: no drawer for leftovers", () => {
    const wrong = CODE.filter((path) => {
      return path.split("/").some((part) => FORBIDDEN_NAMES.includes(part.replace(/\..*$/, "")));
    });
    expect(wrong).toEqual([]);
  });

  it(`have at most ${LINES_MAX} lines in src`, () => {
    const long = CODE.filter((path) => path.startsWith("src/") && readText(path).split("\n").length - 1 > LINES_MAX);
    expect(long.filter((path) => !(path in LONG_FILES))).toEqual([]);
    expect(Object.keys(LONG_FILES).filter((path) => !long.includes(path))).toEqual([]);
  });
});

describe("text", () => {
  it("holds no note to come back later", () => {
    expect(offenders(TEXT, /\b(FIXME|TODO|XXX)\b/)).toEqual([]);
  });

  it("leaves no test out", () => {
    expect(offenders(TESTS, /\b(it|test|describe|suite)(\.\w+)*\.(only|skip|todo|fails)\b/)).toEqual([]);
  });

  it("names no folder of somebody's machine", () => {
    expect(offenders(TEXT, /(?<![\w.~*-])\/(home\/\w|Users\/\w|root\/|work\/)|\b[A-Z]:\\Users\\/)).toEqual([]);
  });
});

describe("rules and limits", () => {
  const cited = TESTS.map(readText).join("\n");
  const isCited = (name: string): boolean => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(cited);

  it("every rule of docs/protocol.md is named by a test", () => {
    if (!existsSync(join(ROOT, "docs/protocol.md"))) return;
    const rules = [...readText("docs/protocol.md").matchAll(/\*\*([A-Z]{2,}-\d+)\*\*/g)].map((match) => match[1] ?? "");
    expect(rules.length).toBeGreaterThan(0);
    expect([...new Set(rules)].filter((rule) => !isCited(rule))).toEqual([]);
  });

  it("every limit of src/wire/limits.ts is named by a test", () => {
    if (!existsSync(join(ROOT, "src/wire/limits.ts"))) return;
    const limits = [...readText("src/wire/limits.ts").matchAll(/^export const (\w+)/gm)].map((match) => match[1] ?? "");
    expect(limits.length).toBeGreaterThan(0);
    expect(limits.filter((limit) => !isCited(limit))).toEqual([]);
  });
});
