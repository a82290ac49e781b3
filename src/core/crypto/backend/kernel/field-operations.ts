import type { FieldCode, KernelField } from "./field-code.ts";
import type { WasmCode, WasmModule } from "./wasm-code.ts";

/** Small functions over numbers in memory, by their indexes; operands are addresses. */
export interface FieldOperations {
  /** (from, to): 32 bytes a lane on one side. */
  readonly read: number;
  readonly write: number;
  /** (from, to) */
  readonly copy: number;
  /** (to) */
  readonly setZero: number;
  readonly setOne: number;
  /** (a, b, to) */
  readonly multiply: number;
  /** (a, times, to): squared so many times, at least once. */
  readonly square: number;
}

/** One set of them serves all parts of a module. */
const operationsOf = new WeakMap<WasmModule, Map<KernelField<FieldCode>, FieldOperations>>();

export function addFieldOperations(module: WasmModule, field: KernelField<FieldCode>): FieldOperations {
  const known = operationsOf.get(module) ?? new Map<KernelField<FieldCode>, FieldOperations>();
  operationsOf.set(module, known);
  const operations = known.get(field) ?? writeOperations(module, field);
  known.set(field, operations);
  return operations;
}

function writeOperations(module: WasmModule, field: KernelField<FieldCode>): FieldOperations {
  const set = (value: bigint): number => addOperation(module, field, 1, (f, { params: [to] }) => f.store(to!, 0, f.constant(value))); // prettier-ignore
  const add = (count: number, write: (f: FieldCode, code: WasmCode) => void): number =>
    addOperation(module, field, count, write);
  return {
    read: add(2, (f, { params: [from, to] }) => f.store(to!, 0, f.read(from!))),
    write: add(2, (f, { params: [from, to] }) => f.write(to!, f.load(from!, 0))),
    copy: add(2, (f, { params: [from, to] }) => f.store(to!, 0, f.load(from!, 0))),
    setZero: set(0n),
    setOne: set(1n),
    multiply: add(3, (f, { params: [a, b, to] }) => f.store(to!, 0, f.multiply(f.load(a!, 0), f.load(b!, 0)))),
    square: add(3, (f, code) => {
      const [from, times, to] = code.params;
      const value = f.load(from!, 0);
      code.doWhile(() => {
        f.square(value).forEach((limb, index) => code.get(limb).set(value[index]!));
        code.get(times!).i32(1).do("i32.sub").tee(times!);
      });
      f.store(to!, 0, value);
    }),
  };
}

/** A function of so many addresses. */
export function addOperation(
  module: WasmModule,
  field: KernelField<FieldCode>,
  count: number,
  write: (f: FieldCode, code: WasmCode) => void,
): number {
  return module.add(
    Array.from({ length: count }, () => "i32" as const),
    (code) => write(field.open(code), code),
  );
}
