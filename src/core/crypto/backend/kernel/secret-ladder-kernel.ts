import type { KernelField } from "./field-code.ts";
import { addOperation } from "./field-operations.ts";
import type { FieldPowers } from "./field-powers.ts";
import type { FieldLine, FieldMachine } from "./field-program.ts";
import { addresses, advance, counters, repeat } from "./loop-code.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/** (486662 + 2) / 4: AA + 121665·E of RFC 7748 §5 is BB + 121666·E. */
const A24 = 121_666;
/** The highest bit of a clamped scalar. */
const TOP_BIT = 254;
const WORD_SIZE = 8;

/** A step in the letters of RFC 7748 §5, in two parts around t := A24·E. */
const STEP = {
  before: [
    ["add", "x2", "z2", "a"],
    ["subtract", "x2", "z2", "b"],
    ["subtract", "x3", "z3", "t"],
    ["add", "x3", "z3", "v"],
    // DA and CB
    ["multiply", "t", "a", "t"],
    ["multiply", "v", "b", "v"],
    ["add", "t", "v", "x3"],
    ["square", "x3", 1, "x3"],
    ["subtract", "t", "v", "z3"],
    ["square", "z3", 1, "z3"],
    ["multiply", "z3", "u", "z3"],
    // AA and BB
    ["square", "a", 1, "a"],
    ["square", "b", 1, "b"],
    ["multiply", "a", "b", "x2"],
    // E
    ["subtract", "a", "b", "a"],
  ],
  after: [
    ["add", "b", "t", "t"],
    ["multiply", "a", "t", "z2"],
  ],
} as const satisfies Record<string, readonly FieldLine[]>;

/**
 * Adds X25519 (RFC 7748) of a secret scalar (PR-9): the same instructions over the same addresses whatever scalar and
 * coordinate are. The module then exports `x25519Secret(scalar, u, to)` over addresses of 32 bytes: the scalar is clamped,
 * the highest bit of u does not count, and small order gives zeros, since 0 is its own inverse here. `u` and `to` have
 * 32 bytes for each lane of the field; lanes beside the first work on what else is there.
 */
export function addSecretLadder(
  module: WasmModule,
  field: KernelField,
  machine: FieldMachine,
  { invert }: FieldPowers,
): void {
  const { operations } = machine;
  const scale = addOperation(module, field, 2, (f, { params: [from, to] }) => f.store(to!, 0, f.scale(f.load(from!, 0), A24))); // prettier-ignore
  const swap = module.add(addresses(3), (code) => writeSwap(code, field));
  const step = module.add([], (code) => {
    machine.write(code, STEP.before);
    code.i32(machine.at("a")).i32(machine.at("t")).call(scale);
    machine.write(code, STEP.after);
  });
  module.add(
    addresses(3),
    (code) => {
      const [scalar, u, to] = code.params as [Local, Local, Local];
      const { bit, value, before } = counters(code, "bit", "value", "before");
      code.get(u).i32(machine.at("u")).call(operations.read);
      code.i32(machine.at("x2")).call(operations.setOne);
      code.i32(machine.at("z2")).call(operations.setZero);
      code.i32(machine.at("u")).i32(machine.at("x3")).call(operations.copy);
      code.i32(machine.at("z3")).call(operations.setOne);
      code.i32(TOP_BIT + 1).set(bit);
      code.doWhile(() => {
        advance(code, bit, -1);
        code.get(scalar).get(bit).i32(3).do("i32.shr_u").do("i32.add").access("i32.load8_u", 0);
        code.get(bit).i32(7).do("i32.and").do("i32.shr_u").i32(1).do("i32.and").set(value);
        // The points stay swapped until a bit differs from the one before. The lowest one is 0: they end in their places.
        for (const [low, high] of [
          ["x2", "x3"],
          ["z2", "z3"],
        ] as const) {
          // prettier-ignore
          code.get(value).get(before).do("i32.xor").i32(machine.at(low)).i32(machine.at(high)).call(swap);
        }
        code.get(value).set(before);
        code.call(step).get(bit);
      });
      code.i32(machine.at("z2")).i32(machine.at("z")).call(operations.copy);
      code.call(invert);
      machine.write(code, [["multiply", "x2", "a", "x2"]]);
      code.i32(machine.at("x2")).get(to).call(operations.write);
    },
    "x25519Secret",
  );
}

/** (bit, a, b): a and b change places where the bit is 1, word by word under a mask. */
function writeSwap(code: WasmCode, { elementSize }: KernelField): void {
  const [bit, a, b] = code.params as [Local, Local, Local];
  const { left } = counters(code, "left");
  const [mask, first, second, difference] = [
    code.local("i64"),
    code.local("i64"),
    code.local("i64"),
    code.local("i64"),
  ];
  code.i64(0n).get(bit).do("i64.extend_i32_u").do("i64.sub").set(mask);
  code.i32(elementSize / WORD_SIZE).set(left);
  repeat(code, left, () => {
    code.get(a).access("i64.load", 0).set(first);
    code.get(b).access("i64.load", 0).set(second);
    code.get(first).get(second).do("i64.xor").get(mask).do("i64.and").set(difference);
    code.get(a).get(first).get(difference).do("i64.xor").access("i64.store", 0);
    code.get(b).get(second).get(difference).do("i64.xor").access("i64.store", 0);
    advance(code, a, WORD_SIZE);
    advance(code, b, WORD_SIZE);
  });
}
