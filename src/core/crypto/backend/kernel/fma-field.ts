import { centredLimbs } from "./centred-limbs.ts";
import type { Element, KernelField, Wide, WideFieldCode } from "./field-code.ts";
import { LaneCode } from "./lane-code.ts";
import { bitsOf, type Local, type WasmCode } from "./wasm-code.ts";

/**
 * Numbers modulo p = 2^255 − 19 as five doubles of 51 bits each, two numbers side by side in the lanes of a vector.
 *
 * Limbs are integers with |limb| ≤ 2^50 after `#carry`, at most 2^51 after one sum. A product a·b of two limbs is split
 * exactly by two fused multiply-adds: h = a·b + 1.5·2^103 rounds to a multiple of 2^51, since that is the unit of the last
 * place between 2^103 and 2^104; then l = a·b − (h − 1.5·2^103) + 1.5·2^52 has no rounding left. The bit patterns of such
 * numbers are integers that count in units of 2^51 and of 1, so columns are added up as integers, and what the exponents
 * put into them is taken away by one constant. |a·b| ≤ 2^102 is exactly what the window holds: there is no slack.
 */
export const FMA_FIELD: KernelField = {
  laneCount: 2,
  elementSize: 80,
  callsProducts: false,
  open: (code) => new FmaFieldCode(code),
  limbsOf: (value) => centredLimbs(value, BITS),
};

const LIMBS = 5;
const LIMB_BITS = 51;
/** Where each limb begins, and where the number ends. */
const BITS = [0, 51, 102, 153, 204, 255] as const;
const MASK = 2n ** 51n - 1n;
/** p in limbs. */
const FIELD_ORDER = [MASK - 18n, MASK, MASK, MASK, MASK] as const;
/** 2^255 ≡ 19. */
const FOLD = 19n;

const HIGH = 1.5 * 2 ** 103;
const LOW = 1.5 * 2 ** 52;
/** An integer below 2^52 becomes a double by these bits; one taken 2^50 too large is centred by the difference. */
const EXPONENT = 2 ** 52;
const CENTRE = 2n ** 50n;

const LANES = [0, 1];
/** Products of limbs, column by column: few columns are at work at a time, and stay in registers. */
const PRODUCTS = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((column) =>
  [0, 1, 2, 3, 4].filter((i) => column - i >= 0 && column - i < 5).map((i) => [i, column - i] as const),
);
/** The bytes of a number, as they lie in limbs: limb and shift to the left (or right) of each part of a 64-bit word. */
const WORDS = [
  [[0, 0], [1, 51]],
  [[1, -13], [2, 38]],
  [[2, -26], [3, 25]],
  [[3, -39], [4, 12]],
] as const; // prettier-ignore

/**
 * What columns get before `#carry`, to be positive: 2^9·p, and 2^50 for itself. One product makes columns of at most 2^58.06;
 * sums of several more, since the lower half of a product, up to 2^50, is no smaller for small factors: F of a doubling has
 * up to 2^58.72. This much makes up for −2^60, and carries begin below 2^62.
 */
const BIAS = (limb: number): bigint => (FIELD_ORDER[limb]! << 9n) + CENTRE;

/** A column of a product while it grows, with how many bit patterns of each kind are in it. */
interface Column {
  sum: Local;
  lowCount: number;
  highCount: number;
}

class FmaFieldCode implements WideFieldCode {
  readonly #code: WasmCode;
  readonly #lanes: LaneCode;
  readonly #constants = new Map<bigint, Local>();

  constructor(code: WasmCode) {
    this.#code = code;
    this.#lanes = new LaneCode(code, "v128");
    // In the function's first lines, so that no loop makes them again.
    for (const value of [HIGH, HIGH + LOW, EXPONENT, EXPONENT + Number(CENTRE)]) this.#constant(bitsOf(value));
    this.#constant(MASK);
  }

