import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amount, AMOUNT_LIMIT, formatAmount, isAmount, parseAmount } from "../../../../src/core/values/amount.ts";
import { runs } from "../../../support/run-counts.ts";

describe("amounts", () => {
  it("[EN-1] lie below 2^53 µSTG", () => {
    expect(isAmount(AMOUNT_LIMIT - 1n)).toBe(true);
    expect(isAmount(AMOUNT_LIMIT)).toBe(false);
    expect(isAmount(-1n)).toBe(false);
    expect(() => amount(AMOUNT_LIMIT)).toThrow(RangeError);
  });

  it("every amount comes back from its shortest text", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: AMOUNT_LIMIT - 1n }), (micro) => {
        expect(parseAmount(formatAmount(amount(micro)))).toEqual({ ok: true, amount: micro });
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });

  it.each([
    ["12.5", 12_500_000n],
    ["12,5", 12_500_000n],
    ["0.000001", 1n],
    [".5", 500_000n],
    ["7.", 7_000_000n],
    ["1 000", 1_000_000_000n],
    ["1’000.25", 1_000_250_000n],
    ["0", 0n],
  ])("reads what people type: %s", (text, micro) => {
    expect(parseAmount(text)).toEqual({ ok: true, amount: micro });
  });

  it.each([
    ["", "empty"],
    ["  ", "empty"],
    [".", "not_a_number"],
    ["1.000.000", "not_a_number"],
    ["1,000.5", "not_a_number"],
    ["-1", "not_a_number"],
    ["1e3", "not_a_number"],
    ["٣", "not_a_number"],
    ["0.0000001", "too_many_decimals"],
    ["9007199254.740992", "too_large"],
    ["9".repeat(5_000), "too_large"],
  ])("refuses %s with a code of its own", (text, code) => {
    expect(parseAmount(text)).toEqual({ ok: false, code });
  });

  it("never throws, whatever is pasted", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseAmount(text);
        expect(parsed.ok ? isAmount(parsed.amount) : parsed.code.length > 0).toBe(true);
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});
