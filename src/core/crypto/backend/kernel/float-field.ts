import { centredLimbs } from "./centred-limbs.ts";
import type { Element, KernelField, Wide, WideFieldCode } from "./field-code.ts";
import { LaneCode } from "./lane-code.ts";
import type { Instruction, Local, WasmCode } from "./wasm-code.ts";

/**
 * Numbers modulo p = 2^255 − 19 as 12 doubles, with plain products and sums: for engines without fused multiply-adds.
 * Limb i is a multiple of 2^⌈21.25·i⌉ and carries about 21 bits, signed, so that rounding is exact and no limb has to be
 * shifted into place (D. J. Bernstein, "Curve25519: new Diffie-Hellman speed records", section 4).
 *
 * After `#carry` limb i is at most 2^(⌈21.25·(i+1)⌉ − 1) and a little, 2^-6 of it. With two such numbers added up in each
 * factor a column is at most 12·19·2^44 and a little, < 2^52 times its unit, below the 2^53 up to which doubles are exact.
 */
export const VECTOR_FLOAT_FIELD: KernelField = {
  laneCount: 2,
  elementSize: 192,
  callsProducts: false,
  open: (code) => new FloatFieldCode(code, VECTOR),
  limbsOf: (value) => limbsOf(value),
};

/** The same, one number at a time. */
export const SCALAR_FLOAT_FIELD: KernelField = {
  laneCount: 1,
  elementSize: 96,
  callsProducts: false,
  open: (code) => new FloatFieldCode(code, SCALAR),
  limbsOf: (value) => limbsOf(value),
};

const LIMBS = 12;
/** Where each limb begins, and where the number ends. */
const BITS = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255] as const;
/** Adding and taking away 1.5·2^52 units of the next limb rounds to a multiple of that unit. */
const roundingOf = (limb: number): number => 3 * 2 ** (BITS[limb + 1]! + 51);
const widthOf = (limb: number): number => BITS[limb + 1]! - BITS[limb]!;
const maskOf = (limb: number): bigint => 2n ** BigInt(widthOf(limb)) - 1n;
/** 2^255 ≡ 19, as a factor of doubles and of integers. */
const FOLD = 19 * 2 ** -255;
const FOLD_WHOLE = 19n;
const WORD_BITS = 64;
/** Half of a factor's limbs at a time, so that they stay in registers while the columns go by. */
const ROWS = [
  [0, 1, 2, 3, 4, 5],
  [6, 7, 8, 9, 10, 11],
] as const;

/** Doubles alone or in pairs: the same code, in other instructions. */
interface Shape {
  readonly type: "f64" | "v128";
  readonly laneCount: number;
  readonly limbSize: number;
  readonly load: "f64.load" | "v128.load";
  readonly store: "f64.store" | "v128.store";
  readonly add: Instruction;
  readonly subtract: Instruction;
  readonly multiply: Instruction;
}

const VECTOR: Shape = {
  type: "v128",
  laneCount: 2,
  limbSize: 16,
  load: "v128.load",
  store: "v128.store",
  add: "f64x2.add",
  subtract: "f64x2.sub",
  multiply: "f64x2.mul",
};

const SCALAR: Shape = {
  type: "f64",
  laneCount: 1,
  limbSize: 8,
  load: "f64.load",
  store: "f64.store",
  add: "f64.add",
  subtract: "f64.sub",
  multiply: "f64.mul",
};

class FloatFieldCode implements WideFieldCode {
  readonly #code: WasmCode;
  readonly #lanes: LaneCode;
  readonly #shape: Shape;
  readonly #constants = new Map<number, Local>();

  constructor(code: WasmCode, shape: Shape) {
    this.#code = code;
    this.#lanes = new LaneCode(code, shape.type);
    this.#shape = shape;
    // In the function's first lines, so that no loop makes them again.
    for (let limb = 0; limb < LIMBS; limb++) this.#constant(roundingOf(limb));
    this.#constant(FOLD);
  }

