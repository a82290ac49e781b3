import type { Element, KernelField, Wide, WideFieldCode } from "./field-code.ts";
import type { Pair, PairCode, WidePair } from "./pair-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

const SIGN = 1n << 63n;
const ALL = 2n ** 64n - 1n;

/** One vector of two lanes. */
export class LanePairs implements PairCode {
  readonly #field: KernelField;
  readonly #code: WasmCode;
  readonly #f: WideFieldCode;
  #firstSign: Local | undefined;

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
    // Kept: an engine takes five instructions to make it anew.
    const sign = (this.#firstSign ??= this.#vector(() => this.#code.lanes64(SIGN, 0n)));
    return a.map((limb) => this.#vector(() => this.#code.get(limb).get(sign).do("v128.xor")));
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
