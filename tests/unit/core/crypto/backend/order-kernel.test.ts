import { afterEach, describe, expect, it, vi } from "vitest";
import { addOrderArithmetic } from "../../../../../src/core/crypto/backend/kernel/order-kernel.ts";
import { WasmCode, WasmModule } from "../../../../../src/core/crypto/backend/kernel/wasm-code.ts";
import { SUM_MAX, type OrderKernel } from "../../../../../src/core/crypto/backend/scalar-memory.ts";
import { bigintOf, GROUP_ORDER } from "../../../../../src/core/crypto/scalar.ts";
import { runs } from "../../../../support/run-counts.ts";
import { seededRandom } from "../../../../support/test-random.ts";

const LIMB_BITS = 28;
const TOP = 2n ** 256n - 1n;

function open(): { readonly kernel: OrderKernel; readonly memory: Uint8Array } {
  const module = new WasmModule();
  const pages = Math.ceil(addOrderArithmetic(module) / 65_536);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode(pages) as BufferSource));
  const kernel = exports as unknown as OrderKernel;
  return { kernel, memory: new Uint8Array(kernel.memory.buffer) };
}

/** Numbers at the edges of limbs, of 64-bit words, of ℓ and of 256 bits. */
function edges(): bigint[] {
  const found = new Set<bigint>([0n, 1n, 2n, TOP, TOP - 1n]);
  for (let multiple = 1n; multiple <= 15n; multiple++) {
    for (const near of [-1n, 0n, 1n]) found.add(multiple * GROUP_ORDER + near);
  }
  for (const width of [LIMB_BITS, 64]) {
    for (let bit = width; bit < 256; bit += width) {
      for (const near of [-1n, 0n, 1n]) found.add(2n ** BigInt(bit) + near);
      // One run of ones, and all others zero; and the other way round.
      const run = (2n ** BigInt(width) - 1n) << BigInt(bit - width);
      found.add(run).add(TOP - run);
    }
  }
  found.add(2n ** 252n - GROUP_ORDER + GROUP_ORDER * 2n).add(2n ** 255n);
  return [...found].filter((value) => value <= TOP);
}

describe("the kernel modulo ℓ", () => {
  const { kernel, memory } = open();
  const put = (value: bigint, at: number): void => {
    for (let byte = 0; byte < 32; byte++) memory[at + byte] = Number((value >> BigInt(8 * byte)) & 255n);
  };
  const number = (at: number): bigint => bigintOf(memory.subarray(at, at + 32));

  function check(a: bigint, b: bigint, c: bigint): void {
    [a, b, c].forEach((value, place) => put(value, 32 * place));
    kernel.multiplyAdd(1, 0, 0, 32, 0, 64, 0, 96, 0);
    if (number(96) !== (a * b + c) % GROUP_ORDER) throw new Error(`${a}·${b} + ${c} is not ${number(96)}`);
  }

  it("multiplies and adds any 32 bytes at every edge", () => {
    const all = edges();
    const few = [0n, 1n, TOP, GROUP_ORDER, GROUP_ORDER - 1n];
    for (const a of all) for (const b of all) for (const c of few) check(a, b, c);
    for (const a of few) for (const b of few) for (const c of all) check(a, b, c);
    expect(all.length ** 2 * few.length).toBeGreaterThan(20_000);
  });

  it("multiplies and adds any 32 bytes, some of them with limbs as large and as small as can be", () => {
    const random = seededRandom("kernel modulo ℓ");
    const any = (): bigint => {
      const bytes = random.bytes(33);
      if (bytes[32]! < 128) return bigintOf(bytes.subarray(0, 32));
      let value = 0n;
      for (let bit = 0; bit < 256; bit += LIMB_BITS) {
        const limb = [0n, 1n, 2n ** 28n - 1n, 2n ** 27n][bytes[bit / LIMB_BITS]! & 3]!;
        value |= limb << BigInt(bit);
      }
      return value & TOP;
    };
    for (let count = 0; count < runs(20_000, 1_000_000); count++) check(any(), any(), any());
  });

  it("gives numbers whose sum is a multiple of ℓ as zero", () => {
    const random = seededRandom("multiples of ℓ");
    for (let count = 0; count < 1_000; count++) {
      const [a, b] = [bigintOf(random.bytes(32)), bigintOf(random.bytes(32))];
      const rest = GROUP_ORDER - ((a * b) % GROUP_ORDER);
      check(a, b, rest);
      check(a, b, rest + GROUP_ORDER * 14n);
      check(a, b, rest - 1n);
      check(a, b, rest + 1n);
    }
  });

  it("adds up products of numbers below ℓ at every edge, from one to as many as there may be", () => {
    const below = edges().filter((value) => value < GROUP_ORDER);
    let compared = 0;
    for (let start = 0; start < 420; start++) {
      const count = [1, 2, 7, 8, 9, 64, SUM_MAX][start % 7]!;
      const [left, right] = [0, 1].map((turn) =>
        Array.from(
          { length: count },
          (_, index) => below[(start * (turn + 1) + index * (2 * turn + 1)) % below.length]!,
        ),
      ) as [bigint[], bigint[]];
      const sum = left.reduce((total, value, index) => total + value * right[index]!, 0n);
      left.forEach((value, index) => put(value, 32 * index));
      right.forEach((value, index) => put(value, 32 * (SUM_MAX + index)));
      kernel.sumProducts(1, count, 0, 32, 0, 32 * SUM_MAX, 32, 0, 64 * SUM_MAX, 32);
      expect(number(64 * SUM_MAX)).toBe(sum % GROUP_ORDER);
      compared += count;
    }
    expect(compared).toBeGreaterThanOrEqual(20_000);
    // The largest sum.
    for (let at = 0; at < 64 * SUM_MAX; at += 32) put(GROUP_ORDER - 1n, at);
    kernel.sumProducts(1, SUM_MAX, 0, 32, 0, 32 * SUM_MAX, 32, 0, 64 * SUM_MAX, 32);
    expect(number(64 * SUM_MAX)).toBe(BigInt(SUM_MAX));
  });

  it("makes one sum after another, each of the next numbers of a and the same of b", () => {
    [2n, 3n, 5n, 7n, 11n, 13n].forEach((value, index) => put(value, 32 * index));
    kernel.sumProducts(2, 2, 0, 32, 64, 128, 32, 0, 192, 32);
    expect([number(192), number(224)]).toEqual([2n * 11n + 3n * 13n, 5n * 11n + 7n * 13n]);
    kernel.sumProducts(2, 2, 0, 32, 0, 64, 32, 64, 192, 64);
    expect([number(192), number(256)]).toEqual([2n * 5n + 3n * 7n, 2n * 11n + 3n * 13n]);
  });

  it("goes through memory by any steps, and reads what it has just written", () => {
    const values = Array.from({ length: 8 }, (_, index) => 3n + BigInt(index));
    const putAll = (): void => values.forEach((value, index) => put(value, 64 + 64 * index));
    put(0n, 0);
    putAll();
    // Backwards, two apart, all times the first.
    kernel.multiplyAdd(8, 64 + 64 * 7, -64, 64, 0, 0, 0, 1_024, 32);
    values.toReversed().forEach((value, index) => expect(number(1_024 + 32 * index)).toBe(value * 3n));
    // In place, again and again: 3^256.
    kernel.multiplyAdd(8, 64, 0, 64, 0, 0, 0, 64, 0);
    expect(number(64)).toBe(3n ** 256n % GROUP_ORDER);
    // Each from the one before.
    putAll();
    kernel.multiplyAdd(7, 64, 64, 64, 64, 0, 0, 128, 64);
    values.forEach((_, index) => expect(number(64 + 64 * index)).toBe(3n ** BigInt(2 ** index) % GROUP_ORDER));
  });
});

