import { describe, expect, it } from "vitest";
import { commitmentGenerators } from "../../../../src/core/crypto/commitment.ts";
import { addTerms, NO_TERMS, sumToIdentity, type EquationTerms } from "../../../../src/core/crypto/equation-terms.ts";
import { scalarOf } from "../../../../src/core/crypto/scalar.ts";
import { joinScalars } from "../../../../src/core/crypto/scalar-vector.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";
import { seededRandom } from "../../../support/test-random.ts";

const { blinding, value } = commitmentGenerators(curve);
const terms = (
  fixed: readonly bigint[],
  points: EquationTerms["points"],
  factors: readonly bigint[],
): EquationTerms => ({
  fixed: joinScalars(...fixed.map(scalarOf)),
  points,
  factors: joinScalars(...factors.map(scalarOf)),
});
const other = curve.ristrettoFromHash(seededRandom("terms").bytes(64));

describe("terms of equations", () => {
  it("are the identity where all cancels out", () => {
    expect(sumToIdentity(curve, [NO_TERMS])).toBe(true);
    expect(sumToIdentity(curve, [terms([3n, 5n], [blinding, value, other, other], [-3n, -5n, 7n, -7n])])).toBe(true);
    expect(sumToIdentity(curve, [terms([3n, 5n], [blinding, value, other], [-3n, -5n, 1n])])).toBe(false);
    expect(sumToIdentity(curve, [terms([3n], [], [])])).toBe(false);
  });

  it("add up over generators, however many each has, and over points", () => {
    const long = terms([1n, 2n, ...new Array<bigint>(128).fill(0n)], [other], [4n]);
    const short = terms([5n], [blinding, value], [-6n, -2n]);
    const rest = terms([], [other], [-4n]);
    for (const sums of [
      [long, short, rest],
      [rest, short, long],
      [short, NO_TERMS, rest, long],
    ]) {
      expect(sumToIdentity(curve, sums)).toBe(true);
      expect(sumToIdentity(curve, [addTerms(curve, sums)])).toBe(true);
      expect(sumToIdentity(curve, sums.slice(1))).toBe(false);
    }
    expect(addTerms(curve, [NO_TERMS, short]).fixed).toEqual(short.fixed);
  });
});
