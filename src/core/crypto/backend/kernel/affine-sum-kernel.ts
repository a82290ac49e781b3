import { LISTS } from "./edwards-layout.ts";
import type { Element, KernelField } from "./field-code.ts";
import type { FieldPowers } from "./field-powers.ts";
import type { FieldMachine } from "./field-program.ts";
import { flatSizeOf, gather, placeInPairs, scatter, type FlatPlace } from "./flat-code.ts";
import { addresses, advance, counters, repeat } from "./loop-code.ts";
import { openPairs, pairSizeOf } from "./open-pairs.ts";
import { pointSizeOf, type PointOperations } from "./point-code.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

const HALF = (2n ** 255n - 18n) / 2n;
const SIGN_SHIFT = 63n;

/** Bytes of an affine summand: (y − x)/2, (y + x)/2 and d·x·y, products all of them. */
export function affineSizeOf(field: KernelField): number {
  return 3 * flatSizeOf(field);
}

/** Bytes of the sum of each lane and of the summand for lanes that have nothing to add. */
function sumSizeOf(field: KernelField): number {
  return 4 * field.elementSize + affineSizeOf(field);
}

/**
 * Adds sums of affine summands, which cost seven products each instead of eight, in variable time: for public scalars alone
 * (PR-9), whatever the points are. Each of two lanes has a sum of its own. The module then exports, over addresses, and counts from
 * 1 on:
 * - `flatten(count, summands, products, table)`: affine summands out of those of `multiples`, by one inversion for all
 *   (Montgomery's trick); their number is one of whole groups of lanes, and `products` has room for as many field elements;
 * - `sumAffineLists(lists, to)`: what is in the lists, by one chain of doublings (E. G. Straus, 1964). There must be room for
 *   a point in each lane. It works in memory from `start` on, where the machine's registers may be as well.
 */
export function addAffineSums(
  module: WasmModule,
  field: KernelField,
  operations: PointOperations,
  machine: FieldMachine,
  powers: FieldPowers,
  start: number,
): void {
  module.add(addresses(4), (code) => writeFlattening(code, field, machine, powers), "flatten");
  const add = module.add(addresses(1 + field.laneCount), (code) => writeAddition(code, field));
  const double = module.add(addresses(1), (code) =>
    writeDoubling(code, field, start + sumSizeOf(field), machine.operations.multiply),
  );
  module.add(addresses(2), (code) => writeListSum(code, field, operations, { add, double }, start), "sumAffineLists");
}

function writeFlattening(code: WasmCode, field: KernelField, machine: FieldMachine, powers: FieldPowers): void {
  const f = field.open(code);
  const { laneCount, elementSize } = field;
  const { multiply } = machine.operations;
  const [count, summand, product, to] = code.params as [Local, Local, Local, Local];
  const { left, total } = counters(code, "left", "total");
  const flat = flatSizeOf(field);
  const lanesFrom = (address: Local, size: number): readonly Local[] => {
    const others = Array.from({ length: laneCount - 1 }, () => code.local("i32"));
    others.forEach((other, index) => code.get(address).i32((index + 1) * size).do("i32.add").set(other)); // prettier-ignore
    return [address, ...others];
  };
  const read = (coordinate: number): Element =>
    gather(code, field, lanesFrom(summand, pointSizeOf(field)), placeInPairs(field, coordinate));
  const w = code.local("i32");
  const readTo = (coordinate: number): WasmCode => {
    f.store(w, 0, read(coordinate));
    return code.get(w);
  };
  code.i32(machine.at("z")).set(total);
  code.i32(machine.at("t")).set(w);
  f.store(total, 0, f.constant(1n));
  code.get(count).i32(Math.log2(laneCount)).do("i32.shr_u").tee(count).set(left);
  repeat(code, left, () => {
    f.store(product, 0, f.load(total, 0));
    readTo(2).get(total).get(total).call(multiply);
    advance(code, summand, laneCount * pointSizeOf(field));
    advance(code, product, elementSize);
    advance(code, to, laneCount * affineSizeOf(field));
  });
  code.call(powers.invert).i32(machine.at("a")).set(total);
  repeat(code, count, () => {
    advance(code, summand, -laneCount * pointSizeOf(field));
    advance(code, product, -elementSize);
    advance(code, to, -laneCount * affineSizeOf(field));
    code.get(product).get(total).get(product).call(multiply);
    readTo(2).get(total).get(total).call(multiply);
    // Of Y − X, Y + X, 2Z and 2d·T.
    [0, 1, 3].forEach((coordinate, index) => {
      readTo(coordinate).get(product).get(w).call(multiply);
      scatter(code, lanesFrom(to, affineSizeOf(field)), { offset: index * flat, step: 8 }, f.load(w, 0));
    });
  });
}

