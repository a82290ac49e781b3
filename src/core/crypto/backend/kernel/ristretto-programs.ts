import type { FieldLine } from "./field-program.ts";

// RFC 9496, section 4, in lines over registers. Every factor is a product or the sum of two (`field-code.ts`), and so is
// whatever `ifZero` and `ifNegative` look at: a product, for `ifZero` give or take 1.

/** Constants by their registers (RFC 9496 §4.1). */
export const RISTRETTO_CONSTANTS = {
  zero: 0n,
  one: 1n,
  minusOne: 2n ** 255n - 20n,
  i: 0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n,
  d: 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
  minusD: 2n ** 255n - 19n - 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
  /** 1/√(a − d) */
  inverseRoot: 54469307008909316920995813868745141605393597292927456921205312896311721017578n,
  /** √(ad − 1) */
  root: 25063068953384623474111414158702152701244531502492656460079210482610430750235n,
  oneMinusDSquared: 1159843021668779879193775521855586647937357759715417654439879720876111806838n,
  dMinusOneSquared: 40440834346308536858101042469323190826248399146238708352240133220865137265952n,
} as const;

/**
 * r := ±√(1/w), valid := 1 where there is one; else r := ±√(i/w), or 0 for w = 0, and valid := 0 (RFC 9496 §4.2, but for the
 * sign). r = w³·(w⁷)^((p−5)/8) makes r²·w one of 1, −1, i and −i, and the last two only where w is no square. In two parts
 * around the power of `field-powers.ts`.
 */
export const INVERSE_ROOT = {
  before: [
    ["square", "w", 1, "t"],
    ["multiply", "t", "w", "r"],
    ["square", "r", 1, "t"],
    ["multiply", "t", "w", "z"],
  ],
  after: [
    ["multiply", "r", "a", "r"],
    // r²·w
    ["square", "r", 1, "a"],
    ["multiply", "a", "w", "a"],
    ["subtract", "a", "one", "b"],
    ["ifZero", "b", "one", "zero", "valid"],
    ["multiply", "r", "i", "z"],
    ["add", "a", "one", "b"],
    ["ifZero", "b", "one", "valid", "valid"],
    ["ifZero", "b", "z", "r", "r"],
    // −i, since −i·i = 1
    ["multiply", "a", "i", "a"],
    ["subtract", "a", "one", "b"],
    ["ifZero", "b", "z", "r", "r"],
  ],
} as const satisfies Record<string, readonly FieldLine[]>;

/** s → X, Y, T with Z = 1 (RFC 9496 §4.3.1), in two parts around the root. `s` is below p and not negative. */
export const DECODE = {
  before: [
    ["square", "s", 1, "t"],
    ["subtract", "one", "t", "u1"],
    ["add", "one", "t", "u2"],
    ["square", "u2", 1, "t"],
    ["square", "u1", 1, "v"],
    ["multiply", "v", "minusD", "v"],
    ["subtract", "v", "t", "v"],
    ["multiply", "v", "t", "w"],
  ],
  after: [
    ["multiply", "r", "u2", "a"],
    ["multiply", "r", "a", "b"],
    ["multiply", "b", "v", "b"],
    ["add", "s", "s", "s"],
    ["multiply", "s", "a", "X"],
    ["subtract", "zero", "X", "a"],
    ["ifNegative", "X", "a", "X", "X"],
    ["multiply", "u1", "b", "Y"],
    ["multiply", "X", "Y", "T"],
    ["ifNegative", "T", "zero", "valid", "valid"],
    ["ifZero", "Y", "zero", "valid", "valid"],
    ["multiply", "all", "valid", "all"],
  ],
} as const satisfies Record<string, readonly FieldLine[]>;

/** X, Y, Z, T → s (RFC 9496 §4.3.2). */
export const ENCODE = {
  before: [
    ["add", "Z", "Y", "a"],
    ["subtract", "Z", "Y", "b"],
    ["multiply", "a", "b", "u1"],
    ["multiply", "X", "Y", "u2"],
    ["square", "u2", 1, "w"],
    ["multiply", "w", "u1", "w"],
  ],
  after: [
    ["multiply", "r", "u1", "u1"],
    ["multiply", "r", "u2", "u2"],
    ["multiply", "u1", "u2", "v"],
    // 1/Z
    ["multiply", "v", "T", "v"],
    ["multiply", "T", "v", "t"],
    ["multiply", "u1", "inverseRoot", "u1"],
    ["multiply", "X", "i", "a"],
    ["multiply", "Y", "i", "b"],
    ["ifNegative", "t", "b", "X", "X"],
    ["ifNegative", "t", "a", "Y", "Y"],
    ["ifNegative", "t", "u1", "u2", "u2"],
    ["multiply", "X", "v", "t"],
    ["subtract", "zero", "Y", "a"],
    ["ifNegative", "t", "a", "Y", "Y"],
    ["subtract", "Z", "Y", "a"],
    ["multiply", "a", "u2", "s"],
    ["subtract", "zero", "s", "a"],
    ["ifNegative", "s", "a", "s", "s"],
  ],
} as const satisfies Record<string, readonly FieldLine[]>;

/** s → X, Y, Z, T by the map of RFC 9496 §4.3.4 from any number; √(u/v) is u·√(1/(u·v)). */
export const MAP = {
  before: [
    ["square", "s", 1, "t"],
    ["multiply", "t", "i", "q"],
    ["add", "q", "one", "a"],
    ["multiply", "a", "oneMinusDSquared", "u1"],
    ["multiply", "q", "d", "a"],
    ["subtract", "minusOne", "a", "a"],
    ["add", "q", "d", "b"],
    ["multiply", "a", "b", "v"],
    ["multiply", "u1", "v", "w"],
  ],
  after: [
    ["multiply", "r", "u1", "r"],
    ["subtract", "zero", "r", "a"],
    ["ifNegative", "r", "a", "r", "r"],
    ["multiply", "r", "s", "s"],
    ["subtract", "zero", "s", "a"],
    ["ifNegative", "s", "s", "a", "s"],
    // Where there is no root, `valid` is zero.
    ["ifZero", "valid", "s", "r", "s"],
    ["subtract", "q", "one", "a"],
    ["ifZero", "valid", "q", "minusOne", "q"],
    ["multiply", "q", "a", "a"],
    ["multiply", "a", "dMinusOneSquared", "a"],
    ["subtract", "a", "v", "a"],
    ["multiply", "a", "root", "a"],
    ["add", "s", "s", "b"],
    ["multiply", "b", "v", "b"],
    ["square", "s", 1, "t"],
    ["subtract", "one", "t", "u1"],
    ["add", "one", "t", "u2"],
    ["multiply", "b", "u2", "X"],
    ["multiply", "u1", "a", "Y"],
    ["multiply", "a", "u2", "Z"],
    ["multiply", "b", "u1", "T"],
  ],
} as const satisfies Record<string, readonly FieldLine[]>;
