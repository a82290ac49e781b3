import { FIELD_ORDER } from "./field-limbs.ts";

/**
 * Numbers modulo p = 2^255 − 19 as 12 doubles for key agreements, of which a scan makes one for every few outputs: half
 * the products of `field-limbs.ts`, for sums of two numbers at most. Limb i is a multiple of 2^⌈21.25·i⌉ and carries
 * about 21 bits, signed, so that rounding is exact and no limb has to be shifted into place (as in D. J. Bernstein,
 * "Curve25519: new Diffie-Hellman speed records", section 4).
 *
 * After {@link carryFloats} limb i is at most 2^(⌈21.25·(i+1)⌉ − 1) and a little. With two such numbers added up in each
 * factor a column is at most 12·19·2^44 < 2^52 times its unit, below the 2^53 up to which doubles are exact.
 * Several numbers lie in one array; a function names each by array and offset.
 */
export const FLOAT_COUNT = 12;

/** Where each limb begins, and where the number ends. */
const BITS = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255] as const;
/** Adding and taking away 1.5·2^52 units of the next limb rounds to a multiple of that unit. */
const ROUNDING = Float64Array.from({ length: FLOAT_COUNT }, (_, limb) => 3 * 2 ** (BITS[limb + 1]! + 51));
/** 2^255 ≡ 19. */
const FOLD = 19 * 2 ** -255;

/** out := a·b. `out` may be one of the factors. */
export function multiplyFloats(
  out: Float64Array,
  outAt: number,
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
): void {
  // prettier-ignore
  const a0 = a[aAt + 0]!, a1 = a[aAt + 1]!, a2 = a[aAt + 2]!, a3 = a[aAt + 3]!, a4 = a[aAt + 4]!, a5 = a[aAt + 5]!, a6 = a[aAt + 6]!, a7 = a[aAt + 7]!, a8 = a[aAt + 8]!, a9 = a[aAt + 9]!, a10 = a[aAt + 10]!, a11 = a[aAt + 11]!;
  // prettier-ignore
  const b0 = b[bAt + 0]!, b1 = b[bAt + 1]!, b2 = b[bAt + 2]!, b3 = b[bAt + 3]!, b4 = b[bAt + 4]!, b5 = b[bAt + 5]!, b6 = b[bAt + 6]!, b7 = b[bAt + 7]!, b8 = b[bAt + 8]!, b9 = b[bAt + 9]!, b10 = b[bAt + 10]!, b11 = b[bAt + 11]!;
  // prettier-ignore
  const f1 = FOLD * b1, f2 = FOLD * b2, f3 = FOLD * b3, f4 = FOLD * b4, f5 = FOLD * b5, f6 = FOLD * b6, f7 = FOLD * b7, f8 = FOLD * b8, f9 = FOLD * b9, f10 = FOLD * b10, f11 = FOLD * b11;
  out[outAt + 0] =
    a0 * b0 +
    a1 * f11 +
    a2 * f10 +
    a3 * f9 +
    a4 * f8 +
    a5 * f7 +
    a6 * f6 +
    a7 * f5 +
    a8 * f4 +
    a9 * f3 +
    a10 * f2 +
    a11 * f1;
  out[outAt + 1] =
    a0 * b1 +
    a1 * b0 +
    a2 * f11 +
    a3 * f10 +
    a4 * f9 +
    a5 * f8 +
    a6 * f7 +
    a7 * f6 +
    a8 * f5 +
    a9 * f4 +
    a10 * f3 +
    a11 * f2;
  out[outAt + 2] =
    a0 * b2 +
    a1 * b1 +
    a2 * b0 +
    a3 * f11 +
    a4 * f10 +
    a5 * f9 +
    a6 * f8 +
    a7 * f7 +
    a8 * f6 +
    a9 * f5 +
    a10 * f4 +
    a11 * f3;
  out[outAt + 3] =
    a0 * b3 +
    a1 * b2 +
    a2 * b1 +
    a3 * b0 +
    a4 * f11 +
    a5 * f10 +
    a6 * f9 +
    a7 * f8 +
    a8 * f7 +
    a9 * f6 +
    a10 * f5 +
    a11 * f4;
  out[outAt + 4] =
    a0 * b4 +
    a1 * b3 +
    a2 * b2 +
    a3 * b1 +
    a4 * b0 +
    a5 * f11 +
    a6 * f10 +
    a7 * f9 +
    a8 * f8 +
    a9 * f7 +
    a10 * f6 +
    a11 * f5;
  out[outAt + 5] =
    a0 * b5 +
    a1 * b4 +
    a2 * b3 +
    a3 * b2 +
    a4 * b1 +
    a5 * b0 +
    a6 * f11 +
    a7 * f10 +
    a8 * f9 +
    a9 * f8 +
    a10 * f7 +
    a11 * f6;
  out[outAt + 6] =
    a0 * b6 +
    a1 * b5 +
    a2 * b4 +
    a3 * b3 +
    a4 * b2 +
    a5 * b1 +
    a6 * b0 +
    a7 * f11 +
    a8 * f10 +
    a9 * f9 +
    a10 * f8 +
    a11 * f7;
  out[outAt + 7] =
    a0 * b7 +
    a1 * b6 +
    a2 * b5 +
    a3 * b4 +
    a4 * b3 +
    a5 * b2 +
    a6 * b1 +
    a7 * b0 +
    a8 * f11 +
    a9 * f10 +
    a10 * f9 +
    a11 * f8;
  out[outAt + 8] =
    a0 * b8 +
    a1 * b7 +
    a2 * b6 +
    a3 * b5 +
    a4 * b4 +
    a5 * b3 +
    a6 * b2 +
    a7 * b1 +
    a8 * b0 +
    a9 * f11 +
    a10 * f10 +
    a11 * f9;
  out[outAt + 9] =
    a0 * b9 +
    a1 * b8 +
    a2 * b7 +
    a3 * b6 +
    a4 * b5 +
    a5 * b4 +
    a6 * b3 +
    a7 * b2 +
    a8 * b1 +
    a9 * b0 +
    a10 * f11 +
    a11 * f10;
  out[outAt + 10] =
    a0 * b10 +
    a1 * b9 +
    a2 * b8 +
    a3 * b7 +
    a4 * b6 +
    a5 * b5 +
    a6 * b4 +
    a7 * b3 +
    a8 * b2 +
    a9 * b1 +
    a10 * b0 +
    a11 * f11;
  out[outAt + 11] =
    a0 * b11 +
    a1 * b10 +
    a2 * b9 +
    a3 * b8 +
    a4 * b7 +
    a5 * b6 +
    a6 * b5 +
    a7 * b4 +
    a8 * b3 +
    a9 * b2 +
    a10 * b1 +
    a11 * b0;
  carryFloats(out, outAt);
}

