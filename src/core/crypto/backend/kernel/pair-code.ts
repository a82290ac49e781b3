import type { Element, KernelField, Wide, WideFieldCode } from "./field-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

/**
 * Two numbers modulo p that are worked on together: the lanes of one vector where the field has two, else two elements.
 * In memory they are next to each other in a size of {@link pairSizeOf}. What is said of products and factors in
 * `field-code.ts` goes for each of the two.
 */
export type Pair = readonly Element[];
export type WidePair = readonly Wide[];

export interface PairCode {
  load(address: Local, offset: number): Pair;
  store(address: Local, offset: number, value: Pair): void;
  constant(first: bigint, second: bigint): Pair;
  add(a: Pair, b: Pair): Pair;
  /** (a₀·b₀, a₁·b₁) */
  multiply(a: Pair, b: Pair): Pair;
  multiplyWide(a: Pair, b: Pair): WidePair;
  squareWide(a: Pair): WidePair;
  carryWide(a: WidePair): Pair;
  /** (a₀ + b₀ − b₁, a₁) */
  addDifference(a: WidePair, b: WidePair): WidePair;
  /** (a₁, a₀) */
  swap(a: Pair): Pair;
  /** (a₁, a₀) where the sign is −1, (a₀, a₁) where it is 0; in fixed time. */
  swapIf(sign: Local, a: Pair): Pair;
  /** (a₀, −a₁) where the sign is −1, (a₀, a₁) where it is 0; in fixed time. */
  negateSecondIf(sign: Local, a: Pair): Pair;
  /** (a₁ − a₀, a₁ + a₀) */
  differenceAndSum(a: Pair): Pair;
  /** (a₀ − a₁, a₀ + a₁) */
  backDifferenceAndSum(a: Pair): Pair;
  /** (a₀, b₀) */
  firsts(a: Pair, b: Pair): Pair;
  /** (a₁, b₁) */
  seconds(a: Pair, b: Pair): Pair;
  /** As many pairs as the field has lanes, as two numbers of all lanes: all the first ones and all the second ones. */
  gather(pairs: readonly Pair[]): readonly [Element, Element];
  /** The same back. */
  scatter(firsts: Element, seconds: Element): readonly Pair[];
}

/** Bytes of a pair in memory. */
export function pairSizeOf({ laneCount, elementSize }: KernelField): number {
  return (2 / laneCount) * elementSize;
}

export function openPairs(field: KernelField, code: WasmCode): PairCode {
  return field.laneCount === 2 ? new LanePairs(field, code) : new TwinPairs(field, code);
}

const SIGN = 1n << 63n;
const ALL = 2n ** 64n - 1n;

/** One vector of two lanes. */
class LanePairs implements PairCode {
  readonly #field: KernelField;
  readonly #code: WasmCode;
  readonly #f: WideFieldCode;

  constructor(field: KernelField, code: WasmCode) {
    this.#field = field;
    this.#code = code;
    this.#f = field.open(code);
  }