describe("the code modulo ℓ", () => {
  afterEach(() => vi.restoreAllMocks());

  /** Every call that writes an instruction, by name and arguments. */
  function written(): (readonly [string, ...unknown[]])[] {
    const calls: (readonly [string, ...unknown[]])[] = [];
    const methods = WasmCode.prototype as unknown as Record<string, (...operands: unknown[]) => WasmCode>;
    for (const name of ["do", "access", "call", "doWhile", "lane", "storeLane"]) {
      const own = methods[name]!;
      vi.spyOn(methods, name).mockImplementation(function (this: WasmCode, ...operands: unknown[]) {
        calls.push([name, ...operands]);
        return own.apply(this, operands);
      });
    }
    addOrderArithmetic(new WasmModule());
    return calls;
  }

  it("[PR-9] is straight lines in loops, and no address or count comes from a number", () => {
    const calls = written();
    const named = (name: string): (readonly [string, ...unknown[]])[] => calls.filter(([each]) => each === name);
    // Products one by one, sums of them, and steps that call the two; nothing that is chosen, or kept in vectors.
    expect(named("doWhile")).toHaveLength(4);
    expect(named("call")).toHaveLength(2);
    for (const name of ["lane", "storeLane"]) expect(named(name)).toEqual([]);
    const instructions = new Set(named("do").map(([, instruction]) => instruction as string));
    const wide = ["add", "sub", "mul", "and", "or", "shl", "shr_s", "shr_u"].map((each) => `i64.${each}`);
    // None of these makes an i32 out of an i64: what i32 there is comes from the parameters and from steps, which are public
    // and lie at a parameter's address, and so do all addresses.
    for (const instruction of instructions)
      expect([...wide, "i32.add", "i32.sub", "i32.and", "i32.eqz"]).toContain(instruction);
    // Three numbers in and one out, as many words each, then two and one.
    const accesses = named("access").map(([, kind, offset]) => `${String(kind)} ${String(offset)}`);
    const words = [0, 8, 16, 24];
    const loads = words.map((offset) => `i64.load ${offset}`);
    const stores = words.map((offset) => `i64.store ${offset}`);
    const operands = Array.from({ length: 10 }, (_, word) => `i32.load ${4 * (word + 1)}`);
    const steps = ["i32.load 0", ...operands, ...operands.slice(0, 9)];
    expect(accesses).toEqual([...loads, ...loads, ...loads, ...stores, ...loads, ...loads, ...stores, ...steps]);
  });
});
