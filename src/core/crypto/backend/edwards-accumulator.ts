import { addLimbs, FIELD_ORDER, LIMB_COUNT, multiplyLimbs, readLimbs, writeLimbs } from "./field-limbs.ts";

/** A point in extended coordinates (X:Y:Z:T), as noble has them. */
export interface Extended {
  readonly X: bigint;
  readonly Y: bigint;
  readonly Z: bigint;
  readonly T: bigint;
}

/** Doubles of one summand: Y + X, Y − X, 2Z, 2d·T. */
export const SUMMAND_SIZE = 4 * LIMB_COUNT;

const [X, Y, Z, T] = [0, LIMB_COUNT, 2 * LIMB_COUNT, 3 * LIMB_COUNT];
const [PLUS, MINUS, TWO_Z, TWO_D_T] = [X, Y, Z, T];
const [A, B, C, D, E, F, G, H] = Array.from({ length: 8 }, (_, index) => index * LIMB_COUNT) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

const TWO_D = new Float64Array(LIMB_COUNT);
writeLimbs(TWO_D, 0, (2n * 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n) % FIELD_ORDER);

/** A running sum on edwards25519. It is changed in place: a sum of thousands of points would drown in garbage else. */
export class EdwardsAccumulator {
  readonly #point = new Float64Array(4 * LIMB_COUNT);
  readonly #work = new Float64Array(8 * LIMB_COUNT);

  constructor() {
    this.clear();
  }

  /** The identity. */
  clear(): void {
    this.#point.fill(0);
    this.#point[Y] = 1;
    this.#point[Z] = 1;
  }

  set(point: Extended): void {
    writeLimbs(this.#point, X, point.X);
    writeLimbs(this.#point, Y, point.Y);
    writeLimbs(this.#point, Z, point.Z);
    writeLimbs(this.#point, T, point.T);
  }

  read(): Extended {
    const p = this.#point;
    return { X: readLimbs(p, X), Y: readLimbs(p, Y), Z: readLimbs(p, Z), T: readLimbs(p, T) };
  }

  /** The sum so far in the form {@link add} takes. */
  writeSummand(out: Float64Array, at: number): void {
    const p = this.#point;
    addLimbs(out, at + PLUS, p, Y, p, X, 1);
    addLimbs(out, at + MINUS, p, Y, p, X, -1);
    addLimbs(out, at + TWO_Z, p, Z, p, Z, 1);
    multiplyLimbs(out, at + TWO_D_T, p, T, TWO_D, 0);
  }

  /** RFC 8032 §5.1.4; complete, so equal and identity summands need no care. Negating swaps parts of the summand. */
  add(summands: Float64Array, at: number, isNegative: boolean): void {
    const [p, w] = [this.#point, this.#work];
    addLimbs(w, A, p, Y, p, X, -1);
    multiplyLimbs(w, A, w, A, summands, at + (isNegative ? PLUS : MINUS));
    addLimbs(w, B, p, Y, p, X, 1);
    multiplyLimbs(w, B, w, B, summands, at + (isNegative ? MINUS : PLUS));
    multiplyLimbs(w, C, p, T, summands, at + TWO_D_T);
    multiplyLimbs(w, D, p, Z, summands, at + TWO_Z);
    addLimbs(w, E, w, B, w, A, -1);
    addLimbs(w, F, w, D, w, C, isNegative ? 1 : -1);
    addLimbs(w, G, w, D, w, C, isNegative ? -1 : 1);
    addLimbs(w, H, w, B, w, A, 1);
    this.#combine();
  }

  /** RFC 8032 §5.1.4, doubling. */
  double(): void {
    const [p, w] = [this.#point, this.#work];
    multiplyLimbs(w, A, p, X, p, X);
    multiplyLimbs(w, B, p, Y, p, Y);
    multiplyLimbs(w, C, p, Z, p, Z);
    addLimbs(w, D, p, X, p, Y, 1);
    multiplyLimbs(w, D, w, D, w, D);
    addLimbs(w, H, w, A, w, B, 1);
    addLimbs(w, E, w, H, w, D, -1);
    addLimbs(w, G, w, A, w, B, -1);
    addLimbs(w, F, w, G, w, C, 2);
    this.#combine();
  }

  #combine(): void {
    const [p, w] = [this.#point, this.#work];
    multiplyLimbs(p, X, w, E, w, F);
    multiplyLimbs(p, Y, w, G, w, H);
    multiplyLimbs(p, Z, w, F, w, G);
    multiplyLimbs(p, T, w, E, w, H);
  }
}
