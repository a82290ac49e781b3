const FIELD_ORDER = 2n ** 255n - 19n;

/**
 * The limbs of a number below p, taken within ±p/2, between the bits where they begin: each is at most half its width,
 * the highest one (up to the last of `bits`) included.
 */
export function centredLimbs(value: bigint, bits: readonly number[]): readonly number[] {
  let rest = value > FIELD_ORDER / 2n ? value - FIELD_ORDER : value;
  const widths = bits.slice(1).map((bit, index) => bit - bits[index]!);
  return widths.map((width, index) => {
    const limb = index === widths.length - 1 ? rest : BigInt.asIntN(width, rest);
    rest = (rest - limb) >> BigInt(width);
    return Number(limb);
  });
}
