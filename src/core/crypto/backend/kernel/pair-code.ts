import type { Element, Wide } from "./field-code.ts";
import type { Local } from "./wasm-code.ts";

/**
 * Two numbers modulo p that are worked on together: the lanes of one vector where the field has two, else two elements.
 * In memory they are next to each other in a size of `pairSizeOf`. What is said of products and factors in
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
