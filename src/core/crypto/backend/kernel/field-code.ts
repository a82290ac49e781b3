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
  /** A number below 2^26 in every lane. */
  constant(value: number): Element;
  add(a: Element, b: Element): Element;
  subtract(a: Element, b: Element): Element;
  multiply(a: Element, b: Element): Element;
  square(a: Element): Element;
  /** factor·a for a factor below 2^26. */
  scale(a: Element, factor: number): Element;
  /** A mask of the lanes in which a product is 0 modulo p. */
  isZero(a: Element): Local;
  /** In lanes of the mask one number, in the others the other. */
  choose(mask: Local, chosen: Element, otherwise: Element): Element;
}

/** What every kernel knows of its field. */
export interface KernelField {
  /** Points that are worked on at once. */
  readonly laneCount: number;
  /** Bytes of an element in memory, all lanes together; a multiple of 16. */
  readonly elementSize: number;
  readonly open: (code: WasmCode) => FieldCode;
}
