import { describe, expect, it } from "vitest";
import type { Element, FieldCode, KernelField } from "../../../../../src/core/crypto/backend/kernel/field-code.ts";
import { SCALAR_FLOAT_FIELD, VECTOR_FLOAT_FIELD } from "../../../../../src/core/crypto/backend/kernel/float-field.ts";
import { FMA_FIELD } from "../../../../../src/core/crypto/backend/kernel/fma-field.ts";
import { INTEGER_FIELD } from "../../../../../src/core/crypto/backend/kernel/integer-field.ts";
import { WasmModule, type WasmCode } from "../../../../../src/core/crypto/backend/kernel/wasm-code.ts";
import { SeededNumbers } from "../../../../support/seeded-numbers.ts";

const FIELD_ORDER = 2n ** 255n - 19n;
/** (486662 − 2) / 4: the only factor that a kernel scales with. */
const FACTOR = 121_665;
const ROUNDS = 4_000;

interface Tried {
  readonly field: KernelField<FieldCode>;
  /** What a limb is in memory, and whether it has its power of two in itself. */
  readonly numbers: typeof Float64Array | typeof Int32Array;
  readonly hasUnits: boolean;
  /** The largest limb of a product, by its place, and what it counts in. */
  readonly limits: readonly number[];
  readonly units: readonly bigint[];
}

const FLOAT_BITS = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255];
const floats = {
  numbers: Float64Array,
  hasUnits: true,
  limits: Array.from({ length: 12 }, (_, limb) => 2 ** (FLOAT_BITS[limb + 1]! - 1) * (1 + 2 ** -6)),
  units: Array.from({ length: 12 }, (_, limb) => 2n ** BigInt(FLOAT_BITS[limb]!)),
};
const FIELDS = {
  fma: {
    field: FMA_FIELD,
    numbers: Float64Array,
    hasUnits: false,
    limits: Array.from({ length: 5 }, () => 2 ** 50),
    units: Array.from({ length: 5 }, (_, limb) => 2n ** BigInt(51 * limb)),
  },
  simd: { field: VECTOR_FLOAT_FIELD, ...floats },
  scalar: { field: SCALAR_FLOAT_FIELD, ...floats },
  integer: {
    field: INTEGER_FIELD,
    numbers: Int32Array,
    hasUnits: false,
    limits: Array.from({ length: 10 }, (_, limb) => 2 ** (limb % 2 === 0 ? 25 : 24) + 2 ** 13),
    units: Array.from({ length: 10 }, (_, limb) => 2n ** BigInt(Math.ceil(25.5 * limb))),
  },
} satisfies Readonly<Record<string, Tried>>;

type Sum = readonly [Element, Element, "add" | "subtract"];
type Operation = (f: FieldCode, left: Element, right: Element) => Element;

const sumOf = (f: FieldCode, [a, b, how]: Sum): Element => (how === "add" ? f.add(a, b) : f.subtract(a, b));
const OPERATIONS: Readonly<Record<string, readonly [Operation, (left: bigint, right: bigint) => bigint]>> = {
  multiply: [(f, left, right) => f.multiply(left, right), (left, right) => left * right],
  square: [(f, left) => f.square(left), (left) => left * left],
  scale: [(f, left) => f.scale(left, FACTOR), (left) => left * BigInt(FACTOR)],
};

/**
 * A module that does each operation with sums or differences of four numbers, as a ladder does; and `write` and `choose`.
 * Numbers lie one after the other from 0 on, and what comes out after them.
 */
class FieldHarness {
  readonly #tried: Tried;
  readonly #exports: Readonly<Record<string, () => void>>;
  readonly #limbs: Float64Array | Int32Array;
  readonly #bytes: Uint8Array;

