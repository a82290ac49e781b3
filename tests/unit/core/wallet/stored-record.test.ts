import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeChanges, type RecordChanges } from "../../../../src/core/wallet/stored-record.ts";

const keyArb = fc.constantFrom("a", "b", "c");
const changesArb: fc.Arbitrary<RecordChanges> = fc.record({
  puts: fc.uniqueArray(fc.record({ key: keyArb, bytes: fc.uint8Array({ maxLength: 2 }) }), {
    selector: ({ key }) => key,
  }),
  deletes: fc.uniqueArray(keyArb),
});

/** As a store does: deletes before puts. */
function applied(all: readonly RecordChanges[]): ReadonlyMap<string, Uint8Array> {
  const store = new Map<string, Uint8Array>([["a", Uint8Array.of(9)]]);
  for (const { puts, deletes } of all) {
    for (const key of deletes) store.delete(key);
    for (const { key, bytes } of puts) store.set(key, bytes);
  }
  return store;
}

describe("changes of several steps, as one", () => {
  it("leave a store as they would one after the other, and name no key twice", () => {
    fc.assert(
      fc.property(fc.array(changesArb, { minLength: 1, maxLength: 5 }), (all) => {
        const merged = mergeChanges(all);
        expect(new Map([...applied([merged])].sort())).toEqual(new Map([...applied(all)].sort()));
        if (all.length === 1) return;
        const keys = [...merged.puts.map(({ key }) => key), ...merged.deletes];
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
