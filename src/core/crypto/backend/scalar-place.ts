import { SCALAR_SIZE } from "../scalar.ts";

/** Where numbers lie in a kernel's memory, and how many bytes it is from each to the next. */
export interface Place {
  readonly at: number;
  readonly step: number;
}

/** Nothing is ever written here, and whatever else works in the memory leaves zeros. */
export const ZERO_PLACE: Place = { at: 0, step: 0 };
/** Where numbers may lie. */
export const FIRST_FREE = SCALAR_SIZE;

/** One number again and again, or one that changes from step to step. */
export const still = ({ at }: Place): Place => ({ at, step: 0 });
/** The numbers from number `index` on. */
export const from = ({ at, step }: Place, index: number): Place => ({ at: at + index * step, step });
