import { from, still, type Place } from "./backend/scalar-place.ts";
import { ScalarProgram } from "./backend/scalar-program.ts";

/** Products of one sum: no more than a backend adds up at once, and a power of two as vectors are. */
const CHUNK = 128;
/** Results before the vectors. */
export const FOLDED_HEAD = 5;

/** By the entries of a vector; these are powers of two, and so few. */
const programs = new Map<number, ScalarProgram>();

/**
 * A fold of the prover's two vectors of so many entries (`range-proof-folding.ts`). It is given e, e^−1, y, y^−f, the
 * factors of the folded G_k and H_k, a and b, and makes e², e^−2, both factors anew, e²·y^−f, a and b folded, and c_L and c_R
 * of the next round if there is one.
 */
export function foldProgram(size: number): ScalarProgram {
  const known = programs.get(size) ?? writeFold(size);
  programs.set(size, known);
  return known;
}

function writeFold(size: number): ScalarProgram {
  const half = size / 2;
  const p = new ScalarProgram(6 + 2 * size);
  const [e, inverse, y, power, left, right] = [1, 1, 1, 1, 1, 1].map((count) => still(p.input(count))) as [Place, Place, Place, Place, Place, Place]; // prettier-ignore
  const [a, b] = [p.input(size), p.input(size)];
  const results = p.takeResults(FOLDED_HEAD + 2 * half + (half > 1 ? 2 : 0));
  const square = p.multiply(1, e, e, results);
  p.multiply(1, inverse, inverse, from(results, 1));
  p.multiply(1, left, inverse, from(results, 2));
  p.multiply(1, right, e, from(results, 3));
  p.multiply(1, square, power, from(results, 4));
  const [foldedA, foldedB] = [from(results, FOLDED_HEAD), from(results, FOLDED_HEAD + half)];
  p.multiply(half, from(a, half), inverse, foldedA);
  p.multiplyAdd(half, a, e, foldedA, foldedA);
  p.multiply(half, from(b, half), e, foldedB);
  p.multiplyAdd(half, b, inverse, foldedB, foldedB);
  if (half > 1) {
    const [cL, cR] = [from(results, FOLDED_HEAD + 2 * half), from(results, FOLDED_HEAD + 2 * half + 1)];
    multiplyVectors(p, half / 2, foldedA, from(foldedB, half / 2), y, cL);
    multiplyVectors(p, half / 2, from(foldedA, half / 2), foldedB, y, cR);
  }
  return p;
}

/** y·Σ aᵢ·bᵢ */
function multiplyVectors(p: ScalarProgram, count: number, a: Place, b: Place, y: Place, to: Place): void {
  const own = Math.min(count, CHUNK);
  const chunk = (place: Place) => ({ ...place, next: own * place.step });
  const parts = p.sumProducts(count / own, own, chunk(a), chunk(b));
  p.sumProducts(1, count / own, parts, y, to);
}
