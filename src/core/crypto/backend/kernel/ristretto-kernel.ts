import type { KernelField } from "./field-code.ts";
import type { FieldPowers } from "./field-powers.ts";
import type { FieldLine, FieldMachine } from "./field-program.ts";
import { openPairs, pairSizeOf } from "./open-pairs.ts";
import { pointSizeOf } from "./point-code.ts";
import { DECODE, ENCODE, INVERSE_ROOT, MAP, RISTRETTO_CONSTANTS } from "./ristretto-programs.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/**
 * Adds ristretto255 (RFC 9496) to and from bytes, as many elements at once as the field has lanes. The module then exports,
 * over addresses, for `count` elements from 1 on, rounded up to whole groups of lanes:
 * - `decode(count, bytes, points, valid)`: 32 bytes each, below p and not negative, which is the caller's to see to. In
 *   the end there are 32 bytes at `valid` for each lane, the number 1 if every element in it was an encoding;
 * - `map(count, bytes, points)`: the one-way map of 32 bytes each, the highest bit of which does not count;
 * - `encode(count, points, bytes)`;
 * - `writeCoordinates(point, bytes)`: X, Y, Z, T within 0 … p − 1, 32 bytes each; `readCoordinates(bytes, point)`;
 * - `affine(points, bytes)`: for one group of lanes x = X/Z of each point, then y = Y/Z of each, 32 bytes each.
 *
 * All but `decode` and `map` may be given what came of secrets (PR-9).
 */
export function addRistretto(module: WasmModule, field: KernelField, machine: FieldMachine, powers: FieldPowers): void {
  const { operations } = machine;
  const prepare = module.add([], (code) => writeConstants(code, field, machine));
  const root = module.add([], (code) => {
    machine.write(code, INVERSE_ROOT.before);
    code.call(powers.power);
    machine.write(code, INVERSE_ROOT.after);
  });
  const addProgram = ({ before, after }: { before: readonly FieldLine[]; after: readonly FieldLine[] }): number =>
    module.add([], (code) => {
      machine.write(code, before);
      code.call(root);
      machine.write(code, after);
    });
  const [decode, encode, map] = [DECODE, ENCODE, MAP].map(addProgram) as [number, number, number];
  const gather = module.add(["i32"], (code) => writeGather(code, field, machine));
  const scatter = module.add(["i32"], (code) => writeScatter(code, field, machine));
  const [bytes, points] = [32 * field.laneCount, pointSizeOf(field) * field.laneCount];

  const fromBytes = (program: number) => (code: WasmCode) => {
    const [count, from, to, valid] = code.params as [Local, Local, Local, Local?];
    code.call(prepare);
    if (program === decode) {
      code.i32(machine.at("all")).call(operations.setOne);
      code.i32(machine.at("Z")).call(operations.setOne);
    }
    writeGroups(code, field, count, [from, bytes, to, points], () => {
      code.get(from).i32(machine.at("s")).call(operations.read);
      code.call(program).get(to).call(scatter);
    });
    if (valid !== undefined) code.i32(machine.at("all")).get(valid).call(operations.write);
  };
  module.add(["i32", "i32", "i32", "i32"], fromBytes(decode), "decode");
  module.add(["i32", "i32", "i32"], fromBytes(map), "map");
  module.add(
    ["i32", "i32", "i32"],
    (code) => {
      const [count, from, to] = code.params as [Local, Local, Local];
      code.call(prepare);
      writeGroups(code, field, count, [from, points, to, bytes], () => {
        code.get(from).call(gather).call(encode);
        code.i32(machine.at("s")).get(to).call(operations.write);
      });
    },
    "encode",
  );
  addCoordinates(module, field, operations);
  module.add(
    ["i32", "i32"],
    (code) => {
      const [from, to] = code.params as [Local, Local];
      code.get(from).call(gather);
      code.i32(machine.at("Z")).i32(machine.at("z")).call(operations.copy);
      code.call(powers.invert);
      ["X", "Y"].forEach((name, index) => {
        machine.write(code, [["multiply", name, "a", name]]);
        code.i32(machine.at(name)).get(to).i32(index * bytes).do("i32.add").call(operations.write); // prettier-ignore
      });
    },
    "affine",
  );
}

function addCoordinates(
  module: WasmModule,
  { elementSize, laneCount }: KernelField,
  operations: { readonly read: number; readonly write: number },
): void {
  // Elements and bytes of a point lie in the same order, whatever the lanes.
  const groups = Array.from({ length: 4 / laneCount }, (_, group) => group);
  const addConversion = (name: string, operation: number, fromSize: number, toSize: number): void => {
    const write = (code: WasmCode): void => {
      const [from, to] = code.params as [Local, Local];
      for (const group of groups) {
        code.get(from).i32(group * fromSize).do("i32.add"); // prettier-ignore
        code.get(to).i32(group * toSize).do("i32.add").call(operation); // prettier-ignore
      }
    };
    module.add(["i32", "i32"], write, name);
  };
  addConversion("writeCoordinates", operations.write, elementSize, 32 * laneCount);
  addConversion("readCoordinates", operations.read, 32 * laneCount, elementSize);
}

/** Runs the body for each group of lanes, with both addresses moved on by their steps. */
function writeGroups(
  code: WasmCode,
  { laneCount }: KernelField,
  count: Local,
  [from, fromStep, to, toStep]: readonly [Local, number, Local, number],
  body: () => void,
): void {
  code.doWhile(() => {
    body();
    code.get(from).i32(fromStep).do("i32.add").set(from);
    code.get(to).i32(toStep).do("i32.add").set(to);
    code.get(count).i32(laneCount).do("i32.sub").tee(count).i32(0).do("i32.gt_s");
  });
}

function writeConstants(code: WasmCode, field: KernelField, machine: FieldMachine): void {
  const f = field.open(code);
  const address = code.local("i32");
  for (const [name, value] of Object.entries(RISTRETTO_CONSTANTS)) {
    code.i32(machine.at(name)).set(address);
    f.store(address, 0, f.constant(value));
  }
}

/** (points): X, Y, Z and T of a group of points to registers. */
function writeGather(code: WasmCode, field: KernelField, machine: FieldMachine): void {
  const f = field.open(code);
  const p = openPairs(field, code);
  const address = code.local("i32");
  [
    ["X", "Y"],
    ["Z", "T"],
  ].forEach((names, half) => {
    const pairs = Array.from({ length: field.laneCount }, (_, lane) =>
      p.load(code.params[0]!, lane * pointSizeOf(field) + half * pairSizeOf(field)),
    );
    p.gather(pairs).forEach((value, index) => {
      code.i32(machine.at(names[index]!)).set(address);
      f.store(address, 0, value);
    });
  });
}

/** (points): the same back. */
function writeScatter(code: WasmCode, field: KernelField, machine: FieldMachine): void {
  const f = field.open(code);
  const p = openPairs(field, code);
  const address = code.local("i32");
  const load = (name: string) => {
    code.i32(machine.at(name)).set(address);
    return f.load(address, 0);
  };
  (
    [
      ["X", "Y"],
      ["Z", "T"],
    ] as const
  ).forEach(([first, second], half) => {
    p.scatter(load(first), load(second)).forEach((pair, lane) =>
      p.store(code.params[0]!, lane * pointSizeOf(field) + half * pairSizeOf(field), pair),
    );
  });
}