  load(address: Local, offset: number): Element {
    return limbs((limb) => this.#lanes.value(() => this.#code.get(address).access("v128.load", offset + 16 * limb)));
  }

  store(address: Local, offset: number, value: Element): void {
    value.forEach((limb, index) => {
      this.#code
        .get(address)
        .get(limb)
        .access("v128.store", offset + 16 * index);
    });
  }

  read(address: Local): Element {
    return this.#carry(limbs((limb) => this.#add64(this.#readLimb(address, limb), CENTRE)));
  }

  write(address: Local, value: Element): void {
    const whole = this.#reduce(value);
    WORDS.forEach((parts, word) => {
      const [low, high] = parts.map(([limb, shift]) => this.#shift(whole[limb]!, shift));
      const bits = this.#lanes.apply("v128.or", low!, high!);
      for (const lane of LANES)
        this.#code
          .get(address)
          .get(bits)
          .storeLane(lane, 32 * lane + 8 * word);
    });
  }

  constant(value: bigint): Element {
    const values = centredLimbs(value, BITS);
    return limbs((limb) => this.#constant(bitsOf(values[limb]!)));
  }

  add(a: Element, b: Element): Element {
    return limbs((limb) => this.#lanes.apply("f64x2.add", a[limb]!, b[limb]!));
  }

  subtract(a: Element, b: Element): Element {
    return limbs((limb) => this.#lanes.apply("f64x2.sub", a[limb]!, b[limb]!));
  }

  multiply(a: Element, b: Element): Element {
    return this.#fold(this.#product(a, b));
  }

  square(a: Element): Element {
    return this.#fold(this.#squareColumns(a));
  }

  multiplyWide(a: Element, b: Element): Wide {
    return this.#joined(this.#product(a, b), () => 0n);
  }

  squareWide(a: Element): Wide {
    return this.#joined(this.#squareColumns(a), () => 0n);
  }

  addWide(a: Wide, b: Wide): Wide {
    return limbs((limb) => this.#lanes.apply("i64x2.add", a[limb]!, b[limb]!)) as Wide;
  }

  subtractWide(a: Wide, b: Wide): Wide {
    return limbs((limb) => this.#lanes.apply("i64x2.sub", a[limb]!, b[limb]!)) as Wide;
  }

  carryWide(a: Wide): Element {
    return this.#carry(a.map((limb, index) => this.#add64(limb, BIAS(index))));
  }

  scale(a: Element, factor: number): Element {
    const columns: Column[] = [];
    const times = this.#constant(bitsOf(factor));
    a.forEach((limb, i) => this.#multiplyInto(columns, i, limb, times));
    return this.#fold(columns);
  }

  isNegative(a: Element): Local {
    const odd = this.#lanes.apply("v128.and", this.#reduce(a)[0]!, this.#constant(1n));
    return this.#lanes.apply("i64x2.eq", odd, this.#constant(1n));
  }

  isZero(a: Element): Local {
    const any = this.#reduce(a).reduce((left, right) => this.#lanes.apply("v128.or", left, right));
    return this.#lanes.apply("i64x2.eq", any, this.#constant(0n));
  }

  choose(mask: Local, chosen: Element, otherwise: Element): Element {
    return limbs((limb) => this.#lanes.apply("v128.bitselect", chosen[limb]!, otherwise[limb]!, mask));
  }

  #constant(bits: bigint): Local {
    const known = this.#constants.get(bits);
    if (known !== undefined) return known;
    const local = this.#lanes.value(() => this.#code.i64x2(bits));
    this.#constants.set(bits, local);
    return local;
  }

  #add64(a: Local, constant: bigint): Local {
    return this.#lanes.apply("i64x2.add", a, this.#constant(BigInt.asUintN(64, constant)));
  }

  /** To the left, or by a negative number to the right. */
  #shift(a: Local, bits: number): Local {
    if (bits === 0) return a;
    const instruction = bits > 0 ? "i64x2.shl" : "i64x2.shr_u";
    return this.#lanes.value(() => this.#code.get(a).i32(Math.abs(bits)).do(instruction));
  }

  /** 19·a of integers: 16 + 2 + 1. */
  #times19(a: Local): Local {
    const three = this.#lanes.apply("i64x2.add", this.#shift(a, 1), a);
    return this.#lanes.apply("i64x2.add", this.#shift(a, 4), three);
  }

  #product(a: Element, b: Element): Column[] {
    const columns: Column[] = [];
    for (const [i, j] of PRODUCTS) this.#multiplyInto(columns, i + j, a[i]!, b[j]!);
    return columns;
  }

  #squareColumns(a: Element): Column[] {
    const columns: Column[] = [];
    a.forEach((left, i) => {
      for (let j = i + 1; j < LIMBS; j++) this.#multiplyInto(columns, i + j, left, a[j]!);
    });
    for (const column of columns.filter(Boolean)) {
      column.sum = this.#shift(column.sum, 1);
      column.lowCount *= 2;
      column.highCount *= 2;
    }
    a.forEach((limb, i) => this.#multiplyInto(columns, 2 * i, limb, limb));
    return columns;
  }

  /** Adds the product of two limbs to its column, and what is above 51 bits of it to the next. */
  #multiplyInto(columns: Column[], place: number, a: Local, b: Local): void {
    const high = this.#lanes.apply("f64x2.relaxed_madd", a, b, this.#constant(bitsOf(HIGH)));
    const rest = this.#lanes.apply("f64x2.sub", this.#constant(bitsOf(HIGH + LOW)), high);
    const low = this.#lanes.apply("f64x2.relaxed_madd", a, b, rest);
    this.#addTo(columns, place, low).lowCount++;
    this.#addTo(columns, place + 1, high).highCount++;
  }

  #addTo(columns: Column[], place: number, bits: Local): Column {
    const known = columns[place];
    if (known === undefined) return (columns[place] = { sum: bits, lowCount: 0, highCount: 0 });
    known.sum = this.#lanes.apply("i64x2.add", known.sum, bits);
    return known;
  }

  #fold(columns: readonly (Column | undefined)[]): Element {
    return this.#carry(this.#joined(columns, BIAS));
  }

  /** Columns 5 to 9 come back 19-fold to 0 to 4, each at most 2^58.06 for one product. Exponents go, in the same addition as `more` comes. */
  #joined(columns: readonly (Column | undefined)[], more: (limb: number) => bigint): Wide {
    return limbs((limb) => {
      const column = columns[limb]!;
      const above = columns[limb + LIMBS];
      const sum = above && this.#lanes.apply("i64x2.add", column.sum, this.#times19(above.sum));
      const exponents = exponentsIn(column) + (above === undefined ? 0n : FOLD * exponentsIn(above));
      return this.#add64(sum ?? column.sum, more(limb) - exponents);
    }) as Wide;
  }

