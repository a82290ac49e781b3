import { describe, expect, it } from "vitest";
import { joinItems } from "../../../../src/core/bytes/concat-bytes.ts";

describe("joining bytes", () => {
  it("puts items of one size one after the other", () => {
    const items = [Uint8Array.of(1, 2), Uint8Array.of(3, 4), Uint8Array.of(5, 6)];
    expect(joinItems(items)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(joinItems([])).toHaveLength(0);
  });

  it("takes items of other sizes for our own mistake", () => {
    expect(() => joinItems([Uint8Array.of(1, 2), Uint8Array.of(3)])).toThrow(RangeError);
  });
});
