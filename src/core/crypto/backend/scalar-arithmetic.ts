import type { Scalar } from "../scalar.ts";
import { scalarCount, type ScalarVector } from "../scalar-vector.ts";
import type { ScalarProgram } from "./scalar-program.ts";

/** Longest {@link ScalarArithmetic.squarings}. */
export const SQUARINGS_MAX = 64;

/**
 * Arithmetic modulo ℓ on many numbers at once. Numbers are below ℓ, those that come out as those that
 * go in. Where an operand is as many numbers as the first one, they meet one by one; where it is
 * one number, it meets them all. Any other size is our own mistake and throws RangeError.
 *
 * All of it may be given secrets (PR-9): a backend that can work in fixed time does so here.
 */
export interface ScalarArithmetic {
  /** aᵢ + bᵢ */
  add<T extends Scalar | ScalarVector>(a: T, b: Scalar | ScalarVector): T;
  /** aᵢ − bᵢ */
  subtract<T extends Scalar | ScalarVector>(a: T, b: Scalar | ScalarVector): T;
  /** aᵢ·bᵢ */
  multiply<T extends Scalar | ScalarVector>(a: T, b: Scalar | ScalarVector): T;
  /** aᵢ·bᵢ + cᵢ */
  multiplyAdd<T extends Scalar | ScalarVector>(a: T, b: Scalar | ScalarVector, c: Scalar | ScalarVector): T;
  /** Σ aᵢ·bᵢ, of as many a as b. */
  dot(a: ScalarVector, b: ScalarVector): Scalar;
  /** Π aᵢ */
  product(a: ScalarVector): Scalar;
  /** a, a², a⁴, a⁸, …: `count` of them, 1 to SQUARINGS_MAX. Of n numbers: all of them, all squares, and so on. */
  squarings(a: Scalar | ScalarVector, count: number): ScalarVector;
  /**
   * The n numbers and then, for each factor in turn, all so far once more times that factor: 2^g·n of them for g factors.
   * From 1 on, number k is the product of those factors whose bit is set in k: with squarings, the powers of a number.
   */
  expand(values: Scalar | ScalarVector, factors: ScalarVector): ScalarVector;
  /** aᵢ^−1 of numbers of which none is 0 modulo ℓ, else it throws RangeError. */
  invert<T extends Scalar | ScalarVector>(a: T): T;
  /** 64 bytes each, such as hashes, little-endian and modulo ℓ. */
  reduceWide(wide: Uint8Array): ScalarVector;
  /** What a program makes of numbers, as many as it is given. */
  run(program: ScalarProgram, inputs: ScalarVector): ScalarVector;
}

/** Throws RangeError unless there is one operand for each of `count` numbers, or one for all. */
export function requireOperand(operand: Uint8Array, count: number): void {
  const own = scalarCount(operand);
  if (own !== count && own !== 1) throw new RangeError(`${own} scalars for ${count}`);
}

/** Throws RangeError unless there are as many numbers as a program is given. */
export function requireInputs(program: ScalarProgram, inputs: Uint8Array): void {
  const own = scalarCount(inputs);
  if (own !== program.inputCount) throw new RangeError(`${own} scalars instead of ${program.inputCount}`);
}

/** How many numbers of 64 bytes there are; throws RangeError for another size. */
export function wideCount(wide: Uint8Array): number {
  if (wide.length % 64 !== 0) throw new RangeError(`${wide.length} bytes are no list of wide numbers`);
  return wide.length / 64;
}

/** Throws RangeError for a count that {@link ScalarArithmetic.squarings} does not take. */
export function requireSquarings(count: number): void {
  if (!(Number.isInteger(count) && count >= 1 && count <= SQUARINGS_MAX)) throw new RangeError(`${count} squarings`);
}
