import { SCALAR_SIZE } from "../scalar.ts";
import { ORDER_MEMORY_SIZE } from "./kernel/kernel-layout.ts";

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
  ) => void;
}

/** Products that a kernel adds up in one call. */
export const SUM_MAX = 250;

/** Where numbers lie in the kernel's memory, and how many bytes it is from each to the next. */
export interface Place {
  readonly at: number;
  readonly step: number;
}

/** Nothing is ever written here, and whatever else works in the memory leaves zeros. */
export const ZERO_PLACE: Place = { at: 0, step: 0 };
const FIRST_FREE = SCALAR_SIZE;

/** One number again and again, or one that changes from step to step. */
export const still = ({ at }: Place): Place => ({ at, step: 0 });
/** The numbers from number `index` on. */
export const from = ({ at, step }: Place, index: number): Place => ({ at: at + index * step, step });

/** The memory of a kernel while numbers modulo ℓ are at work in it. */
export class ScalarMemory {
  readonly #kernel: OrderKernel;
  readonly #bytes: Uint8Array;
  #end = FIRST_FREE;

  constructor(kernel: OrderKernel) {
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(kernel.memory.buffer);
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
  read({ at }: Place, count: number): Uint8Array {
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

  /** to := Σ a·b over `count` of each, from 1 to SUM_MAX; so many such sums, each over the next numbers of a and the same of b. */
  sumProducts(sums: number, count: number, a: Place, b: Place, to: Place): void {
    this.#kernel.sumProducts(sums, count, a.at, a.step, count * a.step, b.at, b.step, 0, to.at);
  }
}
