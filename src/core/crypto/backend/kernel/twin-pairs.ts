import type { Element, KernelField, WideFieldCode } from "./field-code.ts";
import type { Pair, PairCode, WidePair } from "./pair-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

/** Two elements of one lane. */
export class TwinPairs implements PairCode {
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