  constructor(tried: Tried) {
    const { field, numbers } = tried;
    this.#tried = tried;
    const module = new WasmModule();
    const add = (name: string, write: (f: FieldCode, code: WasmCode) => void): void => {
      module.add([], (code) => write(field.open(code), code), name);
    };
    const at = (code: WasmCode, place: number) => {
      const address = code.local("i32");
      code.i32(place * field.elementSize).set(address);
      return address;
    };
    const load = (f: FieldCode, code: WasmCode, place: number): Element => f.load(at(code, place), 0);
    for (const [name, [operation]] of Object.entries(OPERATIONS)) {
      for (const how of ["add", "subtract"] as const) {
        add(`${name}-${how}`, (f, code) => {
          const left = sumOf(f, [load(f, code, 0), load(f, code, 1), how]);
          const right = sumOf(f, [load(f, code, 2), load(f, code, 3), how]);
          f.store(at(code, 4), 0, operation(f, left, right));
        });
      }
    }
    add("write", (f, code) => f.write(at(code, 4), load(f, code, 0)));
    add("choose", (f, code) => {
      const value = load(f, code, 0);
      f.store(at(code, 4), 0, f.choose(f.isZero(value), f.constant(1n), f.constant(0n)));
    });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode(1) as BufferSource));
    this.#exports = exports as unknown as Readonly<Record<string, () => void>>;
    const { buffer } = exports["memory"] as WebAssembly.Memory;
    this.#limbs = new numbers(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  /** Puts a number into a place, the same in every lane. */
  put(place: number, limbs: readonly number[]): bigint {
    limbs.forEach((limb, index) => this.#lanesOf(place, index).fill(limb));
    return this.#valueOf(limbs);
  }

  run(name: string): void {
    this.#exports[name]!();
  }

  /** What came out, the same in every lane: limbs and number. */
  result(): { readonly limbs: readonly number[]; readonly value: bigint } {
    const limbs = this.#tried.units.map((_, index) => {
      const lanes = this.#lanesOf(4, index);
      expect(lanes.every((limb) => limb === lanes[0])).toBe(true);
      return lanes[0]!;
    });
    return { limbs, value: mod(this.#valueOf(limbs)) };
  }

  /** The 32 bytes that came out, the same in every lane. */
  written(): bigint {
    const { laneCount, elementSize } = this.#tried.field;
    const lanes = Array.from({ length: laneCount }, (_, lane) => {
      const start = 4 * elementSize + 32 * lane;
      return this.#bytes.slice(start, start + 32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    });
    expect(lanes.every((value) => value === lanes[0])).toBe(true);
    return lanes[0]!;
  }

  #lanesOf(place: number, limb: number): Float64Array | Int32Array {
    const { laneCount, elementSize } = this.#tried.field;
    const start = (place * elementSize) / this.#limbs.BYTES_PER_ELEMENT + limb * laneCount;
    return this.#limbs.subarray(start, start + laneCount);
  }

  #valueOf(limbs: readonly number[]): bigint {
    const { hasUnits, units } = this.#tried;
    return limbs.reduce((sum, limb, index) => sum + BigInt(limb) * (hasUnits ? 1n : units[index]!), 0n);
  }
}

const mod = (value: bigint): bigint => ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;

/** Limbs at the edge of what a product may have, of all signs, and numbers in between. */
function edgeLimbs(numbers: SeededNumbers, { limits, units, hasUnits }: Tried): readonly number[] {
  const kind = numbers.between(0, 4);
  return limits.map((limit, index) => {
    const unit = hasUnits ? Number(units[index]!) : 1;
    if (kind === 0) return limit;
    if (kind === 1) return -limit;
    if (kind === 2) return numbers.chance(0.5) ? limit : -limit;
    const near = numbers.between(0, 2) * unit;
    const inside = numbers.chance(0.5)
      ? limit - near
      : Math.floor((numbers.between(0, 1_000) / 1_000) * (limit / unit)) * unit;
    return numbers.chance(0.5) ? inside : -inside;
  });
}

