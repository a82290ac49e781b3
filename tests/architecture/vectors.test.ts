import { describe, expect, it } from "vitest";
import { listFiles, readText } from "./source-files.ts";

/** Not values: where the set comes from. And sections whose features are not built yet. */
const LATER = new Set(["set", "note", "packet", "gift", "mix", "mode_k", "award"]);

describe("reference vectors", () => {
  it("every section of a built feature is read by a test", () => {
    const sections = Object.keys(JSON.parse(readText("tests/vectors/protocol-v1.json")) as object);
    const tests = listFiles("tests/**/*.ts").map(readText);
    const unread = sections.filter(
      (section) => !LATER.has(section) && !tests.some((text) => new RegExp(`\\bvectors\\.${section}\\b`).test(text)),
    );
    expect(unread).toEqual([]);
  });
});
