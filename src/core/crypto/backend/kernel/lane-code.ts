import type { Instruction, Local, ValueType, WasmCode } from "./wasm-code.ts";

/** Writes a function as expressions over local variables of one type: what the engine makes registers of by itself. */
export class LaneCode {
  readonly #code: WasmCode;
  readonly #type: ValueType;

  constructor(code: WasmCode, type: ValueType) {
    this.#code = code;
    this.#type = type;
  }

  /** Whatever the instructions leave on the stack, as a local of its own. */
  value(write: () => unknown): Local {
    write();
    const local = this.#code.local(this.#type);
    this.#code.set(local);
    return local;
  }

  apply(instruction: Instruction, ...operands: readonly Local[]): Local {
    return this.value(() => {
      for (const operand of operands) this.#code.get(operand);
      this.#code.do(instruction);
    });
  }
}