  load(address: Local, offset: number): Element {
    const { load, limbSize } = this.#shape;
    return limbs((limb) => this.#lanes.value(() => this.#code.get(address).access(load, offset + limbSize * limb)));
  }

  store(address: Local, offset: number, value: Element): void {
    const { store, limbSize } = this.#shape;
    value.forEach((limb, index) => {
      this.#code
        .get(address)
        .get(limb)
        .access(store, offset + limbSize * index);
    });
  }

  read(address: Local): Element {
    return this.#carry(limbs((limb) => this.#readLimb(address, limb)));
  }

  write(address: Local, value: Element): void {
    for (let lane = 0; lane < this.#shape.laneCount; lane++) {
      const whole = this.#reduce(value, lane);
      for (let word = 0; word < 4; word++) {
        this.#code.get(address);
        this.#joinWord(whole, word);
        this.#code.access("i64.store", 32 * lane + 8 * word);
      }
    }
  }

  constant(value: bigint): Element {
    const values = limbsOf(value);
    return limbs((limb) => this.#constant(values[limb]!));
  }

  add(a: Element, b: Element): Element {
    return limbs((limb) => this.#lanes.apply(this.#shape.add, a[limb]!, b[limb]!));
  }

  subtract(a: Element, b: Element): Element {
    return limbs((limb) => this.#lanes.apply(this.#shape.subtract, a[limb]!, b[limb]!));
  }

  multiply(a: Element, b: Element): Element {
    return this.#carry(this.multiplyWide(a, b));
  }

  square(a: Element): Element {
    return this.#carry(this.squareWide(a));
  }

  multiplyWide(a: Element, b: Element): Wide {
    const folded = b.map((limb, index) => (index === 0 ? limb : this.#times(limb, FOLD)));
    const sums: Local[] = [];
    for (const rows of ROWS) {
      for (let column = 0; column < LIMBS; column++) {
        const products = rows.map((i) => [a[i]!, i <= column ? b[column - i]! : folded[column - i + LIMBS]!] as const);
        sums[column] = this.#sum(products, sums[column]);
      }
    }
    return sums as readonly Local[] as Wide;
  }

  squareWide(a: Element): Wide {
    const doubled = a.map((limb) => this.#lanes.apply(this.#shape.add, limb, limb));
    const folded = a.map((limb, index) => (index <= LIMBS / 2 - 1 ? limb : this.#times(limb, FOLD)));
    return limbs((column) => {
      const products: [Local, Local][] = [];
      for (let i = 0; i < LIMBS; i++) {
        const j = (column - i + LIMBS) % LIMBS;
        if (i > j) continue;
        const isFolded = i + j > column;
        products.push([i === j ? a[i]! : doubled[i]!, isFolded ? folded[j]! : a[j]!]);
      }
      return this.#sum(products);
    }) as Wide;
  }

  addWide(a: Wide, b: Wide): Wide {
    return this.add(a, b) as Wide;
  }

  subtractWide(a: Wide, b: Wide): Wide {
    return this.subtract(a, b) as Wide;
  }

  carryWide(a: Wide): Element {
    return this.#carry(a);
  }

  scale(a: Element, factor: number): Element {
    return this.#carry(a.map((limb) => this.#times(limb, factor)));
  }

  isZero(a: Element): Local {
    return this.#maskOf(a, ([first, ...others]) => {
      this.#code.get(first!);
      for (const limb of others) this.#code.get(limb).do("i64.or");
      this.#code.do("i64.eqz");
    });
  }

  isNegative(a: Element): Local {
    return this.#maskOf(a, ([first]) => this.#code.get(first!).do("i32.wrap_i64").i32(1).do("i32.and"));
  }

  choose(mask: Local, chosen: Element, otherwise: Element): Element {
    if (this.#shape.type === "v128") {
      return limbs((limb) => this.#lanes.apply("v128.bitselect", chosen[limb]!, otherwise[limb]!, mask));
    }
    // Exact, since limbs are integers of their units; an engine may make a branch of `select`.
    const factor = this.#lanes.value(() => this.#code.get(mask).do("f64.convert_i32_s"));
    return this.subtract(chosen, otherwise).map((difference, limb) =>
      this.#lanes.apply("f64.add", this.#lanes.apply("f64.mul", difference, factor), otherwise[limb]!),
    );
  }

  /** A mask of the lanes for whose limbs, within 0 … p − 1, the test leaves 1 on the stack. */
  #maskOf(a: Element, test: (whole: readonly Local[]) => unknown): Local {
    const lanes = Array.from({ length: this.#shape.laneCount }, (_, lane) => {
      const whole = this.#reduce(a, lane);
      test(whole);
      const isSo = this.#code.local("i32");
      this.#code.set(isSo);
      return isSo;
    });
    if (this.#shape.type === "f64") return lanes[0]!;
    return this.#lanes.value(() => {
      lanes.forEach((isSo, lane) => {
        this.#code.i64(0n).get(isSo).do("i64.extend_i32_u").do("i64.sub");
        if (lane === 0) this.#code.do("i64x2.splat");
        else this.#code.lane("i64x2.replace_lane", lane);
      });
    });
  }

  #constant(value: number): Local {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const local = this.#lanes.value(() =>
      this.#shape.type === "f64" ? this.#code.f64(value) : this.#code.f64x2(value),
    );
    this.#constants.set(value, local);
    return local;
  }

  #times(a: Local, factor: number): Local {
    return this.#lanes.apply(this.#shape.multiply, a, this.#constant(factor));
  }

  /** On top of what there is already. */
  #sum(products: readonly (readonly [Local, Local])[], start?: Local): Local {
    return this.#lanes.value(() => {
      if (start !== undefined) this.#code.get(start);
      products.forEach(([left, right], index) => {
        this.#code.get(left).get(right).do(this.#shape.multiply);
        if (index > 0 || start !== undefined) this.#code.do(this.#shape.add);
      });
    });
  }

