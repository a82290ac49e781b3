import { describe, expect, it } from "vitest";
import { scalarOf } from "../../../../src/core/crypto/scalar.ts";
import {
  joinScalars,
  scalarAt,
  scalarCount,
  sliceScalars,
  splitScalars,
} from "../../../../src/core/crypto/scalar-vector.ts";

describe("vectors of scalars", () => {
  const parts = [3n, 5n, 7n, 11n].map(scalarOf);
  const vector = joinScalars(...parts);

  it("are 32 bytes a scalar, one after the other", () => {
    expect(vector).toHaveLength(128);
    expect(scalarCount(vector)).toBe(4);
    expect(splitScalars(vector)).toEqual(parts);
    expect(joinScalars(vector, parts[0]!)).toEqual(joinScalars(...parts, parts[0]!));
    expect(joinScalars()).toHaveLength(0);
  });

  it("are read from either end", () => {
    expect([0, 3, -1, -4].map((index) => scalarAt(vector, index))).toEqual([parts[0], parts[3], parts[3], parts[0]]);
    expect(sliceScalars(vector, 1)).toEqual(joinScalars(...parts.slice(1)));
    expect(sliceScalars(vector, 1, 3)).toEqual(joinScalars(...parts.slice(1, 3)));
    expect(sliceScalars(vector, 1, -1)).toEqual(joinScalars(...parts.slice(1, -1)));
    expect(splitScalars(sliceScalars(vector, 2, 3))).toEqual([parts[2]]);
  });

  it("have no other size", () => {
    for (const size of [1, 31, 33, 65]) expect(() => scalarCount(new Uint8Array(size))).toThrow(RangeError);
  });
});
