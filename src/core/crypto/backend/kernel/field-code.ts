import type { Local, WasmCode } from "./wasm-code.ts";

/** A number modulo p = 2^255 − 19 for each of a kernel's lanes: a local variable for each limb. */
export type Element = readonly Local[];

/**
 * Code for numbers modulo p, inside one function. A *product* is what `multiply`, `square`, `scale`, `read` and `load`
 * give; a factor may be the sum or the difference of two products, and no more.
 */
export interface FieldCode {
  load(address: Local, offset: number): Element;
  store(address: Local, offset: number, value: Element): void;
  /** Reads 32 bytes a lane, little-endian; the highest bit does not count (RFC 7748). */
  read(address: Local): Element;
  /** Writes a product as 32 bytes a lane: the number within 0 … p − 1. */
  write(address: Local, value: Element): void;
  /** A number in every lane. It is a product. */
  constant(value: bigint): Element;
  add(a: Element, b: Element): Element;
  subtract(a: Element, b: Element): Element;
  multiply(a: Element, b: Element): Element;
  square(a: Element): Element;
  /** factor·a for a factor below 2^26. */
  scale(a: Element, factor: number): Element;
  /** A mask of the lanes in which a product, or a product give or take 1, is 0 modulo p. */
  isZero(a: Element): Local;
  /** A mask of the lanes in which a product within 0 … p − 1 is odd ("negative", RFC 9496 §4.1). */
  isNegative(a: Element): Local;
  /** In lanes of the mask one number, in the others the other. */
  choose(mask: Local, chosen: Element, otherwise: Element): Element;
}

/**
 * Numbers modulo p before their limbs are brought back to size. Sums of them may grow to about what one product of two
 * factors that are sums themselves can be: a product of such factors counts for 1, of a sum and a product for 1/2, of two
 * products for 1/4. The count is rough for a field that splits products in halves, whose lower one is as large for small
 * factors: such a field leaves room for it.
 */
export type Wide = readonly Local[] & { readonly wide: true };

/** Sums of products with one carry for all. */
export interface WideFieldCode extends FieldCode {
  multiplyWide(a: Element, b: Element): Wide;
  squareWide(a: Element): Wide;
  addWide(a: Wide, b: Wide): Wide;
  subtractWide(a: Wide, b: Wide): Wide;
  /** A product. */
  carryWide(a: Wide): Element;
}

/** What every kernel knows of its field. */
export interface KernelField<Code extends FieldCode = WideFieldCode> {
  /** Points that are worked on at once. */
  readonly laneCount: number;
  /** Bytes of an element in memory, all lanes together; a multiple of 16. */
  readonly elementSize: number;
  /** Whether products are so much code that a ladder had better call them than write out each. */
  readonly callsProducts: boolean;
  readonly open: (code: WasmCode) => Code;
  /** The limbs of a product, each as a double. */
  readonly limbsOf: (value: bigint) => readonly number[];
}
