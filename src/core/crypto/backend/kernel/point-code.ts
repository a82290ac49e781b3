import type { KernelField } from "./field-code.ts";
import { openPairs, pairSizeOf } from "./open-pairs.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/**
 * edwards25519 in memory. A *point* is the pairs (X, Y) and (Z, T) of extended coordinates, all of them products. A
 * *summand* is a point as `add` takes it: the pairs (Y − X, Y + X), sums of two products, and (2Z, 2d·T), products.
 * Both have the same size.
 *
 * Formulas: RFC 8032 §5.1.4 (H. Hisil, K. Wong, G. Carter, E. Dawson, "Twisted Edwards curves revisited", 2008). They are
 * complete: any two points may be added. Bounds: every factor below is a product or a sum of two, as it must be.
 */
export function pointSizeOf(field: KernelField): number {
  return 2 * pairSizeOf(field);
}

/** Functions over points, by their indexes; operands are addresses. */
export interface PointOperations {
  /** (point, summand, sign): the point gains the summand or, if the sign is −1 and not 0, loses it. */
  readonly add: number;
  /** (point, to): to = 2·point. */
  readonly double: number;
  /** (point, to): the point as a summand; in place as well. */
  readonly toSummand: number;
  /** (to): the identity. */
  readonly setIdentity: number;
}

const FIELD_ORDER = 2n ** 255n - 19n;
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;

export function addPointOperations(module: WasmModule, field: KernelField): PointOperations {
  return {
    add: module.add(["i32", "i32", "i32"], (code) => writeAddition(field, code)),
    double: module.add(["i32", "i32"], (code) => writeDoubling(field, code)),
    toSummand: module.add(["i32", "i32"], (code) => writeSummand(field, code)),
    setIdentity: module.add(["i32"], (code) => {
      const p = openPairs(field, code);
      p.store(code.params[0]!, 0, p.constant(0n, 1n));
      p.store(code.params[0]!, pairSizeOf(field), p.constant(1n, 0n));
    }),
  };
}

/** The negative of a summand has its first pair swapped and T negated. The sign may be a secret one (PR-9). */
function writeAddition(field: KernelField, code: WasmCode): void {
  const p = openPairs(field, code);
  const size = pairSizeOf(field);
  const [point, summand, sign] = code.params as [Local, Local, Local];
  const ab = p.multiply(p.differenceAndSum(p.load(point, 0)), p.swapIf(sign, p.load(summand, 0)));
  const dc = p.multiply(p.load(point, size), p.negateSecondIf(sign, p.load(summand, size)));
  const eh = p.differenceAndSum(ab);
  const fg = p.backDifferenceAndSum(dc);
  p.store(point, 0, p.multiply(eh, fg));
  p.store(point, size, p.multiply(p.firsts(fg, eh), p.seconds(fg, eh)));
}

/**
 * A = X², B = Y², E = 2XY, F = 2Z² + A − B, G = B − A, H = A + B. F is added up before its carry, so that it is a product:
 * 2Z² counts for 1/2 and each square for 1/4 of what limbs may be before a carry, which makes 1.
 */
function writeDoubling(field: KernelField, code: WasmCode): void {
  const p = openPairs(field, code);
  const size = pairSizeOf(field);
  const [point, to] = code.params as [Local, Local];
  const [xy, zt] = [p.load(point, 0), p.load(point, size)];
  const zx = p.firsts(zt, xy);
  const zy = p.firsts(zt, p.swap(xy));
  const squares = p.squareWide(xy);
  const fe = p.carryWide(p.addDifference(p.multiplyWide(p.add(zx, zx), zy), squares));
  const gh = p.differenceAndSum(p.carryWide(squares));
  p.store(to, 0, p.multiply(p.seconds(fe, gh), p.firsts(fe, gh)));
  p.store(to, size, p.multiply(fe, gh));
}

function writeSummand(field: KernelField, code: WasmCode): void {
  const p = openPairs(field, code);
  const size = pairSizeOf(field);
  const [point, to] = code.params as [Local, Local];
  const zt = p.multiply(p.load(point, size), p.constant(2n, (2n * D) % FIELD_ORDER));
  p.store(to, 0, p.differenceAndSum(p.load(point, 0)));
  p.store(to, size, zt);
}
