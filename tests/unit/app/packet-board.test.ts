import { describe, expect, it } from "vitest";
import { isLuckiestDrawn, packetBoard } from "../../../src/app/state/packet-board.ts";
import { amount } from "../../../src/core/values/amount.ts";

const amounts = [3n, 9n, 1n, 9n].map(amount);

describe("the shares of a packet by size", () => {
  it("are told apart by what is drawn, the largest first, equal ones by their place", () => {
    const board = packetBoard(amounts, [0, 3]);
    expect(board?.map(({ slot, isDrawn }) => [slot, isDrawn])).toEqual([
      [1, false],
      [3, true],
      [0, true],
      [2, false],
    ]);
  });

  it("are all drawn where nothing is left", () => {
    expect(packetBoard(amounts, undefined)?.every(({ isDrawn }) => isDrawn)).toBe(true);
  });

  it("have a luckiest that is drawn once any of the largest is", () => {
    expect(isLuckiestDrawn(packetBoard(amounts, [0, 2])!)).toBe(false);
    expect(isLuckiestDrawn(packetBoard(amounts, [3])!)).toBe(true);
  });

  it("[RP-3] are nothing to look at where all are as equal as can be, or there is one", () => {
    expect(packetBoard([4n, 3n, 3n].map(amount), [])).toBeUndefined();
    expect(packetBoard([5n, 3n, 4n].map(amount), [])).toBeDefined();
    expect(packetBoard([amount(5n), amount(5n)], [])).toBeUndefined();
    expect(packetBoard([amount(5n)], [])).toBeUndefined();
  });
});
