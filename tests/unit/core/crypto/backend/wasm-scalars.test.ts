import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../../../../src/core/bytes/hex.ts";
import { buildKernel } from "../../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import {
  KERNEL_NAMES,
  ORDER_MEMORY_SIZE,
  type KernelName,
} from "../../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { nobleScalars } from "../../../../../src/core/crypto/backend/noble-scalars.ts";
import type { ScalarArithmetic } from "../../../../../src/core/crypto/backend/scalar-arithmetic.ts";
import { ScalarMemory, type OrderKernel } from "../../../../../src/core/crypto/backend/scalar-memory.ts";
import { from, still } from "../../../../../src/core/crypto/backend/scalar-place.ts";
import { ScalarProgram } from "../../../../../src/core/crypto/backend/scalar-program.ts";
import { createWasmScalars } from "../../../../../src/core/crypto/backend/wasm-scalars.ts";
import { GROUP_ORDER, scalarOf } from "../../../../../src/core/crypto/scalar.ts";
import {
  joinScalars,
  scalarAt,
  sliceScalars,
  type ScalarVector,
} from "../../../../../src/core/crypto/scalar-vector.ts";
import { runs } from "../../../../support/run-counts.ts";
import { seededRandom } from "../../../../support/test-random.ts";

const EDGES = [1n, 2n, GROUP_ORDER - 1n, GROUP_ORDER - 2n, 2n ** 252n, 2n ** 252n - 1n].concat(
  Array.from({ length: 8 }, (_, limb) => [-1n, 0n, 1n].map((near) => 2n ** BigInt(28 * (limb + 1)) + near)).flat(),
);

/** aᵢ·bᵢ + a₀ of 64 numbers each, then eight sums of eight products. */
const PROGRAM = ((): ScalarProgram => {
  const program = new ScalarProgram(128);
  const [a, b, results] = [program.input(64), program.input(64), program.takeResults(72)];
  program.multiplyAdd(64, a, b, still(a), results);
  program.sumProducts(8, 8, { ...a, next: 8 * a.step }, { ...b, next: 8 * b.step }, from(results, 64));
  return program;
})();

/** Each operation on the same numbers: 64 of them, or as many as it takes. */
const OPERATIONS: Readonly<
  Record<
    keyof ScalarArithmetic,
    (scalars: ScalarArithmetic, a: ScalarVector, b: ScalarVector, wide: Uint8Array) => Uint8Array
  >
> = {
  add: (scalars, a, b) => scalars.add(a, b),
  subtract: (scalars, a, b) => scalars.subtract(a, b),
  multiply: (scalars, a, b) => scalars.multiply(a, b),
  multiplyAdd: (scalars, a, b) => scalars.multiplyAdd(a, b, scalarAt(b, 0)),
  dot: (scalars, a, b) => scalars.dot(a, b),
  product: (scalars, a) => scalars.product(a),
  squarings: (scalars, a) => scalars.squarings(a, 3),
  expand: (scalars, a, b) => scalars.expand(scalarAt(a, 0), sliceScalars(b, 0, 6)),
  invert: (scalars, a) => scalars.invert(a),
  reduceWide: (scalars, _a, _b, wide) => scalars.reduceWide(wide),
  run: (scalars, a, b) => scalars.run(PROGRAM, joinScalars(a, b)),
};
const NAMES = Object.keys(OPERATIONS) as (keyof ScalarArithmetic)[];

interface Sample {
  readonly a: ScalarVector;
  readonly b: ScalarVector;
  readonly wide: Uint8Array;
}

/** 64 numbers twice, some of them at the edges of limbs and of ℓ, and 64 hashes, some as large as can be. */
const samples = Array.from({ length: Math.ceil(runs(20_000, 1_000_000) / 64) }, (_, index): Sample => {
  const bytes = seededRandom(`scalars ${index}`).bytes(3 * 64 * 64);
  const [forA, forB, wide] = [0, 1, 2].map((part) => bytes.subarray(4_096 * part, 4_096 * part + 4_096));
  const edges = (choices: Uint8Array): ScalarVector =>
    joinScalars(...Array.from(choices, (choice) => scalarOf(EDGES[choice % EDGES.length]!)));
  const numbers = (hashes: Uint8Array): ScalarVector =>
    joinScalars(nobleScalars.reduceWide(hashes.subarray(1_024)), edges(hashes.subarray(0, 16)));
  wide!.fill(255, 0, 64).fill(255, 64, 96).fill(255, 160, 192);
  return { a: numbers(forA!), b: numbers(forB!), wide: wide! };
});

function openKernel(name: KernelName): {
  readonly scalars: ScalarArithmetic;
  readonly memory: Uint8Array;
  readonly kernel: OrderKernel;
} {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(name) as BufferSource));
  const kernel = exports as unknown as OrderKernel;
  return { kernel, scalars: createWasmScalars(kernel), memory: new Uint8Array(kernel.memory.buffer) };
}

describe("numbers modulo ℓ", () => {
  const kernels = KERNEL_NAMES.map((name) => [name, openKernel(name).scalars] as const);

  it.each(NAMES)("%s gives in every kernel what BigInt gives", (operation) => {
    const run = OPERATIONS[operation];
    for (const { a, b, wide } of samples) {
      const expected = run(nobleScalars, a, b, wide);
      for (const [name, scalars] of kernels) {
        if (!equalBytes(run(scalars, a, b, wide), expected))
          throw new Error(`${name}: ${formatHex(a)} ${formatHex(b)}`);
      }
    }
    expect(64 * samples.length).toBeGreaterThanOrEqual(20_000);
  });
});

describe.each(KERNEL_NAMES)("numbers modulo ℓ in the %s kernel", (name) => {
  const { kernel, scalars, memory } = openKernel(name);
  const random = seededRandom(`scalars ${name}`);

  it.each(NAMES)("[PR-9] %s leaves nothing in the memory", (operation) => {
    const [a, b] = [scalars.reduceWide(random.bytes(64 * 64)), scalars.reduceWide(random.bytes(64 * 64))];
    OPERATIONS[operation](scalars, a, b, random.bytes(64 * 64));
    expect(memory.every((byte) => byte === 0)).toBe(true);
  });

  it("[PR-9] leaves nothing in the memory where it refuses", () => {
    const values = joinScalars(scalars.reduceWide(random.bytes(64 * 3)), scalarOf(0n));
    expect(() => scalars.invert(values)).toThrow(RangeError);
    expect(memory.every((byte) => byte === 0)).toBe(true);
  });

  it("gives numbers of the caller's own for empty sums and products", () => {
    const none = new Uint8Array(0) as ScalarVector;
    for (const [run, expected] of [
      [() => scalars.dot(none, none), 0n],
      [() => scalars.product(none), 1n],
    ] as const) {
      run().fill(0xff);
      expect(run()).toEqual(scalarOf(expected));
    }
    expect(scalars.add(scalarOf(2n), scalarOf(3n))).toEqual(scalarOf(5n));
  });

  it("has room for what its memory holds, and for no number more", () => {
    const own = new ScalarMemory(kernel);
    const room = ORDER_MEMORY_SIZE / 32 - 1;
    own.whileUsed(() => own.put(new Uint8Array(32 * room).fill(1)));
    own.whileUsed(() => {
      own.put(new Uint8Array(32 * room).fill(1));
      expect(() => own.take(1)).toThrow(RangeError);
    });
    expect(() => own.whileUsed(() => own.put(new Uint8Array(32 * (room + 1)).fill(1)))).toThrow(RangeError);
    expect(memory.every((byte) => byte === 0)).toBe(true);
  });
});
