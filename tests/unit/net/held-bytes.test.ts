import { beforeEach, describe, expect, it } from "vitest";
import { HeldBytes } from "../../../src/net/held-bytes.ts";

describe("[NW-1] what many hold together", () => {
  let now: number;
  let held: HeldBytes;
  let ended: string[];
  beforeEach(() => {
    [now, ended] = [0, []];
    held = new HeldBytes(100, () => now);
  });
  const holder = (name: string) => ({
    abort: () => {
      ended.push(name);
    },
  });

  it("is bounded to the byte, and counts what grows or shrinks once", () => {
    const [first, second] = [holder("first"), holder("second")];
    expect(held.hold(first, 10)).toBe(true);
    expect(held.hold(first, 60)).toBe(true);
    expect(held.hold(second, 40)).toBe(true);
    expect(held.hold(second, 41)).toBe(false);
    expect(held.hold(holder("third"), 40)).toBe(true);
    held.release(first);
    held.release(first);
    expect(held.hold(second, 61)).toBe(false);
    expect(held.hold(second, 60)).toBe(true);
    expect(ended).toEqual([]);
  });

  it("is refused to who comes last while all are quick, and taken from the slowest once they are slow", () => {
    held.hold(holder("first"), 50);
    now = 1_000;
    held.hold(holder("second"), 50);
    now = 4_999;
    expect(held.hold(holder("third"), 1)).toBe(false);
    now = 5_000;
    expect(held.hold(holder("third"), 1)).toBe(true);
    expect(ended).toEqual(["first"]);
    // Nobody goes before there is need.
    now = 60_000;
    expect(held.hold(holder("fourth"), 49)).toBe(true);
    expect(ended).toEqual(["first"]);
    expect(held.hold(holder("fifth"), 50)).toBe(true);
    expect(ended).toEqual(["first", "second"]);
  });

  it("is as old as its first byte, and may be that of who asks for more", () => {
    const [slow, quick] = [holder("slow"), holder("quick")];
    held.hold(slow, 1);
    now = 4_000;
    held.hold(quick, 50);
    held.hold(slow, 49);
    now = 5_000;
    expect(held.hold(slow, 60)).toBe(false);
    expect(ended).toEqual(["slow"]);
    expect(held.hold(quick, 100)).toBe(true);
  });
});
