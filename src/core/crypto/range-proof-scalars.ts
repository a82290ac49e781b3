import { SCALAR_SIZE, type Scalar } from "./scalar.ts";
import { splitScalars, type ScalarVector } from "./scalar-vector.ts";

const WORDS = SCALAR_SIZE / 4;

/**
 * Scalars for sums over the generator table, in its order: G, H, then G_k and H_k in turn. They have one place for all the
 * sums of a proof: setting it anew costs far less than a new array for each scalar.
 */
export class TableScalars {
  readonly #all: readonly Scalar[];
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;

  /** For so many G_k and as many H_k. */
  constructor(size: number) {
    this.#bytes = new Uint8Array(SCALAR_SIZE * (2 + 2 * size));
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.#all = splitScalars(this.#bytes as ScalarVector);
  }

  /** One scalar of each generator; they hold until the next are set. */
  set(blinding: Scalar, value: Scalar, lefts: ScalarVector, rights: ScalarVector): readonly Scalar[] {
    return this.#set(blinding, value, lefts, rights, () => true, () => true); // prettier-ignore
  }

  /** The same, but zero for each G_k unless `bit` is set in k and for each H_k if it is: as an L needs them. */
  setLeft(blinding: Scalar, value: Scalar, lefts: ScalarVector, rights: ScalarVector, bit: number): readonly Scalar[] {
    const isHigh = (k: number): boolean => ((k >> bit) & 1) === 1;
    return this.#set(blinding, value, lefts, rights, isHigh, (k) => !isHigh(k));
  }

  /** The same with all those that {@link setLeft} leaves out: as an R needs them. */
  setRight(blinding: Scalar, value: Scalar, lefts: ScalarVector, rights: ScalarVector, bit: number): readonly Scalar[] {
    const isHigh = (k: number): boolean => ((k >> bit) & 1) === 1;
    return this.#set(blinding, value, lefts, rights, (k) => !isHigh(k), isHigh);
  }

  #set(
    blinding: Scalar,
    value: Scalar,
    lefts: ScalarVector,
    rights: ScalarVector,
    hasLeft: (k: number) => boolean,
    hasRight: (k: number) => boolean,
  ): readonly Scalar[] {
    this.#bytes.set(blinding, 0);
    this.#bytes.set(value, SCALAR_SIZE);
    this.#spread(lefts, 2, hasLeft);
    this.#spread(rights, 3, hasRight);
    return this.#all;
  }

  /** Puts every number at its place, two apart, or zero. */
  #spread(values: ScalarVector, first: number, isThere: (k: number) => boolean): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length / 4);
    for (let k = 0; WORDS * k < words.length; k++) {
      const factor = isThere(k) ? 1 : 0;
      const place = WORDS * (first + 2 * k);
      for (let word = 0; word < WORDS; word++) this.#words[place + word] = factor * words[WORDS * k + word]!;
    }
  }
}
