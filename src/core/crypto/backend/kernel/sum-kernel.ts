import type { KernelField } from "./field-code.ts";
import { LISTS, SCALAR_SLOT } from "./edwards-layout.ts";
import { addresses, advance, counters, repeat } from "./loop-code.ts";
import { pointSizeOf, type PointOperations } from "./point-code.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/**
 * Adds sums of multiples of points in variable time: for public scalars alone (PR-9). The module then exports, over
 * addresses, and counts from 1 on:
 * - `multiples(count, points, table, entries, isOdd)`: for each point the summands of 1, 2, 3, … or of 1, 3, 5, … times
 *   itself, so many one after the other. The points are lost: each becomes its last multiple;
 * - `sumLists(lists, shift, to)`: what is in the lists, by one chain of doublings (E. G. Straus, 1964); all summands are
 *   taken `shift` bytes further on;
 * - `sumBuckets(count, points, scalars, buckets, width, windows, to)`: by one bucket for each size of digit (N. Pippenger,
 *   1976; D. J. Bernstein and others, "Faster batch forgery identification", 2012), over offset scalars. The points are
 *   lost. There are 2^(width − 1) buckets;
 * - `double(point, to)`, and `sumPoints(point, other)`: point += other, which is lost.
 *
 * `work` has room for two points.
 */
export function addSums(module: WasmModule, field: KernelField, operations: PointOperations, work: number): void {
  const size = pointSizeOf(field);
  module.add(addresses(5), (code) => writeMultiples(code, size, operations, work), "multiples");
  module.add(addresses(3), (code) => writeListSum(code, operations), "sumLists");
  module.add(addresses(7), (code) => writeBucketSum(code, size, operations, work), "sumBuckets");
  module.add(addresses(2), (code) => code.get(code.params[0]!).get(code.params[1]!).call(operations.double), "double");
  module.add(
    addresses(2),
    (code) => {
      const [point, other] = code.params as [Local, Local];
      code.get(other).get(other).call(operations.toSummand);
      code.get(point).get(other).i32(0).call(operations.add);
    },
    "sumPoints",
  );
}

function writeMultiples(code: WasmCode, size: number, operations: PointOperations, step: number): void {
  const [count, point, table, entries, isOdd] = code.params as [Local, Local, Local, Local, Local];
  const left = code.local("i32");
  repeat(code, count, () => {
    code.get(isOdd).either(
      () => {
        code.get(point).i32(step).call(operations.double);
        code.i32(step).i32(step).call(operations.toSummand);
      },
      () => code.get(point).i32(step).call(operations.toSummand),
    );
    code.get(point).get(table).call(operations.toSummand);
    advance(code, table, size);
    code.get(entries).i32(1).do("i32.sub").tee(left);
    code.when(() =>
      repeat(code, left, () => {
        code.get(point).i32(step).i32(0).call(operations.add);
        code.get(point).get(table).call(operations.toSummand);
        advance(code, table, size);
      }),
    );
    advance(code, point, size);
  });
}

function writeListSum(code: WasmCode, operations: PointOperations): void {
  const [lists, shift, to] = code.params as [Local, Local, Local];
  const { bit, place, summand, isStarted } = counters(code, "bit", "place", "summand", "isStarted");
  code.get(to).call(operations.setIdentity);
  code.i32(LISTS).set(bit);
  repeat(code, bit, () => {
    code.get(isStarted).when(() => code.get(to).get(to).call(operations.double));
    code.get(lists).get(bit).i32(2).do("i32.shl").do("i32.add").i32(4).do("i32.sub").access("i32.load", 0).set(place); // prettier-ignore
    code.get(place).when(() => {
      code.i32(1).set(isStarted);
      code.doWhile(() => {
        code.get(place).access("i32.load", 4).set(summand);
        code.get(to).get(summand).i32(-2).do("i32.and").get(shift).do("i32.add");
        code.i32(0).get(summand).i32(1).do("i32.and").do("i32.sub").call(operations.add);
        code.get(place).access("i32.load", 0).tee(place);
      });
    });
  });
}

function writeBucketSum(code: WasmCode, size: number, operations: PointOperations, work: number): void {
  const [count, points, scalars, buckets, width, windows, to] = code.params as [Local, Local, Local, Local, Local, Local, Local]; // prettier-ignore
  const { left, point, scalar, digit, bit, half, sign } = counters(
    code,
    "left",
    "point",
    "scalar",
    "digit",
    "bit",
    "half",
    "sign",
  );
  const [running, summand] = [work, work + size];
  code.i32(1).get(width).i32(1).do("i32.sub").do("i32.shl").set(half); // prettier-ignore
  code.get(to).call(operations.setIdentity);
  code.get(count).set(left);
  code.get(points).set(point);
  repeat(code, left, () => {
    code.get(point).get(point).call(operations.toSummand);
    advance(code, point, size);
  });
  code.get(width).get(windows).do("i32.mul").set(bit);
  code.doWhile(() => {
    code.get(width).set(left);
    repeat(code, left, () => code.get(to).get(to).call(operations.double));
    code.get(bit).get(width).do("i32.sub").set(bit);

    code.get(half).set(left);
    code.get(buckets).set(point);
    repeat(code, left, () => {
      code.get(point).call(operations.setIdentity);
      advance(code, point, size);
    });

    code.get(count).set(left);
    code.get(points).set(point);
    code.get(scalars).get(bit).i32(3).do("i32.shr_u").do("i32.add").set(scalar); // prettier-ignore
    repeat(code, left, () => {
      code.get(scalar).access("i64.load", 0).get(bit).i32(7).do("i32.and").do("i64.extend_i32_u").do("i64.shr_u"); // prettier-ignore
      code.do("i32.wrap_i64").get(half).i32(1).do("i32.shl").i32(1).do("i32.sub").do("i32.and"); // prettier-ignore
      code.get(half).do("i32.sub").tee(digit);
      code.when(() => {
        code.get(digit).i32(31).do("i32.shr_s").set(sign);
        code.get(digit).get(sign).do("i32.xor").get(sign).do("i32.sub").i32(1).do("i32.sub"); // prettier-ignore
        code.i32(size).do("i32.mul").get(buckets).do("i32.add").get(point).get(sign).call(operations.add); // prettier-ignore
      });
      advance(code, point, size);
      advance(code, scalar, SCALAR_SLOT);
    });

    code.i32(running).call(operations.setIdentity);
    code.get(buckets).get(half).i32(size).do("i32.mul").do("i32.add").set(point); // prettier-ignore
    code.get(half).set(left);
    repeat(code, left, () => {
      advance(code, point, -size);
      code.get(point).i32(summand).call(operations.toSummand);
      code.i32(running).i32(summand).i32(0).call(operations.add);
      code.i32(running).i32(summand).call(operations.toSummand);
      code.get(to).i32(summand).i32(0).call(operations.add);
    });
    code.get(bit);
  });
}
