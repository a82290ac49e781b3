import type { FieldCode, KernelField } from "./field-code.ts";
import { addFieldOperations, type FieldOperations } from "./field-operations.ts";
import {
  BATCH_POINTS,
  INPUT_AT,
  KEY_AGREEMENT_END,
  OUTPUT_AT,
  SCALAR_AT,
  SCALAR_BITS,
  WORK_AT,
} from "./kernel-layout.ts";
import { addStep, stepSizeOf } from "./montgomery-step.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/** The chain of D. J. Bernstein's inversion: squarings, then a product, from register to register. */
const INVERSION = [
  { square: "z", times: 1, to: "two" },
  { square: "two", times: 2, to: "t" },
  { multiply: ["t", "z"], to: "nine" },
  { multiply: ["nine", "two"], to: "eleven" },
  { square: "eleven", times: 1, to: "t" },
  { multiply: ["t", "nine"], to: "a" },
  { square: "a", times: 5, to: "t" },
  { multiply: ["t", "a"], to: "a" },
  { square: "a", times: 10, to: "t" },
  { multiply: ["t", "a"], to: "b" },
  { square: "b", times: 20, to: "t" },
  { multiply: ["t", "b"], to: "t" },
  { square: "t", times: 10, to: "t" },
  { multiply: ["t", "a"], to: "a" },
  { square: "a", times: 50, to: "t" },
  { multiply: ["t", "a"], to: "b" },
  { square: "b", times: 100, to: "t" },
  { multiply: ["t", "b"], to: "t" },
  { square: "t", times: 50, to: "t" },
  { multiply: ["t", "a"], to: "t" },
  { square: "t", times: 5, to: "t" },
  { multiply: ["t", "eleven"], to: "z" },
] as const;

/**
 * Adds X25519 (RFC 7748) of one scalar with many points over some field, and gives the bytes of memory it works in. The
 * module then exports `x25519(count)`, which multiplies the first `count` inputs of `kernel-layout.ts`, 1 to BATCH_POINTS.
 * Small order gives zeros.
 *
 * The scalar is the same for all points, so that its bits choose which of two places is doubled instead of being mixed
 * into every step: fit for view keys, whose owner runs it at home, and for nothing else (PR-9).
 */
export function addKeyAgreement(module: WasmModule, field: KernelField<FieldCode>): number {
  const layout = new WorkLayout(field);
  if (layout.end > KEY_AGREEMENT_END) throw new RangeError(`${layout.end} bytes of memory`);
  const operations = addFieldOperations(module, field);
  const step = addStep(module, field, layout.step);
  const mend = module.add(["i32"], (code) => writeMend(field, code));
  const climb = module.add([], (code) => writeClimb(code, layout, operations, step, mend));
  const invert = module.add([], (code) => writeInversion(code, layout, operations));
  module.add(["i32"], (code) => writeBatch(code, field, layout, { ...operations, climb, invert }), "x25519");
  return layout.end;
}

/** Points are X and then Z. */
class WorkLayout {
  readonly elementSize: number;
  /** X, Z, and the product of all Z before. */
  readonly recordSize: number;
  readonly low: number;
  readonly high: number;
  readonly u: number;
  /** The product of all Z so far, then its inverse. */
  readonly product: number;
  readonly step: number;
  readonly registers: Readonly<Record<string, number>>;
  readonly records: number;
  readonly end: number;

  constructor(field: KernelField<FieldCode>) {
    const { elementSize, laneCount } = field;
    let next = WORK_AT;
    const take = (count: number): number => {
      next += count * elementSize;
      return next - count * elementSize;
    };
    this.elementSize = elementSize;
    this.recordSize = 3 * elementSize;
    [this.low, this.high, this.u, this.product] = [take(2), take(2), take(1), take(1)];
    this.step = take(stepSizeOf(field) / elementSize);
    const names = ["two", "nine", "eleven", "a", "b", "t"];
    this.registers = { z: this.product, ...Object.fromEntries(names.map((name) => [name, take(1)])) };
    this.records = take(3 * Math.ceil(BATCH_POINTS / laneCount));
    this.end = next;
  }
}

