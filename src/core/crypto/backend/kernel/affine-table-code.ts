import { affineSizeOf } from "./affine-code.ts";
import type { Element, KernelField } from "./field-code.ts";
import type { FieldPowers } from "./field-powers.ts";
import type { FieldMachine } from "./field-program.ts";
import { flatSizeOf, gather, placeInPairs, scatter } from "./flat-code.ts";
import { advance, counters, repeat } from "./loop-code.ts";
import { pointSizeOf } from "./point-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

/** (count, summands, products, table): affine summands out of others, by one inversion for all (Montgomery's trick). */
export function writeFlattening(code: WasmCode, field: KernelField, machine: FieldMachine, powers: FieldPowers): void {
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
