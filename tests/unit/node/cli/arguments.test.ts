import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseArguments, UsageError, type OptionSpec } from "../../../../src/node/cli/arguments.ts";

const SPECS: readonly OptionSpec[] = [
  { name: "data", value: "DIR", help: "" },
  { name: "port", value: "PORT", help: "" },
  { name: "listen", value: "ADDRESS", isList: true, help: "" },
  { name: "fast", help: "" },
];

const parse = (...texts: string[]) => parseArguments(SPECS, 0, texts);

describe("arguments", () => {
  it("takes values behind a space or an equals sign, switches and lists", () => {
    const args = parse("--data", "a b", "--fast", "--listen=x=y", "--listen", "z");
    expect(args.text("data")).toBe("a b");
    expect(args.has("fast")).toBe(true);
    expect(args.list("listen")).toEqual(["x=y", "z"]);
    expect(args.text("port")).toBeUndefined();
    expect(parseArguments(SPECS, 1, ["file", "--fast"]).words).toEqual(["file"]);
  });

  it("refuses everything else", () => {
    const cases: readonly (readonly string[])[] = [
      ["--unknown"],
      ["--Data", "x"],
      ["-f"],
      ["--"],
      ["--data"],
      ["--data="],
      ["--data", "--fast"],
      ["--data", "x", "--data", "y"],
      ["--fast=1"],
      ["--fast", "--fast"],
      ["word"],
      ["--toString"],
    ];
    for (const texts of cases) expect(() => parse(...texts), texts.join(" ")).toThrow(UsageError);
    expect(() => parseArguments(SPECS, 1, [])).toThrow(UsageError);
  });

  it("throws nothing but UsageError, whatever it is given", () => {
    const text = fc.oneof(fc.constantFrom("--data", "--fast", "--listen", "--port=1", "--", "-"), fc.string());
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (texts) => {
        try {
          parse(...texts);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });

  it("checks numbers and words at once", () => {
    expect(parse("--port", "8080").whole("port", 0, 65_535)).toBe(8_080);
    for (const port of ["65536", "1e3", "0x10", "1.5", " 1", "", "1".repeat(30)]) {
      expect(() => parse(`--port=${port}`).whole("port", 0, 65_535), port).toThrow(UsageError);
    }
    expect(parse("--data", "dev").choice("data", ["dev", "main"])).toBe("dev");
    expect(() => parse("--data", "other").choice("data", ["dev", "main"])).toThrow(UsageError);
    expect(() => parse().required("data")).toThrow("--data is needed");
  });
});
