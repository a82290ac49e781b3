import { centredLimbs } from "./centred-limbs.ts";
import type { Element, FieldCode, KernelField } from "./field-code.ts";
import { LaneCode } from "./lane-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

/**
 * Numbers modulo p = 2^255 − 19 as ten signed integers of 25.5 bits (D. J. Bernstein, "Curve25519: new Diffie-Hellman speed
 * records"; the bounds are those of the ref10 implementation), four numbers side by side: a vector holds one limb of each.
 * `extmul` multiplies two of them at a time to 64 bits: one machine instruction on ARM, three on x86.
 *
 * Limb i begins at bit ⌈25.5·i⌉ and has w = 26 bits for even i, 25 for odd ones. So a product of two odd limbs counts twice,
 * and one of limbs i + j ≥ 10 comes back 19-fold. After `#carry` a limb is at most 2^(w − 1) + 2^13. With two such numbers
 * added up in each factor
 * - what is multiplied fits 32 bits: 19·2^26 and, where it counts twice, 38·2^25 are 2^30.25 and a little;
 * - columns are below 2^58.97 (even: the first one has five pairs of even limbs and five of odd ones, of which one and none
 *   are not folded, 2^52·(1 + 19·(4 + 5/2)) and a little) and 2^58.27 (odd: 2^51·(2 + 19·8) and a little).
 */
export const INTEGER_FIELD: KernelField<FieldCode> = {
  laneCount: 4,
  elementSize: 160,
  callsProducts: true,
  open: (code) => new IntegerFieldCode(code),
  limbsOf: (value) => centredLimbs(value, BITS),
};

const LIMBS = 10;
/** Where each limb begins, and where the number ends. */
const BITS = [0, 26, 51, 77, 102, 128, 153, 179, 204, 230, 255] as const;
/** 2^255 ≡ 19. */
const FOLD = 19;
const isOdd = (limb: number): boolean => limb % 2 === 1;
const widthOf = (limb: number): number => BITS[limb + 1]! - BITS[limb]!;
const maskOf = (limb: number): number => 2 ** widthOf(limb) - 1;
/** A limb taken this much too large is a part of a number without a sign. */
const centreOf = (limb: number): number => 2 ** (widthOf(limb) - 1);
/** p in limbs. */
const orderOf = (limb: number): number => maskOf(limb) - (limb === 0 ? FOLD - 1 : 0);
/**
 * What columns begin with, to be positive, since engines on x86 have no signed shift of 64 bits: 2^34·p, which is 2^59.99 in
 * even limbs and 2^58.99 in odd ones, and the centre. Sums stay below 2^61.
 */
const biasOf = (limb: number): bigint => (BigInt(orderOf(limb)) << 34n) + BigInt(centreOf(limb));

const LANES = [0, 1, 2, 3] as const;
const WORD_BITS = 32;
/** Half of a factor's limbs at a time, so that they stay in registers while the columns go by. */
const ROWS = [
  [0, 1, 2, 3, 4],
  [5, 6, 7, 8, 9],
] as const;

/** Sums of products of 64 bits: of lanes 0 and 1, and of lanes 2 and 3. */
interface Column {
  low: Local;
  high: Local;
}
const HALVES = ["low", "high"] as const;

class IntegerFieldCode implements FieldCode {
  readonly #code: WasmCode;
  readonly #lanes: LaneCode;
  readonly #constants = new Map<bigint, Local>();

