import type { Brand } from "../values/brand.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { SCALAR_SIZE, type Scalar } from "./scalar.ts";

/** Numbers modulo ℓ one after the other, each 32 bytes as a {@link Scalar} has them (EN-5). */
export type ScalarVector = Brand<Uint8Array, "ScalarVector">;

/** How many scalars there are in 32n bytes. Another size is our own mistake and throws RangeError. */
export function scalarCount(values: Uint8Array): number {
  const count = values.length / SCALAR_SIZE;
  if (!Number.isInteger(count)) throw new RangeError(`${values.length} bytes are no list of scalars`);
  return count;
}

/** How many scalars a list of them or a vector has. */
export function factorCount(scalars: readonly Scalar[] | ScalarVector): number {
  return scalars instanceof Uint8Array ? scalarCount(scalars) : scalars.length;
}

/** Each of them for itself. */
export function factorList(scalars: readonly Scalar[] | ScalarVector): readonly Scalar[] {
  return scalars instanceof Uint8Array ? splitScalars(scalars) : scalars;
}

export function joinScalars(...parts: readonly (Scalar | ScalarVector)[]): ScalarVector {
  return concatBytes(...parts) as ScalarVector;
}

/** Scalars `start` … `end` − 1, counted as `slice` counts; they share their memory. */
export function sliceScalars(values: ScalarVector, start: number, end?: number): ScalarVector {
  return values.subarray(SCALAR_SIZE * start, end === undefined ? undefined : SCALAR_SIZE * end) as ScalarVector;
}

/** Scalar `index`, counted from the end where it is negative; it shares its memory. */
export function scalarAt(values: ScalarVector, index: number): Scalar {
  const start = SCALAR_SIZE * (index < 0 ? scalarCount(values) + index : index);
  return values.subarray(start, start + SCALAR_SIZE) as unknown as Scalar;
}

/** All of them, each for itself; they share its memory. */
export function splitScalars(values: ScalarVector): Scalar[] {
  const scalars: Scalar[] = [];
  for (let index = 0; index < scalarCount(values); index++) scalars.push(scalarAt(values, index));
  return scalars;
}

/** Whether one of them is zero. */
export function hasZero(values: ScalarVector): boolean {
  for (let at = 0; at < values.length; at += SCALAR_SIZE) {
    let byte = 0;
    while (byte < SCALAR_SIZE && values[at + byte] === 0) byte++;
    if (byte === SCALAR_SIZE) return true;
  }
  return false;
}

/** The first of one and of the other, the second of both, and so on; there are equally many. */
export function interleaveScalars(evens: ScalarVector, odds: ScalarVector): ScalarVector {
  const all = new Uint8Array(2 * evens.length);
  for (let at = 0; at < evens.length; at++) {
    const place = at + SCALAR_SIZE * Math.floor(at / SCALAR_SIZE);
    all[place] = evens[at]!;
    all[place + SCALAR_SIZE] = odds[at]!;
  }
  return all as ScalarVector;
}