  /**
   * Brings every limb back to its bits: four chains side by side, each going on to the limb where the next one began. That
   * one passes on less than 2^11 (the lowest, with the 19-fold of what is above 255 bits, less than 2^14), which stays.
   */
  #carry(columns: Element): Element {
    const floats = [...columns];
    for (const limb of [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 0]) {
      const next = (limb + 1) % LIMBS;
      const rounding = this.#constant(roundingOf(limb));
      const above = this.#lanes.apply(
        this.#shape.subtract,
        this.#lanes.apply(this.#shape.add, floats[limb]!, rounding),
        rounding,
      );
      floats[limb] = this.#lanes.apply(this.#shape.subtract, floats[limb]!, above);
      floats[next] = this.#lanes.apply(this.#shape.add, floats[next]!, next === 0 ? this.#times(above, FOLD) : above);
    }
    return floats;
  }

  #readLimb(address: Local, limb: number): Local {
    const word = Math.floor(BITS[limb]! / WORD_BITS);
    const shift = BITS[limb]! % WORD_BITS;
    return this.#lanes.value(() => {
      for (let lane = 0; lane < this.#shape.laneCount; lane++) {
        const at = 32 * lane + 8 * word;
        this.#code.get(address).access("i64.load", at).i64(BigInt(shift)).do("i64.shr_u");
        if (shift + widthOf(limb) > WORD_BITS) {
          this.#code.get(address).access("i64.load", at + 8).i64(BigInt(WORD_BITS - shift)).do("i64.shl").do("i64.or"); // prettier-ignore
        }
        this.#code.i64(maskOf(limb)).do("i64.and").do("f64.convert_i64_u");
        this.#code.f64(2 ** BITS[limb]!).do("f64.mul");
        if (this.#shape.type === "f64") continue;
        if (lane === 0) this.#code.do("f64x2.splat");
        else this.#code.lane("f64x2.replace_lane", lane);
      }
    });
  }

  /** The limbs of one lane's product within 0 … p − 1, as integers of their width. */
  #reduce(a: Element, lane: number): readonly Local[] {
    const integers = a.map((limb, index) => {
      const integer = this.#code.local("i64");
      this.#code.get(limb);
      if (this.#shape.type === "v128") this.#code.lane("f64x2.extract_lane", lane);
      this.#code
        .f64(2 ** -BITS[index]!)
        .do("f64.mul")
        .do("i64.trunc_f64_s");
      // With p on top no limb is negative, and the number is below 1.5·2^255.
      this.#code.i64(maskOf(index) - (index === 0 ? FOLD_WHOLE - 1n : 0n)).do("i64.add");
      this.#code.set(integer);
      return integer;
    });
    const carry = (limb: number): void => {
      const next = (limb + 1) % LIMBS;
      this.#code.get(integers[next]!).get(integers[limb]!).i64(BigInt(widthOf(limb))).do("i64.shr_u"); // prettier-ignore
      if (next === 0) this.#code.i64(FOLD_WHOLE).do("i64.mul");
      this.#code.do("i64.add").set(integers[next]!);
      this.#code.get(integers[limb]!).i64(maskOf(limb)).do("i64.and").set(integers[limb]!);
    };
    for (let limb = 0; limb < LIMBS; limb++) carry(limb);
    // Now below 2^255 + 19: p is due once more if 19 more make a carry at the end.
    this.#code.i64(FOLD_WHOLE);
    for (let limb = 0; limb < LIMBS; limb++) {
      this.#code.get(integers[limb]!).do("i64.add").i64(BigInt(widthOf(limb))).do("i64.shr_u"); // prettier-ignore
    }
    this.#code.i64(FOLD_WHOLE).do("i64.mul").get(integers[0]!).do("i64.add").set(integers[0]!); // prettier-ignore
    for (let limb = 0; limb < LIMBS - 1; limb++) carry(limb);
    const last = integers[LIMBS - 1]!;
    this.#code.get(last).i64(maskOf(LIMBS - 1)).do("i64.and").set(last); // prettier-ignore
    return integers;
  }

  /** Puts on the stack the 64 bits of a number from this word on. */
  #joinWord(whole: readonly Local[], word: number): void {
    let count = 0;
    whole.forEach((limb, index) => {
      const shift = BITS[index]! - WORD_BITS * word;
      if (shift >= WORD_BITS || shift + widthOf(index) <= 0) return;
      this.#code.get(limb);
      if (shift > 0) this.#code.i64(BigInt(shift)).do("i64.shl");
      if (shift < 0) this.#code.i64(BigInt(-shift)).do("i64.shr_u");
      if (count++ > 0) this.#code.do("i64.or");
    });
  }
}

/** A number below p in limbs that are multiples of their units. */
function limbsOf(value: bigint): readonly number[] {
  return centredLimbs(value, BITS).map((limb, index) => limb * 2 ** BITS[index]!);
}

function limbs(make: (limb: number) => Local): readonly Local[] {
  return Array.from({ length: LIMBS }, (_, limb) => make(limb));
}