  constructor(code: WasmCode) {
    this.#code = code;
    this.#lanes = new LaneCode(code, "v128");
    // In the function's first lines, so that no loop makes them again.
    for (const limb of [0, 1]) {
      this.#constant64(BigInt(maskOf(limb)));
      this.#constant32(centreOf(limb));
    }
    for (const limb of [0, 1, 2]) this.#constant64(biasOf(limb));
    for (const factor of [FOLD, 2 * FOLD]) this.#constant32(factor);
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

  /** Every limb is centred at once: its carry is 0 or 1, so that it may end 1 (and the lowest 19) beyond its bits. */
  read(address: Local): Element {
    const bits = limbs((limb) => this.#add32(this.#readLimb(address, limb), centreOf(limb)));
    return bits.map((limb, index) => {
      const inside = this.#lanes.apply("v128.and", limb, this.#constant32(maskOf(index)));
      const below = (index + LIMBS - 1) % LIMBS;
      const carry = this.#shift32(bits[below]!, -widthOf(below));
      return this.#lanes.apply(
        "i32x4.add",
        this.#add32(inside, -centreOf(index)),
        index === 0 ? this.#times(carry, FOLD) : carry,
      );
    });
  }

  write(address: Local, value: Element): void {
    const whole = this.#reduce(value);
    for (let word = 0; word < 8; word++) {
      const parts = whole.flatMap((limb, index) => {
        const shift = BITS[index]! - WORD_BITS * word;
        return shift >= WORD_BITS || shift + widthOf(index) <= 0 ? [] : [this.#shift32(limb, shift)];
      });
      const bits = parts.reduce((left, right) => this.#lanes.apply("v128.or", left, right));
      for (const lane of LANES)
        this.#code
          .get(address)
          .get(bits)
          .storeLane32(lane, 32 * lane + 4 * word);
    }
  }

  constant(value: bigint): Element {
    const values = centredLimbs(value, BITS);
    return limbs((limb) => this.#constant32(values[limb]!));
  }

  add(a: Element, b: Element): Element {
    return limbs((limb) => this.#lanes.apply("i32x4.add", a[limb]!, b[limb]!));
  }

  subtract(a: Element, b: Element): Element {
    return limbs((limb) => this.#lanes.apply("i32x4.sub", a[limb]!, b[limb]!));
  }

  multiply(a: Element, b: Element): Element {
    const doubled = a.map((limb, index) => (isOdd(index) ? this.#double(limb) : limb));
    const folded = b.map((limb, index) => (index === 0 ? limb : this.#times(limb, FOLD)));
    const columns: Column[] = [];
    for (const rows of ROWS) {
      for (let column = 0; column < LIMBS; column++) {
        for (const i of rows) {
          const j = (column - i + LIMBS) % LIMBS;
          const left = isOdd(j) ? doubled[i]! : a[i]!;
          this.#multiplyInto(columns, column, left, i <= column ? b[j]! : folded[j]!);
        }
      }
    }
    return this.#carry(columns);
  }

  /** Products of two different limbs once, doubled. Folded odd limbs are doubled as well: an even one beside them is not. */
  square(a: Element): Element {
    const doubled = a.map((limb) => this.#double(limb));
    const folded = a.map((limb, index) => (index < 5 ? limb : this.#times(limb, isOdd(index) ? 2 * FOLD : FOLD)));
    const columns: Column[] = [];
    for (let column = 0; column < LIMBS; column++) {
      for (let i = 0; i < LIMBS; i++) {
        const j = (column - i + LIMBS) % LIMBS;
        if (i > j) continue;
        const isFolded = i + j > column;
        const hasItsDouble = i === j || (isFolded && isOdd(j) && !isOdd(i));
        const right = isFolded ? folded[j]! : isOdd(i) && isOdd(j) ? doubled[j]! : a[j]!;
        this.#multiplyInto(columns, column, hasItsDouble ? a[i]! : doubled[i]!, right);
      }
    }
    return this.#carry(columns);
  }

  scale(a: Element, factor: number): Element {
    const columns: Column[] = [];
    const times = this.#constant32(factor);
    a.forEach((limb, index) => this.#multiplyInto(columns, index, limb, times));
    return this.#carry(columns);
  }

  isNegative(a: Element): Local {
    const odd = this.#lanes.apply("v128.and", this.#reduce(a)[0]!, this.#constant32(1));
    return this.#lanes.apply("i32x4.eq", odd, this.#constant32(1));
  }

  isZero(a: Element): Local {
    const any = this.#reduce(a).reduce((left, right) => this.#lanes.apply("v128.or", left, right));
    return this.#lanes.apply("i32x4.eq", any, this.#constant32(0));
  }

  choose(mask: Local, chosen: Element, otherwise: Element): Element {
    return limbs((limb) => this.#lanes.apply("v128.bitselect", chosen[limb]!, otherwise[limb]!, mask));
  }

  /** In all four lanes. */
  #constant32(value: number): Local {
    const word = BigInt.asUintN(WORD_BITS, BigInt(value));
    return this.#constant64((word << BigInt(WORD_BITS)) | word);
  }

  #constant64(value: bigint): Local {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const local = this.#lanes.value(() => this.#code.i64x2(value));
    this.#constants.set(value, local);
    return local;
  }

  #add32(a: Local, constant: number): Local {
    return this.#lanes.apply("i32x4.add", a, this.#constant32(constant));
  }

  #double(a: Local): Local {
    return this.#lanes.apply("i32x4.add", a, a);
  }

  #times(a: Local, factor: number): Local {
    return this.#lanes.apply("i32x4.mul", a, this.#constant32(factor));
  }

  /** To the left, or by a negative number to the right. */
  #shift32(a: Local, bits: number): Local {
    if (bits === 0) return a;
    const instruction = bits > 0 ? "i32x4.shl" : "i32x4.shr_u";
    return this.#lanes.value(() => this.#code.get(a).i32(Math.abs(bits)).do(instruction));
  }

  #shift64(a: Local, bits: number): Local {
    const instruction = bits > 0 ? "i64x2.shl" : "i64x2.shr_u";
    return this.#lanes.value(() => this.#code.get(a).i32(Math.abs(bits)).do(instruction));
  }

  /** 19·a of 64 bits: 16 + 2 + 1. */
  #times19(a: Local): Local {
    const three = this.#lanes.apply("i64x2.add", this.#shift64(a, 1), a);
    return this.#lanes.apply("i64x2.add", this.#shift64(a, 4), three);
  }

  #multiplyInto(columns: Column[], place: number, a: Local, b: Local): void {
    const sum = columns[place];
    const [low, high] = HALVES.map((half) =>
      this.#lanes.apply(
        "i64x2.add",
        sum?.[half] ?? this.#constant64(biasOf(place)),
        this.#lanes.apply(`i64x2.extmul_${half}_i32x4_s`, a, b),
      ),
    );
    columns[place] = { low: low!, high: high! };
  }

  /**
   * Brings columns back to their bits, in two chains side by side, and both halves into one vector. What comes from column 9
   * is below 19·2^35, and below 2^14 in what it makes go on to limb 1: nothing goes on from there, nor from limb 5.
   */
  #carry(columns: readonly Column[]): Element {
    const sums = columns.map((column) => ({ ...column }));
    for (const limb of [0, 4, 1, 5, 2, 6, 3, 7, 4, 8, 9, 0]) {
      const next = (limb + 1) % LIMBS;
      for (const half of HALVES) {
        const above = this.#shift64(sums[limb]![half], -widthOf(limb));
        const carry = next === 0 ? this.#times19(above) : above;
        sums[next]![half] = this.#lanes.apply("i64x2.add", sums[next]![half], carry);
        sums[limb]![half] = this.#lanes.apply("v128.and", sums[limb]![half], this.#constant64(BigInt(maskOf(limb))));
      }
    }
    return sums.map(({ low, high }, limb) => {
      const joined = this.#lanes.value(() => this.#code.get(low).get(high).shuffle32(0, 2, 4, 6));
      return this.#lanes.apply("i32x4.sub", joined, this.#constant32(centreOf(limb)));
    });
  }

  /** The limbs of a product within 0 … p − 1. */
  #reduce(a: Element): readonly Local[] {
    // With p on top no limb is negative, and the number is below 1.51·2^255.
    const whole = a.map((limb, index) => this.#add32(limb, orderOf(index)));
    const carry = (limb: number): void => {
      const next = (limb + 1) % LIMBS;
      const above = this.#shift32(whole[limb]!, -widthOf(limb));
      whole[next] = this.#lanes.apply("i32x4.add", whole[next]!, next === 0 ? this.#times(above, FOLD) : above);
      whole[limb] = this.#lanes.apply("v128.and", whole[limb]!, this.#constant32(maskOf(limb)));
    };
    for (let limb = 0; limb < LIMBS; limb++) carry(limb);
    // Now below 2^255 + 19: p is due once more if 19 more make a carry at the end.
    let due = this.#constant32(FOLD);
    whole.forEach((limb, index) => (due = this.#shift32(this.#lanes.apply("i32x4.add", limb, due), -widthOf(index))));
    whole[0] = this.#lanes.apply("i32x4.add", whole[0]!, this.#times(due, FOLD));
    for (let limb = 0; limb < LIMBS - 1; limb++) carry(limb);
    whole[LIMBS - 1] = this.#lanes.apply("v128.and", whole[LIMBS - 1]!, this.#constant32(maskOf(LIMBS - 1)));
    return whole;
  }

  /** A limb of each lane's 32 bytes. The 32 bits from the byte on in which it begins have all of it. */
  #readLimb(address: Local, limb: number): Local {
    const at = Math.floor(BITS[limb]! / 8);
    const words = this.#lanes.value(() => {
      for (const lane of LANES) {
        this.#code.get(address).access("i32.load", 32 * lane + at);
        if (lane === 0) this.#code.do("i32x4.splat");
        else this.#code.lane("i32x4.replace_lane", lane);
      }
    });
    return this.#lanes.apply("v128.and", this.#shift32(words, -(BITS[limb]! % 8)), this.#constant32(maskOf(limb)));
  }
}

function limbs(make: (limb: number) => Local): readonly Local[] {
  return Array.from({ length: LIMBS }, (_, limb) => make(limb));
}
