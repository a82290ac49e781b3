import type { Element, KernelField } from "./field-code.ts";
import { flatSizeOf, gather, type FlatPlace } from "./flat-code.ts";
import { openPairs, pairSizeOf } from "./open-pairs.ts";
import { pointSizeOf } from "./point-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

const HALF = (2n ** 255n - 18n) / 2n;
const SIGN_SHIFT = 63n;
/** What a processor fetches at once: an entry of a long table, met in no order, is to lie in as few as it can. */
export const CACHE_LINE = 64;

/**
 * Code for sums of affine summands, in lanes: each lane has a sum of its own. A *lane sum* is X, Y, Z and T of all lanes one
 * after the other. An *affine summand* is (y − x)/2, (y + x)/2 and d·x·y of one point, products all of them, each with its
 * limbs next to each other; these are the bytes from one to the next in a table.
 */
export function affineSizeOf(field: KernelField): number {
  return Math.ceil((3 * flatSizeOf(field)) / CACHE_LINE) * CACHE_LINE;
}

/** Bytes of a lane sum. */
export function laneSumSizeOf(field: KernelField): number {
  return 4 * field.elementSize;
}

/** Stores the identity as a lane sum. */
export function writeIdentitySum(code: WasmCode, field: KernelField, sum: Local): void {
  const f = field.open(code);
  [0n, 1n, 1n, 0n].forEach((value, index) => f.store(sum, index * field.elementSize, f.constant(value)));
}

/** Stores what each lane has summed up as a point. */
export function writeLanesApart(code: WasmCode, field: KernelField, sum: Local, to: Local): void {
  const f = field.open(code);
  const p = openPairs(field, code);
  [0, 1].forEach((half) => {
    const [first, second] = [2 * half, 2 * half + 1].map((place) => f.load(sum, place * field.elementSize));
    p.scatter(first!, second!).forEach((pair, lane) =>
      p.store(to, lane * pointSizeOf(field) + half * pairSizeOf(field), pair),
    );
  });
}

/** Stores the identity as an affine summand. */
export function writeIdentitySummand(code: WasmCode, field: KernelField, summand: Local): void {
  const limbs = [HALF, HALF, 0n].flatMap((value) => field.limbsOf(value));
  limbs.forEach((limb, index) =>
    code
      .get(summand)
      .f64(limb)
      .access("f64.store", 8 * index),
  );
}

/**
 * (lane sum, a summand for each lane): RFC 8032 §5.1.4 with all halved, Z = 1 in the summand. An address that is odd stands for the negative, whose first two numbers are swapped and the third negated.
 */
export function writeLaneAddition(code: WasmCode, field: KernelField): void {
  const f = field.open(code);
  const { elementSize } = field;
  const flat = flatSizeOf(field);
  const [point, ...summands] = code.params as [Local, ...Local[]];
  const signs = summands.map((summand) => {
    const sign = code.local("i32");
    code.get(summand).i32(1).do("i32.and").tee(sign).get(summand).do("i32.xor").set(summand);
    return sign;
  });
  const moved = (factor: number): Local[] =>
    summands.map((summand, lane) => {
      const address = code.local("i32");
      code.get(signs[lane]!).i32(factor).do("i32.mul").get(summand).do("i32.add").set(address);
      return address;
    });
  const at = (offset: number): FlatPlace => ({ offset, step: 8 });
  const [x, y] = [f.load(point, 0), f.load(point, elementSize)];
  const a = f.multiply(f.subtract(y, x), gather(code, field, moved(flat), at(0)));
  const b = f.multiply(f.add(y, x), gather(code, field, moved(-flat), at(flat)));
  const t = negateWhere(code, signs, gather(code, field, summands, at(2 * flat)));
  const c = f.multiply(f.load(point, 3 * elementSize), t);
  const z = f.load(point, 2 * elementSize);
  const [e, third, g, h] = [f.subtract(b, a), f.subtract(z, c), f.add(z, c), f.add(b, a)];
  [[e, third], [g, h], [third, g], [e, h]].forEach(([left, right], place) => {
    f.store(point, place * elementSize, f.multiply(left!, right!));
  }); // prettier-ignore
}

/** (lane sum): the formula of `point-code.ts`, in lanes: bounds are the same. E, F, G and H go through registers, which saves code. */
export function writeLaneDoubling(code: WasmCode, field: KernelField, registers: number, multiply: number): void {
  const f = field.open(code);
  const { elementSize } = field;
  const point = code.params[0]!;
  const own = code.local("i32");
  code.i32(registers).set(own);
  const coordinate = (place: number): WasmCode => code.get(point).i32(place * elementSize).do("i32.add"); // prettier-ignore
  const [x, y, z] = [f.load(point, 0), f.load(point, elementSize), f.load(point, 2 * elementSize)];
  const [xx, yy] = [f.squareWide(x), f.squareWide(y)];
  const [a, b] = [f.carryWide(xx), f.carryWide(yy)];
  const fourth = f.carryWide(f.addWide(f.multiplyWide(f.add(z, z), z), f.subtractWide(xx, yy)));
  [f.add(x, x), fourth, f.subtract(b, a), f.add(b, a)].forEach((value, place) =>
    f.store(own, place * elementSize, value),
  );
  const [e, ...others] = [0, 1, 2, 3].map((place) => registers + place * elementSize) as [
    number,
    number,
    number,
    number,
  ];
  code.i32(e);
  coordinate(1).i32(e).call(multiply);
  const [inF, inG, inH] = others;
  [
    [e, inF],
    [inG, inH],
    [inF, inG],
    [e, inH],
  ].forEach(([left, right], place) => {
    code.i32(left!).i32(right!);
    coordinate(place).call(multiply);
  });
}

/** The negative in lanes whose sign is 1. */
function negateWhere(code: WasmCode, signs: readonly Local[], value: Element): Element {
  const [first, second] = signs as [Local, Local];
  const factor = code.local("v128");
  code.get(first).do("i64.extend_i32_u").i64(SIGN_SHIFT).do("i64.shl").do("i64x2.splat");
  code.get(second).do("i64.extend_i32_u").i64(SIGN_SHIFT).do("i64.shl").lane("i64x2.replace_lane", 1);
  code.set(factor);
  return value.map((limb) => {
    const local = code.local(limb.type);
    code.get(limb).get(factor).do("v128.xor").set(local);
    return local;
  });
}
