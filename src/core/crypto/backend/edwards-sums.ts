import { bigintOf, GROUP_ORDER, scalarOf, type Scalar } from "../scalar.ts";
import type { SignRun } from "./curve-backend.ts";
import { EdwardsAccumulator, SUMMAND_SIZE, type Extended } from "./edwards-accumulator.ts";

/**
 * Sums of multiples on edwards25519 for the noble backend, in variable time. noble's own routines are generic over
 * curves; these are the two sums that decide how long a range proof takes, and nothing else.
 */

/** Odd multiples P, 3P, 5P, … of one point and the width of the digits they serve. */
export interface OddMultiples {
  readonly width: number;
  readonly summands: Float64Array;
}

/** Digits of points that are used once: eight odd multiples pay for themselves at about 250 bits. */
export const WIDTH_ONCE = 5;
/** From here on buckets beat a table per point. */
const BUCKET_POINTS_MIN = 600;
const SCALAR_BITS = 256;

/** Odd multiples of a point for digits of `width` bits: 2^(width−2) of them. */
export function oddMultiples(point: Extended, width: number): OddMultiples {
  const count = 2 ** (width - 2);
  const summands = new Float64Array(count * SUMMAND_SIZE);
  const twice = new Float64Array(SUMMAND_SIZE);
  const sum = new EdwardsAccumulator();
  sum.set(point);
  sum.double();
  sum.writeSummand(twice, 0);
  sum.set(point);
  sum.writeSummand(summands, 0);
  for (let index = 1; index < count; index++) {
    sum.add(twice, 0, false);
    sum.writeSummand(summands, index * SUMMAND_SIZE);
  }
  return { width, summands };
}

/** The scalar, or ℓ minus it, whichever is shorter: a factor of −1 then costs one addition. */
function shorten(scalar: Scalar): { readonly bytes: Uint8Array; readonly isNegative: boolean } {
  if (scalar[31]! < 8) return { bytes: scalar, isNegative: false };
  return { bytes: scalarOf(GROUP_ORDER - bigintOf(scalar)), isNegative: true };
}

/** Signed odd digits below 2^(width−1) in size, with at least width − 1 zeros between two of them (wNAF). */
function sparseDigits(scalar: Scalar, width: number): Int16Array {
  const { bytes, isNegative } = shorten(scalar);
  const bits = new Uint8Array(SCALAR_BITS + width + 1);
  for (let index = 0; index < SCALAR_BITS; index++) bits[index] = (bytes[index >> 3]! >> (index & 7)) & 1;
  const digits = new Int16Array(SCALAR_BITS + 1);
  for (let index = 0; index < SCALAR_BITS;) {
    if (bits[index] === 0) {
      index++;
      continue;
    }
    let digit = 0;
    for (let bit = 0; bit < width; bit++) digit |= bits[index + bit]! << bit;
    if (digit >= 2 ** (width - 1)) {
      digit -= 2 ** width;
      let carry = index + width;
      while (bits[carry] === 1) bits[carry++] = 0;
      bits[carry] = 1;
    }
    digits[index] = isNegative ? -digit : digit;
    index += width;
  }
  return digits;
}

/** Σ sᵢ·Tᵢ over prepared points: one chain of doublings for all (Straus). */
export function sumPrepared(tables: readonly OddMultiples[], scalars: readonly Scalar[]): Extended {
  const digits = scalars.map((scalar, index) => sparseDigits(scalar, tables[index]!.width));
  const sum = new EdwardsAccumulator();
  let isEmpty = true;
  for (let bit = SCALAR_BITS; bit >= 0; bit--) {
    if (!isEmpty) sum.double();
    for (let index = 0; index < digits.length; index++) {
      const digit = digits[index]![bit]!;
      if (digit === 0) continue;
      sum.add(tables[index]!.summands, ((Math.abs(digit) - 1) >> 1) * SUMMAND_SIZE, digit < 0);
      isEmpty = false;
    }
  }
  return sum.read();
}

/** Σ ±Tᵢ over prepared points, minus where the sign is 0. */
export function sumSigned(tables: readonly OddMultiples[], signs: Uint8Array, runs: readonly SignRun[]): Extended {
  const sum = new EdwardsAccumulator();
  for (const { sign, point, count } of runs) {
    for (let index = 0; index < count; index++) {
      sum.add(tables[point + index]!.summands, 0, signs[sign + index] === 0);
    }
  }
  return sum.read();
}

/** Σ sᵢ·Pᵢ over points met once. */
export function sumOnce(points: readonly Extended[], scalars: readonly Scalar[]): Extended {
  if (points.length >= BUCKET_POINTS_MIN) return sumInBuckets(points, scalars);
  const tables = points.map((point) => oddMultiples(point, WIDTH_ONCE));
  return sumPrepared(tables, scalars);
}

/** Pippenger's method with signed digits: what remains efficient at thousands of points. */
function sumInBuckets(points: readonly Extended[], scalars: readonly Scalar[]): Extended {
  const width = Math.max(4, Math.round(Math.log2(points.length)) - 3);
  const summands = new Float64Array(points.length * SUMMAND_SIZE);
  const sum = new EdwardsAccumulator();
  points.forEach((point, index) => {
    sum.set(point);
    sum.writeSummand(summands, index * SUMMAND_SIZE);
  });
  const digits = scalars.map((scalar) => windowDigits(scalar, width));
  const buckets = Array.from({ length: 2 ** (width - 1) }, () => new EdwardsAccumulator());
  const used = new Uint8Array(buckets.length);
  const running = new EdwardsAccumulator();
  const held = new Float64Array(SUMMAND_SIZE);
  sum.clear();
  for (let window = Math.ceil(SCALAR_BITS / width); window >= 0; window--) {
    for (let bit = 0; bit < width; bit++) sum.double();
    used.fill(0);
    for (let index = 0; index < points.length; index++) {
      const digit = digits[index]![window]!;
      if (digit === 0) continue;
      const place = Math.abs(digit) - 1;
      if (used[place] === 0) buckets[place]!.clear();
      used[place] = 1;
      buckets[place]!.add(summands, index * SUMMAND_SIZE, digit < 0);
    }
    running.clear();
    for (let place = buckets.length - 1; place >= 0; place--) {
      if (used[place] === 1) {
        buckets[place]!.writeSummand(held, 0);
        running.add(held, 0, false);
      }
      running.writeSummand(held, 0);
      sum.add(held, 0, false);
    }
  }
  return sum.read();
}

/** Digits of fixed windows within −2^(width−1) … 2^(width−1). */
function windowDigits(scalar: Scalar, width: number): Int16Array {
  const { bytes, isNegative } = shorten(scalar);
  const count = Math.ceil(SCALAR_BITS / width) + 1;
  const digits = new Int16Array(count);
  let carry = 0;
  for (let window = 0; window < count; window++) {
    let digit = carry;
    for (let bit = 0; bit < width; bit++) {
      const place = window * width + bit;
      if (place < SCALAR_BITS) digit += ((bytes[place >> 3]! >> (place & 7)) & 1) << bit;
    }
    carry = digit > 2 ** (width - 1) ? 1 : 0;
    digits[window] = (digit - carry * 2 ** width) * (isNegative ? -1 : 1);
  }
  return digits;
}
