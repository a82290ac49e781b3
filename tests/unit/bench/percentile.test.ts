import { describe, expect, it } from "vitest";
import { percentile } from "../../bench/product/percentile.ts";

describe("percentile", () => {
  it("is a value that was measured, whatever their order", () => {
    expect(percentile([30, 10, 20], 50)).toBe(20);
    expect(percentile([4, 1, 3, 2], 50)).toBe(2);
    expect(percentile([7], 95)).toBe(7);
  });

  it("of 20 values leaves out one for 95 of 100, and of fewer none", () => {
    const twenty = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(percentile(twenty, 95)).toBe(19);
    expect(percentile(twenty.slice(0, 19), 95)).toBe(19);
    expect(percentile(twenty, 100)).toBe(20);
    expect(percentile(twenty, 0)).toBe(1);
  });

  it("of nothing is a mistake", () => {
    expect(() => percentile([], 95)).toThrow(RangeError);
  });
});
