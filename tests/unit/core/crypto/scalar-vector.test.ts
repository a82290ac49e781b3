import { describe, expect, it } from "vitest";
import { scalarOf, type Scalar } from "../../../../src/core/crypto/scalar.ts";
import {
  factorCount,
  factorList,
  hasZero,
  interleaveScalars,
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

  it("are as good as lists where factors are asked for", () => {
    for (const factors of [vector, parts]) {
      expect(factorCount(factors)).toBe(4);
      expect(factorList(factors)).toEqual(parts);
    }
  });

  it("know whether one of them is zero", () => {
    expect(hasZero(vector)).toBe(false);
    expect(hasZero(joinScalars())).toBe(false);
    const [zero, high] = [scalarOf(0n), scalarOf(1n << 248n)];
    for (let place = 0; place < 4; place++) expect(hasZero(joinScalars(...parts.with(place, zero)))).toBe(true);
    expect(hasZero(joinScalars(high, high))).toBe(false);
    // 32 zeros that are no scalar.
    expect(hasZero(joinScalars(scalarOf(1n), high))).toBe(false);
  });

  it("are interleaved, the first of one and of the other", () => {
    const [a, b, c, d] = parts as [Scalar, Scalar, Scalar, Scalar];
    expect(interleaveScalars(joinScalars(a, b), joinScalars(c, d))).toEqual(joinScalars(a, c, b, d));
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
