import { describe, expect, it } from "vitest";
import { isBlank } from "../../../src/app/state/blank-text.ts";

describe("a text with nothing to see", () => {
  it.each([
    ["nothing", ""],
    ["spaces of any width", " \u00a0\u2003\u3000\t\n\u2028"],
    ["marks of direction", "\u202e\u2066\u2069\u200f\u061c"],
    ["zero-width joints", "\u200b\u200c\u200d\u2060\ufeff"],
    ["fillers that count as letters", "\u3164\u115f\u1160\uffa0\u2800"],
    ["tags and variation selectors", "\u{e0041}\ufe0f\u{e0100}"],
    ["controls", "\u0000\u0007\u007f\u0085"],
  ])("is blank: %s", (_name, text) => {
    expect(isBlank(text)).toBe(true);
  });

  it.each(["a", "\u200ba", "茶", ".", "👍🏿", "\u0301", "\ufffd", "\ud800", "\ue000", "١"])("is not: %j", (text) => {
    expect(isBlank(text)).toBe(false);
  });
});
