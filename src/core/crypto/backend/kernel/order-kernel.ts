import { LaneCode } from "./lane-code.ts";
import { ORDER_MEMORY_SIZE } from "./kernel-layout.ts";
import { addresses, advance, counters, repeat } from "./loop-code.ts";
import { STEP_WORDS } from "../scalar-program.ts";
import { GROUP_ORDER, SCALAR_SIZE } from "../../scalar.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/** Limbs of 28 bits: nine of them end where 2^252 begins, and a sum of nine products stays far below 2^63. */
const LIMB_BITS = 28;
const LIMB_COUNT = 9;
const MASK = (1n << BigInt(LIMB_BITS)) - 1n;
/** ℓ = 2^252 + c, so that 2^252 is −c; the limbs of c. */
const C_LIMBS = limbsOf(GROUP_ORDER - 2n ** 252n, 5);
/** Products that a column holds before it is carried: nine limbs of 28 bits make 2^59.2 each. */
const PRODUCTS_UNCARRIED = 8;
/** A multiple of ℓ, 2^32 times it, limb by limb: it makes a sum of columns positive that may be as low as −2^284. */
const BIAS = limbsOf(GROUP_ORDER, LIMB_COUNT).map((limb) => limb << 32n);

/**
 * Adds arithmetic modulo ℓ. The module then exports `multiplyAdd(count, a, aStep, b, bStep, c, cStep, to, toStep)`: for
 * each of `count` ≥ 1 steps the number at `to` becomes a·b + c, and every address grows by its step. Numbers are 32 bytes,
 * little-endian: any for a, b and c, while what is written is below ℓ. A number written by one step may be read by the next.
 * And `sumProducts(sums, count, a, aStep, aNext, b, bStep, bNext, to, toStep)`: each of so many numbers from `to` on becomes the sum
 * of `count` products a·b, from 1 to 250, of numbers below ℓ: what a reduction costs is paid once. From one product to the
 * next addresses grow by their steps, and where each sum begins, by `aNext` and `bNext`. And `runSteps(steps, count)`, which
 * calls these two with operands from memory (`scalar-program.ts`).
 *
 * In fixed time (PR-9): the code of a step is one straight line, and no address comes from a number. It counts on an engine
 * that multiplies 64-bit integers in the same time whatever they are, as those of phones and desktops do.
 */
export function addOrderArithmetic(module: WasmModule): number {
  const params = Array.from({ length: 9 }, () => "i32" as const);
  const multiplyAdd = module.add(params, writeMultiplyAdd, "multiplyAdd");
  const sumProducts = module.add([...params, "i32"], writeSumProducts, "sumProducts");
  module.add(addresses(2), (code) => writeSteps(code, multiplyAdd, sumProducts), "runSteps");
  return ORDER_MEMORY_SIZE;
}

function writeMultiplyAdd(code: WasmCode): void {
  const [count, a, aStep, b, bStep, c, cStep, to, toStep] = code.params as NonEmpty<Local>;
  const order = new OrderCode(code);
  code.doWhile(() => {
    order.write(to!, order.reduce(order.multiplyAdd(order.read(a!), order.read(b!), order.read(c!))));
    const moves = [[a!, aStep!], [b!, bStep!], [c!, cStep!], [to!, toStep!]] as const; // prettier-ignore
    for (const [address, step] of moves) code.get(address).get(step).do("i32.add").set(address);
    code.get(count).i32(1).do("i32.sub").tee(count);
  });
}

function writeSumProducts(code: WasmCode): void {
  const [sums, count, a, aStep, aNext, b, bStep, bNext, to, toStep] = code.params as NonEmpty<Local>;
  const { left, inA, inB } = counters(code, "left", "inA", "inB");
  const order = new OrderCode(code);
  const columns = Array.from({ length: 2 * LIMB_COUNT }, () => code.local("i64"));
  const move = (address: Local, step: Local): WasmCode => code.get(address).get(step).do("i32.add").set(address);
  repeat(code, sums, () => {
    code.get(a!).set(inA).get(b!).set(inB).get(count!).set(left);
    for (const column of columns) code.i64(0n).set(column);
    code.doWhile(() => {
      order.addProduct(columns, order.read(inA), order.read(inB));
      move(inA, aStep!);
      move(inB, bStep!);
      code
        .get(left)
        .i32(1)
        .do("i32.sub")
        .tee(left)
        .i32(PRODUCTS_UNCARRIED - 1)
        .do("i32.and")
        .do("i32.eqz");
      code.when(() => order.carryInPlace(columns));
      code.get(left);
    });
    // Below 2^512, as 250·ℓ² is, and all carried.
    order.write(to!, order.reduce(columns));
    move(a!, aNext!);
    move(b!, bNext!);
    move(to!, toStep!);
  });
}