/** (p): where Z is 0, so that the point has no u, X becomes 0 and Z becomes 1, which can be inverted with the others. */
function writeMend({ elementSize, open }: KernelField<FieldCode>, code: WasmCode): void {
  const f = open(code);
  const [p] = code.params as [Local];
  const [x, z] = [f.load(p, 0), f.load(p, elementSize)];
  const isZero = f.isZero(z);
  f.store(p, 0, f.choose(isZero, f.constant(0n), x));
  f.store(p, elementSize, f.choose(isZero, f.constant(1n), z));
}

/** The multiple of the points at `u`, at `low`. */
function writeClimb(code: WasmCode, layout: WorkLayout, operations: FieldOperations, step: number, mend: number): void {
  const { low, high, u, elementSize } = layout;
  const bit = code.local("i32");
  const swap = code.local("i32");
  code.i32(low).call(operations.setOne);
  code.i32(low + elementSize).call(operations.setZero);
  code.i32(u).i32(high).call(operations.copy);
  code.i32(high + elementSize).call(operations.setOne);
  code.i32(SCALAR_BITS - 1).set(bit);
  code.doWhile(() => {
    code
      .get(bit)
      .access("i32.load8_u", SCALAR_AT)
      .i32(high - low)
      .do("i32.mul")
      .set(swap);
    code.i32(low).get(swap).do("i32.add");
    code.i32(high).get(swap).do("i32.sub");
    code.i32(u).call(step);
    code.get(bit).i32(1).do("i32.sub").tee(bit).i32(0).do("i32.ge_s");
  });
  code.i32(low).call(mend);
}

/** product := 1 / product. */
function writeInversion(code: WasmCode, { registers }: WorkLayout, { square, multiply }: FieldOperations): void {
  for (const line of INVERSION) {
    if ("square" in line) code.i32(registers[line.square]!).i32(line.times).i32(registers[line.to]!).call(square);
    else {
      for (const factor of line.multiply) code.i32(registers[factor]!);
      code.i32(registers[line.to]!).call(multiply);
    }
  }
}

/** (count): all groups of points up, one inversion, and all groups down again (Montgomery's trick). */
function writeBatch(
  code: WasmCode,
  { laneCount }: KernelField<FieldCode>,
  { low, u, product, registers, records, recordSize, elementSize }: WorkLayout,
  operations: FieldOperations & { readonly climb: number; readonly invert: number },
): void {
  const [count] = code.params as [Local];
  const groupCount = code.local("i32");
  const group = code.local("i32");
  const record = code.local("i32");
  const inverse = registers["t"]!;
  const findRecord = (): void => {
    code.get(group).i32(recordSize).do("i32.mul").i32(records).do("i32.add").set(record);
  };
  const recordAt = (offset: number): WasmCode => code.get(record).i32(offset).do("i32.add");
  const bytesAt = (start: number): WasmCode =>
    code.get(group).i32(32 * laneCount).do("i32.mul").i32(start).do("i32.add"); // prettier-ignore

  code
    .get(count)
    .i32(laneCount - 1)
    .do("i32.add")
    .i32(Math.log2(laneCount))
    .do("i32.shr_u")
    .set(groupCount);
  code.i32(product).call(operations.setOne);
  code.doWhile(() => {
    findRecord();
    bytesAt(INPUT_AT).i32(u).call(operations.read);
    code.call(operations.climb);
    code.i32(low).get(record).call(operations.copy);
    code.i32(low + elementSize);
    recordAt(elementSize).call(operations.copy);
    code.i32(product);
    recordAt(2 * elementSize).call(operations.copy);
    code.i32(product).i32(low + elementSize).i32(product).call(operations.multiply); // prettier-ignore
    code.get(group).i32(1).do("i32.add").tee(group).get(groupCount).do("i32.lt_u");
  });
  code.call(operations.invert);
  code.doWhile(() => {
    code.get(group).i32(1).do("i32.sub").set(group);
    findRecord();
    code.i32(product);
    recordAt(2 * elementSize)
      .i32(inverse)
      .call(operations.multiply);
    code.i32(product);
    recordAt(elementSize).i32(product).call(operations.multiply);
    code.i32(inverse).get(record).i32(inverse).call(operations.multiply);
    code.i32(inverse);
    bytesAt(OUTPUT_AT).call(operations.write);
    code.get(group);
  });
}
