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
