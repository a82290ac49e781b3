import { affineSizeOf, laneSumSizeOf, writeLaneAddition, writeLaneDoubling } from "./affine-code.ts";
import { writeAffineListSum } from "./affine-list-code.ts";
import { writeAffineSeriesSum } from "./affine-series-code.ts";
import { writeFlattening } from "./affine-table-code.ts";
import type { KernelField } from "./field-code.ts";
import type { FieldPowers } from "./field-powers.ts";
import type { FieldMachine } from "./field-program.ts";
import { addresses } from "./loop-code.ts";
import type { PointOperations } from "./point-code.ts";
import type { WasmModule } from "./wasm-code.ts";

/**
 * Adds sums of affine summands, which cost seven products each instead of eight, in variable time: for public scalars alone
 * (PR-9), whatever the points are. Each of two lanes has a sum of its own. The module then exports, over addresses, and counts from
 * 1 on:
 * - `flatten(count, summands, products, table)`: affine summands out of those of `multiples`, by one inversion for all
 *   (Montgomery's trick); their number is one of whole groups of lanes, and `products` has room for as many field elements;
 * - `sumAffineLists(lists, to)`: what is in the lists, by one chain of doublings (E. G. Straus, 1964). There must be room for
 *   a point in each lane. It works in memory from `start` on, where the machine's registers may be as well;
 * - `sumAffineSeries(lists, shift, laneShift, to)`: as many sums of a series as there are lanes (`affine-series-code.ts`).
 */
export function addAffineSums(
  module: WasmModule,
  field: KernelField,
  operations: PointOperations,
  machine: FieldMachine,
  powers: FieldPowers,
  start: number,
): void {
  const registers = start + laneSumSizeOf(field) + affineSizeOf(field);
  module.add(addresses(4), (code) => writeFlattening(code, field, machine, powers), "flatten");
  const add = module.add(addresses(1 + field.laneCount), (code) => writeLaneAddition(code, field));
  const double = module.add(addresses(1), (code) =>
    writeLaneDoubling(code, field, registers, machine.operations.multiply),
  );
  const lanes = { add, double };
  module.add(addresses(2), (code) => writeAffineListSum(code, field, operations, lanes, start), "sumAffineLists");
  module.add(addresses(4), (code) => writeAffineSeriesSum(code, field, lanes, start), "sumAffineSeries");
}