/** out := a². `out` may be `a`. */
export function squareFloats(out: Float64Array, outAt: number, a: Float64Array, aAt: number): void {
  // prettier-ignore
  const a0 = a[aAt + 0]!, a1 = a[aAt + 1]!, a2 = a[aAt + 2]!, a3 = a[aAt + 3]!, a4 = a[aAt + 4]!, a5 = a[aAt + 5]!, a6 = a[aAt + 6]!, a7 = a[aAt + 7]!, a8 = a[aAt + 8]!, a9 = a[aAt + 9]!, a10 = a[aAt + 10]!, a11 = a[aAt + 11]!;
  // prettier-ignore
  const d0 = a0 + a0, d1 = a1 + a1, d2 = a2 + a2, d3 = a3 + a3, d4 = a4 + a4, d5 = a5 + a5, d6 = a6 + a6, d7 = a7 + a7, d8 = a8 + a8, d9 = a9 + a9, d10 = a10 + a10;
  // prettier-ignore
  const f6 = FOLD * a6, f7 = FOLD * a7, f8 = FOLD * a8, f9 = FOLD * a9, f10 = FOLD * a10, f11 = FOLD * a11;
  out[outAt + 0] = a0 * a0 + d1 * f11 + d2 * f10 + d3 * f9 + d4 * f8 + d5 * f7 + a6 * f6;
  out[outAt + 1] = d0 * a1 + d2 * f11 + d3 * f10 + d4 * f9 + d5 * f8 + d6 * f7;
  out[outAt + 2] = d0 * a2 + a1 * a1 + d3 * f11 + d4 * f10 + d5 * f9 + d6 * f8 + a7 * f7;
  out[outAt + 3] = d0 * a3 + d1 * a2 + d4 * f11 + d5 * f10 + d6 * f9 + d7 * f8;
  out[outAt + 4] = d0 * a4 + d1 * a3 + a2 * a2 + d5 * f11 + d6 * f10 + d7 * f9 + a8 * f8;
  out[outAt + 5] = d0 * a5 + d1 * a4 + d2 * a3 + d6 * f11 + d7 * f10 + d8 * f9;
  out[outAt + 6] = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + d7 * f11 + d8 * f10 + a9 * f9;
  out[outAt + 7] = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + d8 * f11 + d9 * f10;
  out[outAt + 8] = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + d9 * f11 + a10 * f10;
  out[outAt + 9] = d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5 + d10 * f11;
  out[outAt + 10] = d0 * a10 + d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5 + a11 * f11;
  out[outAt + 11] = d0 * a11 + d1 * a10 + d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6;
  carryFloats(out, outAt);
}

