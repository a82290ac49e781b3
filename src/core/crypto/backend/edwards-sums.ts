import { GROUP_ORDER, scalarOf, bigintOf, type Scalar } from "../scalar.ts";

/**
 * Sums of multiples on edwards25519 for the noble backend, in variable time. noble's own routines are generic over
 * curves and twice as slow; this file holds the two sums that decide how long a range proof takes, and nothing else.
 * Coordinates are residues modulo p that may be negative inside, so that `%` is the only reduction.
 */
export interface Extended {
  readonly X: bigint;
  readonly Y: bigint;
  readonly Z: bigint;
  readonly T: bigint;
}

/** A summand prepared for {@link addCached}. `z2` is 2Z, or 0n when Z is 1: zero cannot be a real 2Z. */
interface Cached {
  readonly plus: bigint;
  readonly minus: bigint;
  readonly t2d: bigint;
  readonly z2: bigint;
}

/** Odd multiples P, 3P, 5P, … of one point and the width of the digits they serve. */
export interface OddMultiples {
  readonly width: number;
  readonly multiples: readonly Cached[];
}

export const FIELD_ORDER = 2n ** 255n - 19n;
const P = FIELD_ORDER;
const D2 = (2n * 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n) % P;
export const IDENTITY: Extended = { X: 0n, Y: 1n, Z: 1n, T: 0n };

/** Digits of points that are used once: eight odd multiples pay for themselves at about 250 bits. */
const WIDTH_ONCE = 5;
/** From here on buckets beat a table per point. */
const BUCKET_POINTS_MIN = 600;
const SCALAR_BITS = 256;

function cache(point: Extended): Cached {
  const { X, Y, Z, T } = point;
  return { plus: Y + X, minus: Y - X, t2d: (T * D2) % P, z2: Z === 1n ? 0n : 2n * Z };
}

/** RFC 8032 §5.1.4; complete, so equal and identity summands need no care. A negative summand swaps its parts. */
function addCached(point: Extended, other: Cached, isNegative: boolean): Extended {
  const { X, Y, Z, T } = point;
  const a = ((Y - X) * (isNegative ? other.plus : other.minus)) % P;
  const b = ((Y + X) * (isNegative ? other.minus : other.plus)) % P;
  const c = (T * (isNegative ? -other.t2d : other.t2d)) % P;
  const d = other.z2 === 0n ? 2n * Z : (Z * other.z2) % P;
  const e = b - a;
  const f = d - c;
  const g = d + c;
  const h = b + a;
  return { X: (e * f) % P, Y: (g * h) % P, Z: (f * g) % P, T: (e * h) % P };
}

/** RFC 8032 §5.1.4, doubling. */
function double(point: Extended): Extended {
  const { X, Y, Z } = point;
  const a = (X * X) % P;
  const b = (Y * Y) % P;
  const h = a + b;
  const e = h - (((X + Y) * (X + Y)) % P);
  const g = a - b;
  const f = ((2n * Z * Z) % P) + g;
  return { X: (e * f) % P, Y: (g * h) % P, Z: (f * g) % P, T: (e * h) % P };
}

/** The coordinates within 0 … p − 1, as noble expects them. */
export function reduceExtended(point: Extended): Extended {
  const positive = (value: bigint): bigint => (value % P < 0n ? (value % P) + P : value % P);
  return { X: positive(point.X), Y: positive(point.Y), Z: positive(point.Z), T: positive(point.T) };
}

/** Odd multiples of a point for digits of `width` bits: 2^(width−2) of them. */
export function oddMultiples(point: Extended, width: number): OddMultiples {
  const twice = cache(double(point));
  const multiples = [cache(point)];
  let current = point;
  for (let index = 1; index < 2 ** (width - 2); index++) {
    current = addCached(current, twice, false);
    multiples.push(cache(current));
  }
  return { width, multiples };
}

/** The scalar, or ℓ minus it, whichever is shorter: a factor of −1 then costs one addition. */
function shorten(scalar: Scalar): { readonly bytes: Uint8Array; readonly isNegative: boolean } {
  return scalar[31]! >= 8
    ? { bytes: scalarOf(GROUP_ORDER - bigintOf(scalar)), isNegative: true }
    : { bytes: scalar, isNegative: false };
}

/** Signed odd digits at most 2^(width−1) in size, with at least width − 1 zeros between two of them (wNAF). */
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
  let sum = IDENTITY;
  let isEmpty = true;
  for (let bit = SCALAR_BITS; bit >= 0; bit--) {
    if (!isEmpty) sum = double(sum);
    for (let index = 0; index < digits.length; index++) {
      const digit = digits[index]![bit]!;
      if (digit === 0) continue;
      sum = addCached(sum, tables[index]!.multiples[(Math.abs(digit) - 1) >> 1]!, digit < 0);
      isEmpty = false;
    }
  }
  return sum;
}

/** Σ sᵢ·Pᵢ over points met once. */
export function sumOnce(points: readonly Extended[], scalars: readonly Scalar[]): Extended {
  if (points.length >= BUCKET_POINTS_MIN) return sumInBuckets(points, scalars);
  return sumPrepared(
    points.map((point) => oddMultiples(point, WIDTH_ONCE)),
    scalars,
  );
}

/** Pippenger's method with signed digits: what remains efficient at thousands of points. */
function sumInBuckets(points: readonly Extended[], scalars: readonly Scalar[]): Extended {
  const width = Math.max(4, Math.round(Math.log2(points.length)) - 3);
  const half = 2 ** (width - 1);
  const cached = points.map(cache);
  const digits = scalars.map((scalar) => windowDigits(scalar, width));
  let sum = IDENTITY;
  for (let window = Math.ceil(SCALAR_BITS / width); window >= 0; window--) {
    for (let bit = 0; bit < width; bit++) sum = double(sum);
    const buckets = new Array<Extended | undefined>(half + 1).fill(undefined);
    for (let index = 0; index < cached.length; index++) {
      const digit = digits[index]![window]!;
      if (digit === 0) continue;
      const bucket = Math.abs(digit);
      buckets[bucket] = addCached(buckets[bucket] ?? IDENTITY, cached[index]!, digit < 0);
    }
    let running = IDENTITY;
    for (let bucket = half; bucket > 0; bucket--) {
      const held = buckets[bucket];
      if (held !== undefined) running = addCached(running, cache(held), false);
      sum = addCached(sum, cache(running), false);
    }
  }
  return sum;
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
