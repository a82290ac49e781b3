import type { KernelField } from "./field-code.ts";
import { addFieldOperations, addOperation } from "./field-operations.ts";
import type { WasmCode, WasmModule } from "./wasm-code.ts";

/** Long calculations in numbers of all lanes, from register to register. The last operand is where the result goes. */
export type FieldLine =
  | readonly ["multiply" | "add" | "subtract", string, string, string]
  /** From, how many times, to. */
  | readonly ["square", string, number, string]
  /** In lanes where the first is zero (or negative, RFC 9496 §4.1) the second, else the third. */
  | readonly ["ifZero" | "ifNegative", string, string, string, string];

/** Functions over registers by their indexes, and the registers by their addresses. */
export class FieldMachine {
  readonly #field: KernelField;
  readonly #start: number;
  readonly #registers = new Map<string, number>();
  readonly operations: ReturnType<typeof addMachineOperations>;

  constructor(module: WasmModule, field: KernelField, start: number) {
    this.#field = field;
    this.#start = start;
    this.operations = addMachineOperations(module, field);
  }

  get end(): number {
    return this.#start + this.#registers.size * this.#field.elementSize;
  }

  /** The address of a register; a name that is new takes the next place. */
  at(name: string): number {
    const known = this.#registers.get(name) ?? this.end;
    this.#registers.set(name, known);
    return known;
  }

  write(code: WasmCode, lines: readonly FieldLine[]): void {
    for (const [operation, ...operands] of lines) {
      for (const operand of operands) code.i32(typeof operand === "number" ? operand : this.at(operand));
      code.call(this.operations[operation]);
    }
  }
}

function addMachineOperations(module: WasmModule, field: KernelField) {
  return {
    ...addFieldOperations(module, field),
    add: addOperation(module, field, 3, (f, { params: [a, b, to] }) =>
      f.store(to!, 0, f.add(f.load(a!, 0), f.load(b!, 0))),
    ),
    subtract: addOperation(module, field, 3, (f, { params: [a, b, to] }) =>
      f.store(to!, 0, f.subtract(f.load(a!, 0), f.load(b!, 0))),
    ),
    ifZero: addOperation(module, field, 4, (f, { params: [test, a, b, to] }) =>
      f.store(to!, 0, f.choose(f.isZero(f.load(test!, 0)), f.load(a!, 0), f.load(b!, 0))),
    ),
    ifNegative: addOperation(module, field, 4, (f, { params: [test, a, b, to] }) =>
      f.store(to!, 0, f.choose(f.isNegative(f.load(test!, 0)), f.load(a!, 0), f.load(b!, 0))),
    ),
  };
}
