import { describe, expect, it } from "vitest";
import { parsePin, PIN_DIGITS_MAX, PIN_DIGITS_MIN } from "../../../../src/core/values/pin.ts";

describe("a PIN", () => {
  it.each([
    ["271828", "271828"],
    [" 271 828 ", "271828"],
    ["２７１８２８", "271828"],
    ["112233", "112233"],
  ])("%s is read as %s", (text, pin) => expect(parsePin(text)).toEqual({ ok: true, pin }));

  it.each([
    ["", "pin_short"],
    ["27182", "pin_short"],
    ["27182a", "pin_not_digits"],
    ["-271828", "pin_not_digits"],
    ["000000", "pin_simple"],
    ["123456", "pin_simple"],
    ["890123", "pin_simple"],
    ["987654", "pin_simple"],
    ["321098", "pin_simple"],
  ])("%s is refused as %s", (text, code) => expect(parsePin(text)).toEqual({ ok: false, code }));

  it("has its limits", () => {
    const digits = "27".repeat(PIN_DIGITS_MAX);
    expect(parsePin(digits.slice(0, PIN_DIGITS_MIN)).ok).toBe(true);
    expect(parsePin(digits.slice(0, PIN_DIGITS_MAX)).ok).toBe(true);
    expect(parsePin(digits.slice(0, PIN_DIGITS_MAX + 1))).toEqual({ ok: false, code: "pin_long" });
  });
});