function writeSteps(code: WasmCode, multiplyAdd: number, sumProducts: number): void {
  const [step, count] = code.params as [Local, Local];
  const operands = (last: number): WasmCode => {
    for (let word = 1; word <= last; word++) code.get(step).access("i32.load", 4 * word);
    return code;
  };
  repeat(code, count, () => {
    code.get(step).access("i32.load", 0);
    code.either(
      () => operands(STEP_WORDS - 1).call(sumProducts),
      () => operands(STEP_WORDS - 2).call(multiplyAdd),
    );
    advance(code, step, 4 * STEP_WORDS);
  });
}

type NonEmpty<T> = readonly [T, ...T[]];
/** Limbs in signed 64-bit integers, the lowest first. */
type Limbs = readonly Local[];

/** Code for whole numbers in limbs, inside one function. */
class OrderCode {
  readonly #code: WasmCode;
  readonly #lane: LaneCode;

  constructor(code: WasmCode) {
    this.#code = code;
    this.#lane = new LaneCode(code, "i64");
  }

  /** Nine limbs, the highest of 32 bits. */
  read(address: Local): Limbs {
    const words = Array.from({ length: SCALAR_SIZE / 8 }, (_, word) =>
      this.#lane.value(() => this.#code.get(address).access("i64.load", 8 * word)),
    );
    return Array.from({ length: LIMB_COUNT }, (_, limb) =>
      this.#lane.value(() => {
        const [word, bit] = [Math.floor((limb * LIMB_BITS) / 64), (limb * LIMB_BITS) % 64];
        this.#code.get(words[word]!);
        if (bit > 0) this.#code.i64(BigInt(bit)).do("i64.shr_u");
        if (bit + LIMB_BITS > 64 && word + 1 < words.length)
          this.#code.get(words[word + 1]!).i64(BigInt(64 - bit)).do("i64.shl").do("i64.or"); // prettier-ignore
        if (limb < LIMB_COUNT - 1) this.#code.i64(MASK).do("i64.and");
      }),
    );
  }

  /** Writes a number of nine limbs below 2^256. */
  write(address: Local, limbs: Limbs): void {
    for (let word = 0; word < SCALAR_SIZE / 8; word++) {
      this.#code.get(address);
      let isFirst = true;
      limbs.forEach((limb, index) => {
        const bit = index * LIMB_BITS - 64 * word;
        if (bit <= -LIMB_BITS || bit >= 64) return;
        this.#code.get(limb);
        if (bit > 0) this.#code.i64(BigInt(bit)).do("i64.shl");
        if (bit < 0) this.#code.i64(BigInt(-bit)).do("i64.shr_u");
        if (!isFirst) this.#code.do("i64.or");
        isFirst = false;
      });
      this.#code.access("i64.store", 8 * word);
    }
  }

  /** a·b + c of numbers below 2^256, in 18 columns below 2^62, of which nothing is carried yet. */
  multiplyAdd(a: Limbs, b: Limbs, c: Limbs): Limbs {
    const columns = Array.from({ length: 2 * LIMB_COUNT - 2 }, (_, column) =>
      this.#lane.value(() => {
        this.#sumProducts(a, b, column);
        if (column < LIMB_COUNT) this.#code.get(c[column]!).do("i64.add");
      }),
    );
    // Two high limbs make a product of 64 bits, which fills its column: it is cut in two.
    const high = this.#lane.apply("i64.mul", a.at(-1)!, b.at(-1)!);
    const low = this.#lane.value(() => this.#code.get(high).i64(MASK).do("i64.and"));
    const top = this.#lane.value(() => this.#code.get(high).i64(BigInt(LIMB_BITS)).do("i64.shr_u"));
    return [...columns, low, top];
  }

  /** Adds a·b of numbers below ℓ to 18 columns, the last of which takes only what is carried. */
  addProduct(columns: Limbs, a: Limbs, b: Limbs): void {
    for (let column = 0; column < 2 * LIMB_COUNT - 1; column++) {
      this.#sumProducts(a, b, column);
      this.#code.get(columns[column]!).do("i64.add").set(columns[column]!);
    }
  }

  /** Leaves 28 bits in each column but the last. */
  carryInPlace(columns: Limbs): void {
    columns.slice(0, -1).forEach((column, index) => {
      const next = columns[index + 1]!;
      this.#code.get(next).get(column).i64(BigInt(LIMB_BITS)).do("i64.shr_u").do("i64.add").set(next); // prettier-ignore
      this.#code.get(column).i64(MASK).do("i64.and").set(column);
    });
  }

  /**
   * The number below ℓ that a product is modulo ℓ. Three times what lies above 2^252 goes, times c, to the other side. The
   * low columns wait with all that is to be carried out of them until the last time, and so may be large, and negative.
   */
  reduce(columns: Limbs): Limbs {
    const split = (value: Limbs): [Limbs, Limbs] => [value.slice(0, LIMB_COUNT), value.slice(LIMB_COUNT)];
    let [low, high] = split(columns);
    // From 0 to 2^260, then from −2^134 to 0.
    [low, high] = split(this.#subtract(low, this.#carry(high, 1)));
    const all = this.#subtract(this.#add(low, BIAS), this.#carry(high, 0));
    // From 0 to 2^286: 34 bits are above 2^252.
    [low, high] = split(this.#carry(all, 1));
    // Above −2^160 and below 2^252, which is less than ℓ: all it may need is one ℓ more.
    [low, high] = split(this.#carry(this.#subtract(low, high), 1));
    return this.#carry(this.#subtract(low, high), 0);
  }

  /** low − high·c */
  #subtract(low: Limbs, high: Limbs): Limbs {
    const length = Math.max(low.length, high.length + C_LIMBS.length - 1);
    return Array.from({ length }, (_, column) =>
      this.#lane.value(() => {
        if (column < low.length) this.#code.get(low[column]!);
        else this.#code.i64(0n);
        for (const [place, limb] of C_LIMBS.entries()) {
          const factor = high[column - place];
          if (factor !== undefined) this.#code.get(factor).i64(limb).do("i64.mul").do("i64.sub");
        }
      }),
    );
  }

  #add(limbs: Limbs, constants: readonly bigint[]): Limbs {
    return limbs.map((limb, index) => {
      const constant = constants[index]!;
      return constant === 0n ? limb : this.#lane.value(() => this.#code.get(limb).i64(constant).do("i64.add"));
    });
  }

  /** Leaves 28 bits in each limb but the highest; `more` limbs are added on top for what is carried out of it. */
  #carry(columns: Limbs, more: 0 | 1): Limbs {
    const limbs: Local[] = [];
    let rest = columns[0]!;
    for (let index = 0; index < columns.length - 1 + more; index++) {
      const column = rest;
      limbs.push(this.#lane.value(() => this.#code.get(column).i64(MASK).do("i64.and")));
      rest = this.#lane.value(() => {
        this.#code.get(column).i64(BigInt(LIMB_BITS)).do("i64.shr_s");
        const next = columns[index + 1];
        if (next !== undefined) this.#code.get(next).do("i64.add");
      });
    }
    return [...limbs, rest];
  }

  /** Σ aᵢ·bⱼ over i + j = column, on the stack. */
  #sumProducts(a: Limbs, b: Limbs, column: number): void {
    let isFirst = true;
    for (let i = Math.max(0, column - LIMB_COUNT + 1); i <= Math.min(column, LIMB_COUNT - 1); i++) {
      this.#code
        .get(a[i]!)
        .get(b[column - i]!)
        .do("i64.mul");
      if (!isFirst) this.#code.do("i64.add");
      isFirst = false;
    }
  }
}

/** So many limbs of a number, all that is left in the highest. */
function limbsOf(value: bigint, count: number): bigint[] {
  return count === 1 ? [value] : [value & MASK, ...limbsOf(value >> BigInt(LIMB_BITS), count - 1)];
}
