import { SCALAR_SIZE } from "../scalar.ts";
import { from, type Place } from "./scalar-place.ts";

/** Words of a step, 4 bytes each: which of the two it is, then up to ten operands in the order of `kernel/order-kernel.ts`. */
export const STEP_WORDS = 11;
export const MULTIPLY_ADD = 0;
export const SUM_PRODUCTS = 1;

/**
 * Arithmetic modulo ℓ that is written down once and then run on any numbers by `ScalarArithmetic.run`, which is one call of a
 * kernel instead of hundreds. Places are in bytes, as in a kernel's memory: first a zero that stays, then the numbers that a
 * run is given, then what comes of them. Like a kernel the steps do one product after the other, so that one may read what an
 * earlier one has written, within a step as well.
 */
export class ScalarProgram {
  /** Of the numbers that a run is given. */
  readonly inputCount: number;
  readonly #words: number[] = [];
  #end = SCALAR_SIZE;
  #inputsTaken = 0;
  #results: { readonly at: number; readonly count: number } = { at: 0, count: 0 };

  constructor(inputCount: number) {
    this.inputCount = inputCount;
    this.#end += SCALAR_SIZE * inputCount;
  }

  /** Bytes of the zero and all numbers. */
  get size(): number {
    return this.#end;
  }

  /** The steps, {@link STEP_WORDS} each. */
  get words(): readonly number[] {
    return this.#words;
  }

  /** Where the numbers are that a run gives. */
  get results(): { readonly at: number; readonly count: number } {
    return this.#results;
  }

  /** The next so many of the numbers that a run is given. */
  input(count: number): Place {
    const at = SCALAR_SIZE * (1 + this.#inputsTaken);
    this.#inputsTaken += count;
    if (this.#inputsTaken > this.inputCount) throw new RangeError(`${this.#inputsTaken} inputs of ${this.inputCount}`);
    return { at, step: SCALAR_SIZE };
  }

  /** Room for so many numbers. */
  take(count: number): Place {
    const at = this.#end;
    this.#end += SCALAR_SIZE * count;
    return { at, step: SCALAR_SIZE };
  }

  /** Room for the numbers that a run gives. */
  takeResults(count: number): Place {
    const place = this.take(count);
    this.#results = { at: place.at, count };
    return place;
  }

  /** aᵢ·bᵢ, `count` times. */
  multiply(count: number, a: Place, b: Place, to: Place = this.take(count)): Place {
    return this.multiplyAdd(count, a, b, ZERO, to);
  }

  /** aᵢ·bᵢ + cᵢ, `count` times. */
  multiplyAdd(count: number, a: Place, b: Place, c: Place, to: Place = this.take(count)): Place {
    if (count > 0) this.#words.push(MULTIPLY_ADD, count, a.at, a.step, b.at, b.step, c.at, c.step, to.at, to.step, 0);
    return to;
  }

  /** first·c₀, first·c₀·c₁, … of `count` columns of n numbers. */
  runningProducts(n: number, first: Place, columns: Place, count: number): Place {
    const products = this.take(count * n);
    this.multiply(n, first, columns, products);
    this.multiply((count - 1) * n, products, from(columns, n), from(products, n));
    return products;
  }

  /** Σ aᵢ·bᵢ over `count` of each, at most SUM_MAX, as often as `sums` says: each begins so many bytes after the one before. */
  sumProducts(
    sums: number,
    count: number,
    a: Place & { readonly next?: number },
    b: Place & { readonly next?: number },
    to: Place = this.take(sums),
  ): Place {
    this.#words.push(SUM_PRODUCTS, sums, count, a.at, a.step, a.next ?? 0, b.at, b.step, b.next ?? 0, to.at, to.step);
    return to;
  }
}

const ZERO: Place = { at: 0, step: 0 };
