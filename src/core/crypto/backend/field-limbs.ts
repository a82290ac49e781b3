/**
 * Numbers modulo p = 2^255 − 19 as 15 limbs of 17 bits in doubles: the two long sums of the noble backend are four
 * times faster on them than on BigInt. Limbs are signed and products exact: below 2^19 each, a column of 15 products
 * with its folded half stays below 15·20·2^38 < 2^47, far under the 2^53 of a double.
 * Several numbers lie in one array; a function names each by array and offset.
 */
export const LIMB_COUNT = 15;
const LIMB_BITS = 17;
const RADIX = 2 ** LIMB_BITS;
const INVERSE_RADIX = 2 ** -LIMB_BITS;

export const FIELD_ORDER = 2n ** 255n - 19n;

/** out := a·b, limbs at most 2^16 and a little. `out` may be one of the factors. */
export function multiplyLimbs(
  out: Float64Array,
  outAt: number,
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
): void {
  // prettier-ignore
  const a0 = a[aAt]!, a1 = a[aAt + 1]!, a2 = a[aAt + 2]!, a3 = a[aAt + 3]!, a4 = a[aAt + 4]!,
    a5 = a[aAt + 5]!, a6 = a[aAt + 6]!, a7 = a[aAt + 7]!, a8 = a[aAt + 8]!, a9 = a[aAt + 9]!,
    a10 = a[aAt + 10]!, a11 = a[aAt + 11]!, a12 = a[aAt + 12]!, a13 = a[aAt + 13]!, a14 = a[aAt + 14]!;
  // prettier-ignore
  const b0 = b[bAt]!, b1 = b[bAt + 1]!, b2 = b[bAt + 2]!, b3 = b[bAt + 3]!, b4 = b[bAt + 4]!,
    b5 = b[bAt + 5]!, b6 = b[bAt + 6]!, b7 = b[bAt + 7]!, b8 = b[bAt + 8]!, b9 = b[bAt + 9]!,
    b10 = b[bAt + 10]!, b11 = b[bAt + 11]!, b12 = b[bAt + 12]!, b13 = b[bAt + 13]!, b14 = b[bAt + 14]!;
  // 2^255 ≡ 19: what runs over the top comes back nineteenfold.
  // prettier-ignore
  const f1 = 19 * b1, f2 = 19 * b2, f3 = 19 * b3, f4 = 19 * b4, f5 = 19 * b5,
    f6 = 19 * b6, f7 = 19 * b7, f8 = 19 * b8, f9 = 19 * b9, f10 = 19 * b10,
    f11 = 19 * b11, f12 = 19 * b12, f13 = 19 * b13, f14 = 19 * b14;
  // prettier-ignore
  const c0 = a0 * b0 + a1 * f14 + a2 * f13 + a3 * f12 + a4 * f11 + a5 * f10 + a6 * f9 + a7 * f8
      + a8 * f7 + a9 * f6 + a10 * f5 + a11 * f4 + a12 * f3 + a13 * f2 + a14 * f1,
    c1 = a0 * b1 + a1 * b0 + a2 * f14 + a3 * f13 + a4 * f12 + a5 * f11 + a6 * f10 + a7 * f9
      + a8 * f8 + a9 * f7 + a10 * f6 + a11 * f5 + a12 * f4 + a13 * f3 + a14 * f2,
    c2 = a0 * b2 + a1 * b1 + a2 * b0 + a3 * f14 + a4 * f13 + a5 * f12 + a6 * f11 + a7 * f10
      + a8 * f9 + a9 * f8 + a10 * f7 + a11 * f6 + a12 * f5 + a13 * f4 + a14 * f3,
    c3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + a4 * f14 + a5 * f13 + a6 * f12 + a7 * f11
      + a8 * f10 + a9 * f9 + a10 * f8 + a11 * f7 + a12 * f6 + a13 * f5 + a14 * f4,
    c4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + a5 * f14 + a6 * f13 + a7 * f12
      + a8 * f11 + a9 * f10 + a10 * f9 + a11 * f8 + a12 * f7 + a13 * f6 + a14 * f5,
    c5 = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + a6 * f14 + a7 * f13
      + a8 * f12 + a9 * f11 + a10 * f10 + a11 * f9 + a12 * f8 + a13 * f7 + a14 * f6,
    c6 = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 + a7 * f14
      + a8 * f13 + a9 * f12 + a10 * f11 + a11 * f10 + a12 * f9 + a13 * f8 + a14 * f7,
    c7 = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0
      + a8 * f14 + a9 * f13 + a10 * f12 + a11 * f11 + a12 * f10 + a13 * f9 + a14 * f8,
    c8 = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1
      + a8 * b0 + a9 * f14 + a10 * f13 + a11 * f12 + a12 * f11 + a13 * f10 + a14 * f9,
    c9 = a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2
      + a8 * b1 + a9 * b0 + a10 * f14 + a11 * f13 + a12 * f12 + a13 * f11 + a14 * f10,
    c10 = a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3
      + a8 * b2 + a9 * b1 + a10 * b0 + a11 * f14 + a12 * f13 + a13 * f12 + a14 * f11,
    c11 = a0 * b11 + a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4
      + a8 * b3 + a9 * b2 + a10 * b1 + a11 * b0 + a12 * f14 + a13 * f13 + a14 * f12,
    c12 = a0 * b12 + a1 * b11 + a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5
      + a8 * b4 + a9 * b3 + a10 * b2 + a11 * b1 + a12 * b0 + a13 * f14 + a14 * f13,
    c13 = a0 * b13 + a1 * b12 + a2 * b11 + a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6
      + a8 * b5 + a9 * b4 + a10 * b3 + a11 * b2 + a12 * b1 + a13 * b0 + a14 * f14,
    c14 = a0 * b14 + a1 * b13 + a2 * b12 + a3 * b11 + a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7
      + a8 * b6 + a9 * b5 + a10 * b4 + a11 * b3 + a12 * b2 + a13 * b1 + a14 * b0;
  // Rounding carries keep the limbs near zero.
  let carry = 0;
  let column = 0;
  column = c0;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt] = column - carry * RADIX;
  column = c1 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 1] = column - carry * RADIX;
  column = c2 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 2] = column - carry * RADIX;
  column = c3 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 3] = column - carry * RADIX;
  column = c4 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 4] = column - carry * RADIX;
  column = c5 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 5] = column - carry * RADIX;
  column = c6 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 6] = column - carry * RADIX;
  column = c7 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 7] = column - carry * RADIX;
  column = c8 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 8] = column - carry * RADIX;
  column = c9 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 9] = column - carry * RADIX;
  column = c10 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 10] = column - carry * RADIX;
  column = c11 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 11] = column - carry * RADIX;
  column = c12 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 12] = column - carry * RADIX;
  column = c13 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 13] = column - carry * RADIX;
  column = c14 + carry;
  carry = Math.floor(column * INVERSE_RADIX + 0.5);
  out[outAt + 14] = column - carry * RADIX;
  const lowest = out[outAt] + 19 * carry;
  carry = Math.floor(lowest * INVERSE_RADIX + 0.5);
  out[outAt] = lowest - carry * RADIX;
  out[outAt + 1]! += carry;
}

/** out := a + sign·b, without carries: at most three results of {@link multiplyLimbs} may meet before the next. */
export function addLimbs(
  out: Float64Array,
  outAt: number,
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
  sign: number,
): void {
  for (let k = 0; k < LIMB_COUNT; k++) out[outAt + k] = a[aAt + k]! + sign * b[bAt + k]!;
}

/** Writes a number below 2^255. */
export function writeLimbs(out: Float64Array, at: number, value: bigint): void {
  let rest = value;
  for (let k = 0; k < LIMB_COUNT; k++) {
    out[at + k] = Number(BigInt.asUintN(LIMB_BITS, rest));
    rest >>= BigInt(LIMB_BITS);
  }
}

/** The number within 0 … p − 1. */
export function readLimbs(limbs: Float64Array, at: number): bigint {
  let value = 0n;
  for (let k = LIMB_COUNT - 1; k >= 0; k--) value = (value << BigInt(LIMB_BITS)) + BigInt(limbs[at + k]!);
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}
