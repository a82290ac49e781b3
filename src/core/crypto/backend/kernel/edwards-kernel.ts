import { affineSizeOf } from "./affine-code.ts";
import { addAffineSums } from "./affine-sum-kernel.ts";
import { addDigits } from "./digit-kernel.ts";
import { EDWARDS_END, REGISTERS_AT, SCRATCH_AT } from "./edwards-layout.ts";
import type { KernelField } from "./field-code.ts";
import { addFieldPowers } from "./field-powers.ts";
import { FieldMachine } from "./field-program.ts";
import { addPointOperations, pointSizeOf } from "./point-code.ts";
import { addRistretto } from "./ristretto-kernel.ts";
import { addSecretLadder } from "./secret-ladder-kernel.ts";
import { addSecretSums } from "./secret-sum-kernel.ts";
import { addSums } from "./sum-kernel.ts";
import type { WasmModule } from "./wasm-code.ts";

/**
 * Adds ristretto255, sums of points and X25519 of secret scalars over some field, and gives the bytes of memory it works in.
 * The module then exports what `ristretto-kernel.ts`, `digit-kernel.ts`, `sum-kernel.ts`, `affine-sum-kernel.ts` (with two lanes),
 * `secret-sum-kernel.ts` and `secret-ladder-kernel.ts` say, and `sizes(to)`, which writes the bytes of a point, the number of
 * lanes and the bytes of an affine summand as 32-bit words. Addresses of points are multiples of 16 from SCRATCH_AT on.
 */
export function addEdwards(module: WasmModule, field: KernelField): number {
  const size = pointSizeOf(field);
  const operations = addPointOperations(module, field);
  const work = REGISTERS_AT;
  addDigits(module);
  addSums(module, field, operations, work);
  addSecretSums(module, field, operations, work);
  const machine = new FieldMachine(module, field, work + 2 * size);
  const powers = addFieldPowers(module, machine);
  addRistretto(module, field, machine, powers);
  addSecretLadder(module, field, machine, powers);
  // Their registers are those of ristretto255, which is not at work at the same time. One lane would gain too little.
  if (field.laneCount === 2) addAffineSums(module, field, operations, machine, powers, work + 2 * size);
  if (machine.end > SCRATCH_AT) throw new RangeError(`${machine.end} bytes of registers`);
  module.add(
    ["i32"],
    (code) => {
      for (const [index, value] of [size, field.laneCount, affineSizeOf(field)].entries()) {
        code
          .get(code.params[0]!)
          .i32(value)
          .access("i32.store", 4 * index);
      }
    },
    "sizes",
  );
  return EDWARDS_END;
}
