import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppendMap } from "../../../../src/core/values/append-map.ts";

const keys = fc.integer({ min: 0, max: 12 });
/** What is done, and to which of the versions there are by then. */
const steps = fc.array(
  fc.record({
    at: fc.nat(),
    change: fc.oneof(
      fc.record({ put: keys, value: fc.nat() }),
      fc.record({ remove: fc.array(keys, { maxLength: 4 }) }),
    ),
  }),
  { maxLength: 40 },
);

/** As immutable as can be. */
function changed(map: ReadonlyMap<number, number>, change: { put: number; value: number } | { remove: number[] }) {
  if ("put" in change) return new Map([...map, [change.put, change.value]]);
  return new Map([...map].filter(([key]) => !change.remove.includes(key)));
}

describe("a map that shares what it grew from", () => {
  it("every version, old ones too and those made of old ones, stays what a copied map would be", () => {
    fc.assert(
      fc.property(steps, (made) => {
        const versions = [{ map: AppendMap.of<number, number>(), model: new Map<number, number>() }];
        for (const { at, change } of made) {
          const { map, model } = versions[at % versions.length]!;
          const next = "put" in change ? map.with(change.put, change.value) : map.without(change.remove);
          versions.push({ map: next, model: changed(model, change) });
        }
        for (const { map, model } of versions) {
          expect([...map]).toEqual([...model]);
          expect([...map.keys()]).toEqual([...model.keys()]);
          expect([...map.values()]).toEqual([...model.values()]);
          expect(map.size).toBe(model.size);
          for (let key = 0; key <= 13; key++) {
            expect(map.get(key)).toBe(model.get(key));
            expect(map.has(key)).toBe(model.has(key));
          }
        }
      }),
    );
  });

  it("begins with the last value of a key that is given twice, in its first place", () => {
    const begun = AppendMap.of([
      ["a", 1],
      ["b", 2],
      ["a", 3],
    ]);
    expect([...begun.with("c", 4)]).toEqual([
      ["a", 3],
      ["b", 2],
      ["c", 4],
    ]);
  });
});
