import { describe, expect, it } from "vitest";
import { BytePace } from "../../../../src/node/network/byte-pace.ts";

describe("a pace of bytes", () => {
  it("lets a minute's bytes through at once, then as many a minute, each name by itself", () => {
    let now = 0;
    const pace = new BytePace(6_000, () => now);
    expect(pace.take("a", 5_900)).toBe(true);
    expect(pace.take("a", 101)).toBe(false);
    expect(pace.take("a", 100)).toBe(true);
    expect(pace.take("a", 1)).toBe(false);
    expect(pace.take("b", 6_000)).toBe(true);
    now += 1_000;
    expect(pace.take("a", 101)).toBe(false);
    expect(pace.take("a", 100)).toBe(true);
    now += 60_000;
    expect(pace.take("a", 6_001)).toBe(false);
    expect(pace.take("a", 6_000)).toBe(true);
  });
});
