import { expect, it } from "vitest";
import { parseBenchArguments } from "../../bench/support/bench-arguments.ts";

it("a name alone takes the benchmark as it is", () => {
  const plain = {
    name: "scan",
    isQuiet: false,
    isRecorded: false,
    seconds: undefined,
    outputs: undefined,
    phones: undefined,
    shares: undefined,
  };
  expect(parseBenchArguments(["scan"])).toEqual(plain);
});

it("flags come in any order", () => {
  const all = { name: "msm", isQuiet: true, isRecorded: true, seconds: 0.5, outputs: 5_000 };
  const flags = ["--seconds", "0.5", "--json", "--outputs", "5000", "--record"];
  expect(parseBenchArguments(["msm", ...flags])).toEqual(all);
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
  ["growth", "--outputs"],
  ["growth", "--outputs", "999"],
  ["growth", "--outputs", "1500.5"],
  ["growth", "--outputs", "10000001"],
])("refuses what makes no sense: %s %s %s", (...words) => {
  expect(parseBenchArguments(words)).toBeUndefined();
});