describe.each(Object.entries(FIELDS))("the field of the %s kernel", (name, tried) => {
  const harness = new FieldHarness(tried);
  const numbers = new SeededNumbers(name.length);

  it.each(Object.keys(OPERATIONS))(
    "%s is right for sums and differences of any two products, and gives a product",
    (operation) => {
      const [, expected] = OPERATIONS[operation]!;
      for (let round = 0; round < ROUNDS; round++) {
        const [a, b, c, d] = [0, 1, 2, 3].map((place) => harness.put(place, edgeLimbs(numbers, tried)));
        for (const [how, sign] of [
          ["add", 1n],
          ["subtract", -1n],
        ] as const) {
          harness.run(`${operation}-${how}`);
          const { limbs, value } = harness.result();
          expect(value).toBe(mod(expected(a! + sign * b!, c! + sign * d!)));
          limbs.forEach((limb, index) => expect(Math.abs(limb)).toBeLessThanOrEqual(tried.limits[index]!));
        }
      }
    },
  );

  it.each(["add", "subtract"] as const)("holds the largest products there are, of numbers to %s", (how) => {
    const units = tried.units.map((unit) => (tried.hasUnits ? Number(unit) : 1));
    const largest = tried.limits.map((limit, limb) => Math.floor(limit / units[limb]!) * units[limb]!);
    const negative = largest.map((limb) => -limb);
    const sign = how === "add" ? 1n : -1n;
    for (const [left, right] of [
      [largest, largest],
      [largest, negative],
      [negative, negative],
    ] as const) {
      const others = [left, right].map((limbs) => (how === "add" ? limbs : limbs.map((limb) => -limb)));
      const [a, b] = [harness.put(0, left), harness.put(1, others[0]!)];
      const [c, d] = [harness.put(2, right), harness.put(3, others[1]!)];
      for (const [operation, [, expected]] of Object.entries(OPERATIONS)) {
        harness.run(`${operation}-${how}`);
        expect(harness.result().value).toBe(mod(expected(a + sign * b, c + sign * d)));
      }
    }
  });

  it("writes every number in the one way, whatever limbs it has", () => {
    for (let round = 0; round < ROUNDS; round++) {
      const value = harness.put(0, edgeLimbs(numbers, tried));
      harness.run("write");
      expect(harness.written()).toBe(mod(value));
    }
  });

  it("knows zero by each of its forms, and nothing else for it", () => {
    for (const multiple of [-1n, 0n, 1n]) {
      for (let near = -20n; near <= 20n; near++) {
        const limbs = limbsOf(multiple * FIELD_ORDER + near, tried);
        if (limbs === undefined) continue;
        harness.put(0, limbs);
        harness.run("choose");
        expect(harness.result().value, `${multiple}p + ${near}`).toBe(near === 0n ? 1n : 0n);
        harness.run("write");
        expect(harness.written()).toBe(mod(near));
      }
    }
  });
});

describe("the columns of the fma kernel", () => {
  const harness = new FieldHarness(FIELDS.fma);

  it.each([1, -1])("hold the largest products there are, both halves at their worst, times %i", (sign) => {
    // (2^51 − s)² = (2^51 − 2s)·2^51 + s²: s a little below 2^25 puts 2^50 into the low half as well.
    const limb = 2 ** 50 - 2 ** 24 + 1;
    const left = [limb, limb, limb, limb, limb];
    const right = left.map((each) => sign * each);
    const [a, b] = [harness.put(0, left), harness.put(1, left)];
    const [c, d] = [harness.put(2, right), harness.put(3, right)];
    harness.run("multiply-add");
    expect(harness.result().value).toBe(mod((a + b) * (c + d)));
  });
});

/** A number as centred limbs; undefined where it has none within the limits of a product. */
function limbsOf(value: bigint, { limits, units, hasUnits }: Tried): readonly number[] | undefined {
  const limbs: number[] = [];
  let rest = value;
  for (let index = units.length - 1; index >= 0; index--) {
    const unit = units[index]!;
    const limb = (rest + (rest < 0n ? -unit / 2n : unit / 2n)) / unit;
    rest -= limb * unit;
    limbs[index] = Number(hasUnits ? limb * unit : limb);
  }
  return limbs.every((limb, index) => Math.abs(limb) <= limits[index]!) ? limbs : undefined;
}
