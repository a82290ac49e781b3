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
    this.#bytes.set(blinding, 0);
    this.#bytes.set(value, SCALAR_SIZE);
    this.#spread(lefts, 2);
    this.#spread(rights, 3);
    return this.#all;
  }

  /** The same, but none for each G_k unless `bit` is set in k nor for each H_k if it is: what an L is made of. */
  setLeft(...[blinding, value, lefts, rights, bit]: HalfOfScalars): readonly (Scalar | undefined)[] {
    const all = this.set(blinding, value, lefts, rights);
    return all.map((scalar, place) => (place < 2 || isOfLeft(place, bit) ? scalar : undefined));
  }

  /** The same of all those that {@link setLeft} leaves out: what an R is made of. */
  setRight(...[blinding, value, lefts, rights, bit]: HalfOfScalars): readonly (Scalar | undefined)[] {
    const all = this.set(blinding, value, lefts, rights);
    return all.map((scalar, place) => (place < 2 || !isOfLeft(place, bit) ? scalar : undefined));
  }

  /** Puts every number at its place, two apart. */
  #spread(values: ScalarVector, first: number): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length / 4);
    for (let k = 0; WORDS * k < words.length; k++) {
      const place = WORDS * (first + 2 * k);
      for (let word = 0; word < WORDS; word++) this.#words[place + word] = words[WORDS * k + word]!;
    }
  }
}

type HalfOfScalars = readonly [blinding: Scalar, value: Scalar, lefts: ScalarVector, rights: ScalarVector, bit: number];

/** Whether the generator at a place of the table, G_k or H_k, is one of an L. */
function isOfLeft(place: number, bit: number): boolean {
  const [k, isH] = [(place - 2) >> 1, (place & 1) === 1];
  return (((k >> bit) & 1) === 1) !== isH;
}