/**
 * (point, a summand for each lane): RFC 8032 §5.1.4 with all halved, Z = 1 in the summand. X, Y, Z and T of all lanes lie one
 * after the other. An address that is odd stands for the negative, whose first two numbers are swapped and the third negated.
 */
function writeAddition(code: WasmCode, field: KernelField): void {
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

/** The formula of `point-code.ts`, in lanes: bounds are the same. E, F, G and H go through registers, which saves code. */
function writeDoubling(code: WasmCode, field: KernelField, registers: number, multiply: number): void {
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

function writeListSum(
  code: WasmCode,
  field: KernelField,
  operations: PointOperations,
  lanes: { readonly add: number; readonly double: number },
  start: number,
): void {
  const f = field.open(code);
  const p = openPairs(field, code);
  const { elementSize, laneCount } = field;
  const [lists, to] = code.params as [Local, Local];
  const { bit, place, isStarted, sum, none } = counters(code, "bit", "place", "isStarted", "sum", "none");
  const summands = Array.from({ length: laneCount }, () => code.local("i32"));
  code.i32(start).set(sum);
  code.i32(start + 4 * elementSize).set(none);
  [0n, 1n, 1n, 0n].forEach((value, index) => f.store(sum, index * elementSize, f.constant(value)));
  // The identity, for lanes that have nothing to add.
  const identity = [HALF, HALF, 0n].flatMap((value) => field.limbsOf(value));
  identity.forEach((limb, index) =>
    code
      .get(none)
      .f64(limb)
      .access("f64.store", 8 * index),
  );
  code.i32(LISTS).set(bit);
  repeat(code, bit, () => {
    code.get(isStarted).when(() => code.get(sum).call(lanes.double));
    code.get(lists).get(bit).i32(2).do("i32.shl").do("i32.add").i32(4).do("i32.sub").access("i32.load", 0).set(place); // prettier-ignore
    code.get(place).when(() => {
      code.i32(1).set(isStarted);
      code.doWhile(() => {
        for (const [lane, summand] of summands.entries()) {
          const take = (): unknown => {
            code.get(place).access("i32.load", 4).set(summand);
            return code.get(place).access("i32.load", 0).set(place);
          };
          if (lane === 0) take();
          else code.get(place).either(take, () => code.get(none).set(summand));
        }
        code.get(sum);
        for (const summand of summands) code.get(summand);
        code.call(lanes.add).get(place);
      });
    });
  });
  // All lanes in one.
  const size = pointSizeOf(field);
  [0, 1].forEach((half) => {
    const pairs = p.scatter(f.load(sum, 2 * half * elementSize), f.load(sum, (2 * half + 1) * elementSize));
    pairs.forEach((pair, lane) => p.store(to, lane * size + half * pairSizeOf(field), pair));
  });
  for (let lane = 1; lane < laneCount; lane++) {
    code.get(to).i32(lane * size).do("i32.add").tee(place).get(place).call(operations.toSummand); // prettier-ignore
    code.get(to).get(place).i32(0).call(operations.add);
  }
}
