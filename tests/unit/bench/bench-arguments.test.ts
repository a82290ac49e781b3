import { expect, it } from "vitest";
import { parseBenchArguments } from "../../bench/support/bench-arguments.ts";

it("a name alone takes the benchmark as it is", () => {
  const plain = { name: "scan", isQuiet: false, isRecorded: false, seconds: undefined };
  expect(parseBenchArguments(["scan"])).toEqual(plain);
});

it("flags come in any order", () => {
  const all = { name: "msm", isQuiet: true, isRecorded: true, seconds: 0.5 };
  expect(parseBenchArguments(["msm", "--seconds", "0.5", "--json", "--record"])).toEqual(all);
});

it.each([
  [],
  ["--json"],
  ["scan", "quick"],
  ["scan", "--seconds"],
  ["scan", "--seconds", "0"],
  ["scan", "--seconds", "-1"],
  ["scan", "--seconds", "61"],
  ["scan", "--seconds", "soon"],
])("refuses what makes no sense: %s %s %s", (...words) => {
  expect(parseBenchArguments(words)).toBeUndefined();
});
