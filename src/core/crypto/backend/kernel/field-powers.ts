import type { FieldLine, FieldMachine } from "./field-program.ts";
import type { WasmModule } from "./wasm-code.ts";

/** Functions over registers, by their indexes. In fixed time. */
export interface FieldPowers {
  /** a := z^((p − 5) / 8), of which all roots and inverses are made. Uses b and t. */
  readonly power: number;
  /** a := 1 / z, and 0 for 0. Uses b and t. */
  readonly invert: number;
}

/** (p − 5) / 8 is 2^252 − 3: 250 ones in its digits, then 01. */
const POWER: readonly FieldLine[] = [
  ["square", "z", 1, "a"],
  ["square", "a", 2, "b"],
  ["multiply", "b", "z", "b"],
  ["multiply", "a", "b", "a"],
  ["square", "a", 1, "a"],
  ["multiply", "a", "b", "a"],
  ["square", "a", 5, "b"],
  ["multiply", "b", "a", "a"],
  ["square", "a", 10, "b"],
  ["multiply", "b", "a", "b"],
  ["square", "b", 20, "t"],
  ["multiply", "t", "b", "b"],
  ["square", "b", 10, "b"],
  ["multiply", "b", "a", "a"],
  ["square", "a", 50, "b"],
  ["multiply", "b", "a", "b"],
  ["square", "b", 100, "t"],
  ["multiply", "t", "b", "b"],
  ["square", "b", 50, "b"],
  ["multiply", "b", "a", "a"],
  ["square", "a", 2, "a"],
  ["multiply", "a", "z", "a"],
];

/** p − 2 is 8·(p − 5) / 8 + 3. */
const INVERSE: readonly FieldLine[] = [
  ["square", "a", 3, "a"],
  ["square", "z", 1, "t"],
  ["multiply", "t", "z", "t"],
  ["multiply", "a", "t", "a"],
];

export function addFieldPowers(module: WasmModule, machine: FieldMachine): FieldPowers {
  const power = module.add([], (code) => machine.write(code, POWER));
  const invert = module.add([], (code) => {
    code.call(power);
    machine.write(code, INVERSE);
  });
  return { power, invert };
}
