import { writeIdentitySum, writeLanesApart } from "./affine-code.ts";
import type { LaneOperations } from "./affine-list-code.ts";
import { LISTS } from "./edwards-layout.ts";
import type { KernelField } from "./field-code.ts";
import { counters, repeat } from "./loop-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

/**
 * (lists, shift, laneShift, to): what is in the lists, by one chain of doublings, as many sums as there are lanes. The
 * summands of the first are taken `shift` bytes further on, those of each next lane `laneShift` bytes more. So no lane ever
 * waits for another. From `start` on there is room for a lane sum.
 */
export function writeAffineSeriesSum(code: WasmCode, field: KernelField, lanes: LaneOperations, start: number): void {
  const [lists, shift, laneShift, to] = code.params as [Local, Local, Local, Local];
  const { bit, place, isStarted, sum, summand } = counters(code, "bit", "place", "isStarted", "sum", "summand");
  code.i32(start).set(sum);
  writeIdentitySum(code, field, sum);
  code.i32(LISTS).set(bit);
  repeat(code, bit, () => {
    code.get(isStarted).when(() => code.get(sum).call(lanes.double));
    code.get(lists).get(bit).i32(2).do("i32.shl").do("i32.add").i32(4).do("i32.sub").access("i32.load", 0).set(place); // prettier-ignore
    code.get(place).when(() => {
      code.i32(1).set(isStarted);
      code.doWhile(() => {
        // The sign in the lowest bit comes along: shifts are even.
        code.get(place).access("i32.load", 4).get(shift).do("i32.add").set(summand);
        code.get(sum).get(summand);
        for (let lane = 1; lane < field.laneCount; lane++) code.get(summand).get(laneShift).do("i32.add").tee(summand);
        code.call(lanes.add);
        code.get(place).access("i32.load", 0).tee(place);
      });
    });
  });
  writeLanesApart(code, field, sum, to);
}