  load(address: Local, offset: number): Pair {
    return [this.#f.load(address, offset)];
  }

  store(address: Local, offset: number, [value]: Pair): void {
    this.#f.store(address, offset, value!);
  }

  constant(first: bigint, second: bigint): Pair {
    const seconds = this.#field.limbsOf(second);
    return [
      this.#field.limbsOf(first).map((limb, index) => this.#vector(() => this.#code.f64x2Lanes(limb, seconds[index]!))),
    ];
  }

  add([a]: Pair, [b]: Pair): Pair {
    return [this.#f.add(a!, b!)];
  }

  multiply([a]: Pair, [b]: Pair): Pair {
    return [this.#f.multiply(a!, b!)];
  }

  multiplyWide([a]: Pair, [b]: Pair): WidePair {
    return [this.#f.multiplyWide(a!, b!)];
  }

  squareWide([a]: Pair): WidePair {
    return [this.#f.squareWide(a!)];
  }

  carryWide([a]: WidePair): Pair {
    return [this.#f.carryWide(a!)];
  }

  addDifference([a]: WidePair, [b]: WidePair): WidePair {
    const differences = this.#f.subtractWide(b!, this.#shuffle(b!, b!, 1, 0) as Wide);
    const first: Element = differences.map((limb) =>
      this.#vector(() => this.#code.get(limb).lanes64(ALL, 0n).do("v128.and")),
    );
    return [this.#f.addWide(a!, first as Wide)];
  }

  swap([a]: Pair): Pair {
    return [this.#shuffle(a!, a!, 1, 0)];
  }

  swapIf(sign: Local, [a]: Pair): Pair {
    const mask = this.#maskOf(sign);
    return [
      a!.map((limb) =>
        this.#vector(() => {
          this.#code.get(limb).get(limb).shuffle64(1, 0).get(limb).do("v128.xor").get(mask).do("v128.and");
          this.#code.get(limb).do("v128.xor");
        }),
      ),
    ];
  }

  negateSecondIf(sign: Local, [a]: Pair): Pair {
    const mask = this.#maskOf(sign, SIGN);
    return [a!.map((limb) => this.#vector(() => this.#code.get(limb).get(mask).do("v128.xor")))];
  }

  differenceAndSum([a]: Pair): Pair {
    return [this.#f.add(this.#shuffle(a!, a!, 1, 0), this.#negateFirst(a!))];
  }

  backDifferenceAndSum([a]: Pair): Pair {
    return [this.#f.add(a!, this.#negateFirst(this.#shuffle(a!, a!, 1, 0)))];
  }

  firsts([a]: Pair, [b]: Pair): Pair {
    return [this.#shuffle(a!, b!, 0, 2)];
  }

  seconds([a]: Pair, [b]: Pair): Pair {
    return [this.#shuffle(a!, b!, 1, 3)];
  }

  gather([first, second]: readonly Pair[]): readonly [Element, Element] {
    return [this.firsts(first!, second!)[0]!, this.seconds(first!, second!)[0]!];
  }

  scatter(firsts: Element, seconds: Element): readonly Pair[] {
    return [this.firsts([firsts], [seconds]), this.seconds([firsts], [seconds])];
  }

  /** Where the sign is −1: all bits, or the sign of the second double alone. */
  #maskOf(sign: Local, second = 0n): Local {
    return this.#vector(() => {
      this.#code.get(sign).do("i64.extend_i32_s").do("i64x2.splat");
      if (second !== 0n) this.#code.lanes64(0n, second).do("v128.and");
    });
  }

  #negateFirst(a: Element): Element {
    return a.map((limb) => this.#vector(() => this.#code.get(limb).lanes64(SIGN, 0n).do("v128.xor")));
  }

  #shuffle(a: Element, b: Element, first: number, second: number): Element {
    return a.map((limb, index) => this.#vector(() => this.#code.get(limb).get(b[index]!).shuffle64(first, second)));
  }

  #vector(write: () => unknown): Local {
    write();
    const local = this.#code.local("v128");
    this.#code.set(local);
    return local;
  }
}

/** Two elements of one lane. */
class TwinPairs implements PairCode {
  readonly #field: KernelField;
  readonly #code: WasmCode;
  readonly #f: WideFieldCode;

  constructor(field: KernelField, code: WasmCode) {
    this.#field = field;
    this.#code = code;
    this.#f = field.open(code);
  }

  load(address: Local, offset: number): Pair {
    return [0, 1].map((half) => this.#f.load(address, offset + half * this.#field.elementSize));
  }

  store(address: Local, offset: number, value: Pair): void {
    value.forEach((each, half) => this.#f.store(address, offset + half * this.#field.elementSize, each));
  }

  constant(first: bigint, second: bigint): Pair {
    return [this.#f.constant(first), this.#f.constant(second)];
  }

  add(a: Pair, b: Pair): Pair {
    return a.map((each, half) => this.#f.add(each, b[half]!));
  }

  multiply(a: Pair, b: Pair): Pair {
    return a.map((each, half) => this.#f.multiply(each, b[half]!));
  }

  multiplyWide(a: Pair, b: Pair): WidePair {
    return a.map((each, half) => this.#f.multiplyWide(each, b[half]!));
  }

  squareWide(a: Pair): WidePair {
    return a.map((each) => this.#f.squareWide(each));
  }

  carryWide(a: WidePair): Pair {
    return a.map((each) => this.#f.carryWide(each));
  }

  addDifference([a, other]: WidePair, [b, c]: WidePair): WidePair {
    return [this.#f.addWide(a!, this.#f.subtractWide(b!, c!)), other!];
  }

  swap([first, second]: Pair): Pair {
    return [second!, first!];
  }

  swapIf(sign: Local, [first, second]: Pair): Pair {
    // a + s·(a − b), exact since limbs are integers of their units; an engine may make a branch of `select`.
    const factor = this.#local(() => this.#code.get(sign).do("f64.convert_i32_s"));
    const differences = this.#f.subtract(first!, second!).map((limb) => this.#product(limb, factor));
    return [this.#f.add(first!, differences), this.#f.subtract(second!, differences)];
  }

  negateSecondIf(sign: Local, [first, second]: Pair): Pair {
    const factor = this.#local(() => this.#code.get(sign).i32(1).do("i32.or").do("f64.convert_i32_s"));
    return [first!, second!.map((limb) => this.#product(limb, factor))];
  }

  #product(a: Local, b: Local): Local {
    return this.#local(() => this.#code.get(a).get(b).do("f64.mul"));
  }

  #local(write: () => unknown): Local {
    write();
    const local = this.#code.local("f64");
    this.#code.set(local);
    return local;
  }

  differenceAndSum([first, second]: Pair): Pair {
    return [this.#f.subtract(second!, first!), this.#f.add(second!, first!)];
  }

  backDifferenceAndSum([first, second]: Pair): Pair {
    return [this.#f.subtract(first!, second!), this.#f.add(first!, second!)];
  }

  firsts(a: Pair, b: Pair): Pair {
    return [a[0]!, b[0]!];
  }

  seconds(a: Pair, b: Pair): Pair {
    return [a[1]!, b[1]!];
  }

  gather([pair]: readonly Pair[]): readonly [Element, Element] {
    return [pair![0]!, pair![1]!];
  }

  scatter(firsts: Element, seconds: Element): readonly Pair[] {
    return [[firsts, seconds]];
  }
}