  /**
   * Integers from 0 to 2^62, each taken 2^50 too large, as doubles of at most 2^50. Two chains of carries run side by side;
   * the last step is needed, since the one before may leave limb 3 above its bits.
   */
  #carry(columns: readonly Local[]): Element {
    const integers = [...columns];
    for (const limb of [0, 3, 1, 4, 2, 0, 3]) this.#carryLimb(integers, limb);
    const exponent = this.#constant(bitsOf(EXPONENT));
    const centre = this.#constant(bitsOf(EXPONENT + Number(CENTRE)));
    return integers.map((limb) => this.#lanes.apply("f64x2.sub", this.#lanes.apply("v128.or", limb, exponent), centre));
  }

  #carryLimb(integers: Local[], limb: number): void {
    const next = (limb + 1) % LIMBS;
    const above = this.#shift(integers[limb]!, -LIMB_BITS);
    integers[next] = this.#lanes.apply("i64x2.add", integers[next]!, next === 0 ? this.#times19(above) : above);
    integers[limb] = this.#lanes.apply("v128.and", integers[limb]!, this.#constant(MASK));
  }

  /** The limbs of a product within 0 … p − 1, as integers. */
  #reduce(a: Element): readonly Local[] {
    const low = this.#constant(bitsOf(LOW));
    const integers = a.map((limb, index) =>
      // With p on top no limb is negative, and the number is below 1.5·2^255.
      this.#add64(this.#lanes.apply("f64x2.add", limb, low), FIELD_ORDER[index]! - bitsOf(LOW)),
    );
    for (const limb of [0, 1, 2, 3, 4]) this.#carryLimb(integers, limb);
    // Now below 2^255 + 19: p is due once more if 19 more make a carry at the end.
    let due = this.#shift(this.#add64(integers[0]!, FOLD), -LIMB_BITS);
    for (const limb of [1, 2, 3, 4])
      due = this.#shift(this.#lanes.apply("i64x2.add", integers[limb]!, due), -LIMB_BITS);
    integers[0] = this.#lanes.apply("i64x2.add", integers[0]!, this.#times19(due));
    for (const limb of [0, 1, 2, 3]) this.#carryLimb(integers, limb);
    integers[4] = this.#lanes.apply("v128.and", integers[4]!, this.#constant(MASK));
    return integers;
  }

  #readLimb(address: Local, limb: number): Local {
    const bit = LIMB_BITS * limb;
    const word = Math.floor(bit / 64);
    const shift = bit % 64;
    const vector = this.#code.local("v128");
    for (const lane of LANES) {
      if (lane > 0) this.#code.get(vector);
      this.#code
        .get(address)
        .access("i64.load", 32 * lane + 8 * word)
        .i64(BigInt(shift))
        .do("i64.shr_u");
      if (shift + LIMB_BITS > 64 && word < 3) {
        this.#code
          .get(address)
          .access("i64.load", 32 * lane + 8 * (word + 1))
          .i64(BigInt(64 - shift))
          .do("i64.shl");
        this.#code.do("i64.or");
      }
      this.#code.i64(MASK).do("i64.and");
      if (lane === 0) this.#code.do("i64x2.splat");
      else this.#code.lane("i64x2.replace_lane", lane);
      this.#code.set(vector);
    }
    return vector;
  }
}

function limbs(make: (limb: number) => Local): readonly Local[] {
  return Array.from({ length: LIMBS }, (_, limb) => make(limb));
}

function exponentsIn({ lowCount, highCount }: Column): bigint {
  return BigInt(lowCount) * bitsOf(LOW) + BigInt(highCount) * bitsOf(HIGH);
}
