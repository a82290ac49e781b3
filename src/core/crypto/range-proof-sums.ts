import { from, still, type Place } from "./backend/scalar-place.ts";
import type { ScalarProgram } from "./backend/scalar-program.ts";

/**
 * An expansion of each proof: number k is the first number times a factor for each bit of k, one where it is set, one where
 * it is not. Either of the two may be missing, and is 1 then. Factors are columns, one for each bit.
 */
export interface Expansion {
  readonly start: Place;
  readonly set?: (bit: number) => Place;
  readonly unset?: (bit: number) => Place;
}

/**
 * Steps for Σ of the expansions of n proofs, plus one number that all sums share, in `to`. Products of the lower factors
 * times products of the upper ones: a sum takes one step for each expansion.
 */
export function sumExpansions(
  program: ScalarProgram,
  n: number,
  bits: number,
  expansions: readonly Expansion[],
  { shared, one, to }: { readonly shared: Place; readonly one: Place; readonly to: Place },
): void {
  const lowBits = bits >> 1;
  const width = expansions.length * n + 1;
  const grow = (firstBit: number, count: number, startOf: (own: Expansion) => Place, last: Place): Place => {
    const rows = program.take(width * 2 ** count);
    expansions.forEach((own, index) => {
      const rowOf = (k: number): Place => from(rows, width * k + n * index);
      growRows(program, n, { ...own, start: startOf(own) }, { firstBit, count, rowOf, one });
    });
    const ends = { at: from(rows, width - 1).at, step: width * rows.step };
    program.multiply(2 ** count, still(last), still(one), ends);
    return rows;
  };
  const low = grow(0, lowBits, ({ start }) => start, shared);
  const high = grow(lowBits, bits - lowBits, () => still(one), one);
  for (let k = 0; k < 2 ** (bits - lowBits); k++) {
    const sums = 2 ** lowBits;
    const rows = { ...low, next: width * low.step };
    program.sumProducts(sums, width, rows, from(high, width * k), from(to, sums * k));
  }
}

/** The rows of one expansion, n numbers each, for the bits from `firstBit` on. */
function growRows(
  program: ScalarProgram,
  n: number,
  { start, set, unset }: Expansion,
  rows: {
    readonly firstBit: number;
    readonly count: number;
    readonly rowOf: (k: number) => Place;
    readonly one: Place;
  },
): void {
  // Where bits that are set have no factor, rows grow from the last one down.
  const rowOf = (k: number): Place => rows.rowOf(set === undefined ? 2 ** rows.count - 1 - k : k);
  program.multiply(n, start, still(rows.one), rowOf(0));
  for (let bit = 0; bit < rows.count; bit++) {
    const factor = (set ?? unset)!(rows.firstBit + bit);
    for (let k = 0; k < 2 ** bit; k++) {
      program.multiply(n, rowOf(k), factor, rowOf(k + 2 ** bit));
      if (set !== undefined && unset !== undefined) program.multiply(n, rowOf(k), unset(rows.firstBit + bit), rowOf(k));
    }
  }
}
