import { CACHE_LINE, laneSumSizeOf, writeIdentitySum, writeIdentitySummand, writeLanesApart } from "./affine-code.ts";
import { LISTS } from "./edwards-layout.ts";
import type { KernelField } from "./field-code.ts";
import { counters, repeat } from "./loop-code.ts";
import { pointSizeOf, type PointOperations } from "./point-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

/** Functions over lane sums (`affine-code.ts`), by their indexes; operands are addresses. */
export interface LaneOperations {
  /** (lane sum, a summand for each lane) */
  readonly add: number;
  /** (lane sum) */
  readonly double: number;
}

/** (lists, to): what is in the lists, by one chain of doublings. From `start` on there is room for a lane sum and a summand. */
export function writeAffineListSum(
  code: WasmCode,
  field: KernelField,
  operations: PointOperations,
  lanes: LaneOperations,
  start: number,
): void {
  const { laneCount } = field;
  const [lists, to] = code.params as [Local, Local];
  const { bit, place, isStarted, sum, none } = counters(code, "bit", "place", "isStarted", "sum", "none");
  const { next, line } = counters(code, "next", "line");
  const summands = Array.from({ length: laneCount }, () => code.local("i32"));
  code.i32(start).set(sum);
  code.i32(start + laneSumSizeOf(field)).set(none);
  writeIdentitySum(code, field, sum);
  // For lanes that have nothing to add.
  writeIdentitySummand(code, field, none);
  // Loads the lines of the summands from there on that come next, for nothing: they are on their way while others are added.
  const fetchNext = (): void => {
    code.get(place).set(next);
    for (const _ of summands) {
      code.get(next).when(() => {
        code.get(next).access("i32.load", 4).tee(line).access("i32.load", 0).do("drop");
        code.get(line).access("i32.load", CACHE_LINE).do("drop");
        code.get(next).access("i32.load", 0).set(next);
      });
    }
  };
  code.i32(LISTS).set(bit);
  repeat(code, bit, () => {
    code.get(lists).get(bit).i32(2).do("i32.shl").do("i32.add").i32(4).do("i32.sub").access("i32.load", 0).set(place); // prettier-ignore
    fetchNext();
    code.get(isStarted).when(() => code.get(sum).call(lanes.double));
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
        fetchNext();
        code.get(sum);
        for (const summand of summands) code.get(summand);
        code.call(lanes.add).get(place);
      });
    });
  });
  // All lanes in one.
  const size = pointSizeOf(field);
  writeLanesApart(code, field, sum, to);
  for (let lane = 1; lane < laneCount; lane++) {
    code.get(to).i32(lane * size).do("i32.add").tee(place).get(place).call(operations.toSummand); // prettier-ignore
    code.get(to).get(place).i32(0).call(operations.add);
  }
}