/** out := factor·a for a factor of at most 17 bits. */
export function scaleFloats(out: Float64Array, outAt: number, a: Float64Array, aAt: number, factor: number): void {
  for (let limb = 0; limb < FLOAT_COUNT; limb++) out[outAt + limb] = factor * a[aAt + limb]!;
  carryFloats(out, outAt);
}

/** sum := a + b and difference := a − b, without carries: two results of a multiplication may meet before the next. */
export function combineFloats(floats: Float64Array, sum: number, difference: number, a: number, b: number): void {
  for (let limb = 0; limb < FLOAT_COUNT; limb++) {
    const left = floats[a + limb]!;
    const right = floats[b + limb]!;
    floats[sum + limb] = left + right;
    floats[difference + limb] = left - right;
  }
}

/**
 * Brings every limb back to its bits. Two chains of carries run side by side, since each step waits for the one before,
 * and each goes on over two limbs that the other has done. Short enough for V8 to inline: that halves the time of a square.
 */
function carryFloats(out: Float64Array, at: number): void {
  let low = out[at]!;
  let high = out[at + 6]!;
  let unit = 0;
  let carry = 0;
  for (let limb = 0; limb < 6; limb++) {
    unit = ROUNDING[limb]!;
    carry = low + unit - unit;
    out[at + limb] = low - carry;
    low = out[at + limb + 1]! + carry;
    unit = ROUNDING[limb + 6]!;
    carry = high + unit - unit;
    out[at + limb + 6] = high - carry;
    high = limb < 5 ? out[at + limb + 7]! + carry : out[at]! + FOLD * carry;
  }
  for (let limb = 0; limb < 2; limb++) {
    unit = ROUNDING[limb + 6]!;
    carry = low + unit - unit;
    out[at + limb + 6] = low - carry;
    low = out[at + limb + 7]! + carry;
    unit = ROUNDING[limb]!;
    carry = high + unit - unit;
    out[at + limb] = high - carry;
    high = out[at + limb + 1]! + carry;
  }
  out[at + 8] = low;
  out[at + 2] = high;
}

/** Reads 32 bytes, little-endian; the highest bit does not count (RFC 7748). */
export function readFloats(out: Float64Array, at: number, bytes: Uint8Array): void {
  for (let limb = 0; limb < FLOAT_COUNT; limb++) {
    const first = BITS[limb]! >> 3;
    const word =
      bytes[first]! + bytes[first + 1]! * 2 ** 8 + bytes[first + 2]! * 2 ** 16 + (bytes[first + 3] ?? 0) * 2 ** 24;
    const width = BITS[limb + 1]! - BITS[limb]!;
    out[at + limb] = ((word >>> (BITS[limb]! & 7)) & (2 ** width - 1)) * 2 ** BITS[limb]!;
  }
}

/** The number within 0 … p − 1. */
export function floatsToBigint(floats: Float64Array, at: number): bigint {
  let value = 0n;
  for (let limb = 0; limb < FLOAT_COUNT; limb++) value += BigInt(floats[at + limb]!);
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}
