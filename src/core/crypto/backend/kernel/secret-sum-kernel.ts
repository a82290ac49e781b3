import { SCALAR_SLOT, SECRET_MULTIPLES, SECRET_WINDOWS, SIGN_RUN_SIZE } from "./edwards-layout.ts";
import type { KernelField } from "./field-code.ts";
import { addresses, advance, counters, repeat } from "./loop-code.ts";
import { pairSizeOf } from "./open-pairs.ts";
import { pointSizeOf, type PointOperations } from "./point-code.ts";
import { bitsOf, type Local, type WasmCode, type WasmModule } from "./wasm-code.ts";

/** The summand of the identity: (Y − X, Y + X), (2Z, 2d·T). */
const IDENTITY = [
  [1n, 1n],
  [2n, 0n],
] as const;

/**
 * Adds sums of multiples of points for secret scalars (PR-9): the same instructions over the same addresses whatever the
 * scalars are. The module then exports, over addresses and counts from 1 on,
 * `sumSecret(count, scalars, tables, windowStep, doublings, to)`: scalars are offset by 8 in each of their 64 digits of four
 * bits; for each scalar there is at `tables` the address of 1 to 8 times its point, as summands. Either there are so many
 * doublings between two digits, 4, or such multiples of 16^k times the point for each digit k, `windowStep` bytes apart.
 *
 * `sumSigns(count, runs, to)` is for secret signs, four of them in a byte, lowest first, where 1 means plus. Of each run there
 * are in memory, 4 bytes each, the address of its first byte, the address of its table and its bytes, 1 or more. The table
 * has for each byte the summands of ±P ± Q ± R + S, with 1 for a plus as above.
 */
export function addSecretSums(module: WasmModule, field: KernelField, operations: PointOperations, work: number): void {
  const select = module.add(addresses(3), (code) => {
    if (field.laneCount === 2) writeVectorSelection(code, field);
    else writeWordSelection(code, field);
  });
  module.add(addresses(6), (code) => writeSecretSum(code, operations, select, work), "sumSecret");
  module.add(addresses(3), (code) => writeSignSum(code, field, operations, select, work), "sumSigns");
}

function writeSecretSum(code: WasmCode, operations: PointOperations, select: number, summand: number): void {
  const [count, scalars, tables, windowStep, doublings, to] = code.params as [Local, Local, Local, Local, Local, Local];
  const { left, scalar, table } = counters(code, "left", "scalar", "table");
  const { window, digit, sign } = counters(code, "window", "digit", "sign");
  code.get(to).call(operations.setIdentity);
  code.i32(SECRET_WINDOWS).set(window);
  code.doWhile(() => {
    code.get(doublings).when(() => {
      code.get(doublings).set(left);
      repeat(code, left, () => code.get(to).get(to).call(operations.double));
    });
    advance(code, window, -1);
    code.get(scalars).get(window).i32(1).do("i32.shr_u").do("i32.add").set(scalar); // prettier-ignore
    code.get(tables).set(table);
    code.get(count).tee(left);
    code.when(() =>
      repeat(code, left, () => {
        code.get(window).i32(1).do("i32.and").i32(2).do("i32.shl").set(digit);
        code.get(scalar).access("i32.load8_u", 0).get(digit).do("i32.shr_u").i32(15).do("i32.and").i32(8).do("i32.sub").tee(digit); // prettier-ignore
        code.i32(31).do("i32.shr_s").set(sign);
        code.get(table).access("i32.load", 0).get(window).get(windowStep).do("i32.mul").do("i32.add"); // prettier-ignore
        code.get(digit).get(sign).do("i32.xor").get(sign).do("i32.sub").i32(summand).call(select); // prettier-ignore
        code.get(to).i32(summand).get(sign).call(operations.add);
        advance(code, scalar, SCALAR_SLOT);
        advance(code, table, 4);
      }),
    );
    code.get(window);
  });
}

function writeSignSum(
  code: WasmCode,
  field: KernelField,
  operations: PointOperations,
  select: number,
  summand: number,
): void {
  const [count, run, to] = code.params as [Local, Local, Local];
  const { left, signs, table, sign } = counters(code, "left", "signs", "table", "sign");
  code.get(to).call(operations.setIdentity);
  code.get(count).when(() =>
    repeat(code, count, () => {
      code.get(run).access("i32.load", 0).set(signs);
      code.get(run).access("i32.load", 4).set(table);
      code.get(run).access("i32.load", 8).set(left);
      repeat(code, left, () => {
        // Where the fourth is minus, all signs are turned and the whole is taken away.
        code.get(signs).access("i32.load8_u", 0).i32(3).do("i32.shr_u").i32(1).do("i32.sub").set(sign); // prettier-ignore
        code.get(table).get(signs).access("i32.load8_u", 0).get(sign).do("i32.xor").i32(7).do("i32.and"); // prettier-ignore
        code.i32(1).do("i32.add").i32(summand).call(select);
        code.get(to).i32(summand).get(sign).call(operations.add);
        advance(code, signs, 1);
        advance(code, table, SECRET_MULTIPLES * pointSizeOf(field));
      });
      advance(code, run, SIGN_RUN_SIZE);
    }),
  );
}

/** (entries, size, to): of a digit from 0 to 8 the summand. Every entry is read, and all but one masked away. */
function writeVectorSelection(code: WasmCode, field: KernelField): void {
  const [entries, size, to] = code.params as [Local, Local, Local];
  const vector = (write: () => unknown): Local => {
    const local = code.local("v128");
    write();
    code.set(local);
    return local;
  };
  const wanted = vector(() => code.get(size).do("i64.extend_i32_u").do("i64x2.splat"));
  const masks = Array.from({ length: SECRET_MULTIPLES + 1 }, (_, entry) =>
    vector(() => code.get(wanted).i64x2(BigInt(entry)).do("i64x2.eq")),
  );
  IDENTITY.forEach(([first, second], half) => {
    const seconds = field.limbsOf(second);
    field.limbsOf(first).forEach((limb, index) => {
      const at = half * pairSizeOf(field) + 16 * index;
      code.get(to).get(masks[0]!).f64x2Lanes(limb, seconds[index]!).do("v128.and");
      for (let entry = 0; entry < SECRET_MULTIPLES; entry++) {
        code
          .get(masks[entry + 1]!)
          .get(entries)
          .access("v128.load", entry * pointSizeOf(field) + at);
        code.do("v128.and").do("v128.or");
      }
      code.access("v128.store", at);
    });
  });
}

/** The same in 64-bit words. */
function writeWordSelection(code: WasmCode, field: KernelField): void {
  const [entries, size, to] = code.params as [Local, Local, Local];
  const masks = Array.from({ length: SECRET_MULTIPLES + 1 }, (_, entry) => {
    const mask = code.local("i64");
    code.i64(0n).get(size).i32(entry).do("i32.eq").do("i64.extend_i32_u").do("i64.sub").set(mask); // prettier-ignore
    return mask;
  });
  IDENTITY.flat().forEach((value, part) =>
    field.limbsOf(value).forEach((limb, index) => {
      const at = part * field.elementSize + 8 * index;
      code.get(to).get(masks[0]!).i64(bitsOf(limb)).do("i64.and");
      for (let entry = 0; entry < SECRET_MULTIPLES; entry++) {
        code
          .get(masks[entry + 1]!)
          .get(entries)
          .access("i64.load", entry * pointSizeOf(field) + at);
        code.do("i64.and").do("i64.or");
      }
      code.access("i64.store", at);
    }),
  );
}
