import { SCALAR_SIZE } from "../scalar.ts";
import { ORDER_MEMORY_SIZE } from "./kernel/kernel-layout.ts";
import { FIRST_FREE, type Place } from "./scalar-place.ts";
import { STEP_WORDS } from "./scalar-program.ts";

const WORD_SIZE = 4;

/** What a kernel module exports for numbers modulo ℓ (`kernel/order-kernel.ts`). */
export interface OrderKernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  multiplyAdd: (
    count: number,
    a: number,
    aStep: number,
    b: number,
    bStep: number,
    c: number,
    cStep: number,
    to: number,
    toStep: number,
  ) => void;
  sumProducts: (
    sums: number,
    count: number,
    a: number,
    aStep: number,
    aNext: number,
    b: number,
    bStep: number,
    bNext: number,
    to: number,
    toStep: number,
  ) => void;
  runSteps: (steps: number, count: number) => void;
}

/** Products that a kernel adds up in one call. */
export const SUM_MAX = 250;

/** The memory of a kernel while numbers modulo ℓ are at work in it. */
export class ScalarMemory {
  readonly #kernel: OrderKernel;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  #end = FIRST_FREE;

  constructor(kernel: OrderKernel) {
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(kernel.memory.buffer);
    this.#words = new Int32Array(kernel.memory.buffer);
  }

  /** Does some work, then wipes all that was put here for it or came of it. */
  whileUsed<T>(work: () => T): T {
    try {
      return work();
    } finally {
      this.#bytes.fill(0, FIRST_FREE, this.#end);
      this.#end = FIRST_FREE;
    }
  }

  /** Room for so many numbers; RangeError where there is no more. */
  take(count: number): Place {
    const at = this.#end;
    // Checked first: what is wiped in the end must not reach into the memory of others.
    if (at + SCALAR_SIZE * count > ORDER_MEMORY_SIZE) throw new RangeError(`no room for ${count} scalars`);
    this.#end += SCALAR_SIZE * count;
    return { at, step: SCALAR_SIZE };
  }

  /** Copies numbers in. */
  put(values: Uint8Array): Place {
    const place = this.take(values.length / SCALAR_SIZE);
    this.#bytes.set(values, place.at);
    return place;
  }

  /** Copies numbers out. */
  read({ at }: Pick<Place, "at">, count: number): Uint8Array {
    return this.#bytes.slice(at, at + SCALAR_SIZE * count);
  }

  /** The numbers where they are, as long as they stay. */
  view({ at }: Place, count: number): Uint8Array {
    return this.#bytes.subarray(at, at + SCALAR_SIZE * count);
  }

  /** to := a·b + c, `count` times. */
  multiplyAdd(count: number, a: Place, b: Place, c: Place, to: Place): void {
    if (count === 0) return;
    this.#kernel.multiplyAdd(count, a.at, a.step, b.at, b.step, c.at, c.step, to.at, to.step);
  }

  /** to := Σ a·b over `count` of each, from 1 to SUM_MAX. */
  sumProducts(count: number, a: Place, b: Place, to: Place): void {
    this.#kernel.sumProducts(1, count, a.at, a.step, 0, b.at, b.step, 0, to.at, to.step);
  }

  /** Does the steps of a program whose numbers are here. */
  runSteps(words: readonly number[]): void {
    const { at } = this.take(Math.ceil((WORD_SIZE * words.length) / SCALAR_SIZE));
    this.#words.set(words, at / WORD_SIZE);
    this.#kernel.runSteps(at, words.length / STEP_WORDS);
  }
}
