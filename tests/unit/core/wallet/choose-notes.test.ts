import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TX_INPUTS_MAX } from "../../../../src/core/params/limits.ts";
import { chooseNotes } from "../../../../src/core/wallet/choose-notes.ts";
import type { Note } from "../../../../src/core/wallet/note.ts";
import { testNote } from "../../../support/wallet-values.ts";

const notesOf = (amounts: readonly bigint[]): Note[] => amounts.map((value, index) => testNote(index, value));
const leavesOf = (notes: readonly Note[] | undefined): number[] | undefined => notes?.map((note) => note.leaf);
const costs = (value: bigint) => (count: number) => value + BigInt(count);

describe("choosing notes", () => {
  it("takes one note where one is enough, and the oldest such note", () => {
    expect(leavesOf(chooseNotes(notesOf([3n, 50n, 90n, 60n]), () => 45n))).toEqual([1]);
    expect(leavesOf(chooseNotes(notesOf([3n, 50n, 90n, 60n]), () => 70n))).toEqual([2]);
  });

  it("takes as few as will do, of those the oldest", () => {
    expect(leavesOf(chooseNotes(notesOf([10n, 50n, 60n, 90n]), () => 100n))).toEqual([0, 3]);
    expect(leavesOf(chooseNotes(notesOf([10n, 50n, 60n, 90n]), () => 101n))).toEqual([1, 2]);
  });

  it("passes over empty notes, which are padding (OU-9)", () => {
    expect(leavesOf(chooseNotes(notesOf([0n, 0n, 5n]), () => 5n))).toEqual([2]);
    expect(chooseNotes(notesOf([0n, 0n]), () => 1n)).toBeUndefined();
  });

  it("[TX-8] counts the price of each input, and TX_INPUTS_MAX bounds the choice", () => {
    expect(chooseNotes(notesOf([10n, 10n]), costs(19n))).toBeUndefined();
    expect(leavesOf(chooseNotes(notesOf([10n, 10n]), costs(18n)))).toEqual([0, 1]);
    const many = notesOf(Array.from({ length: TX_INPUTS_MAX + 1 }, () => 1n));
    expect(chooseNotes(many, () => BigInt(TX_INPUTS_MAX))).toHaveLength(TX_INPUTS_MAX);
    expect(chooseNotes(many, () => BigInt(TX_INPUTS_MAX + 1))).toBeUndefined();
  });

  it("goes through a hundred thousand notes once, not once for each", { timeout: 20_000 }, () => {
    const notes = notesOf(Array.from({ length: 100_000 }, (_, index) => BigInt(1 + ((index * 7_919) % 100_003))));
    const largest = [...notes].map((note) => note.amount).sort((left, right) => Number(right - left));
    const target = largest.slice(0, TX_INPUTS_MAX).reduce((sum, value) => sum + value, 0n);
    const chosen = chooseNotes(notes, () => target)!;
    expect(chosen).toHaveLength(TX_INPUTS_MAX);
    expect(chosen.reduce((sum, note) => sum + note.amount, 0n)).toBe(target);
  });

  it("finds a choice whenever there is one, never with a note to spare, the same every time", () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 30n }), { maxLength: 8 });
    fc.assert(
      fc.property(amounts, fc.bigInt({ min: 1n, max: 120n }), (values, target) => {
        const notes = notesOf(values);
        const needed = costs(target);
        const chosen = chooseNotes(notes, needed);
        const best = bestByTrying(notes, needed);
        expect(leavesOf(chosen)).toEqual(best);
        expect(chooseNotes([...notes].reverse(), needed)).toEqual(chosen);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** All choices: fewest first, then the one with the oldest leaves. */
function bestByTrying(notes: readonly Note[], needed: (count: number) => bigint): number[] | undefined {
  const full = notes.filter((note) => note.amount > 0n);
  let best: number[] | undefined;
  for (let mask = 1; mask < 2 ** full.length; mask++) {
    const chosen = full.filter((_, index) => (mask >> index) & 1);
    if (chosen.reduce((sum, note) => sum + note.amount, 0n) < needed(chosen.length)) continue;
    const leaves = chosen.map((note) => note.leaf);
    if (best === undefined || leaves.length < best.length || (leaves.length === best.length && isOlder(leaves, best))) {
      best = leaves;
    }
  }
  return best;
}

function isOlder(left: readonly number[], right: readonly number[]): boolean {
  const place = left.findIndex((leaf, index) => leaf !== right[index]);
  return place >= 0 && left[place]! < right[place]!;
}
