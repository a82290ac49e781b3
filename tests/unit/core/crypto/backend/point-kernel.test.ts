import { afterEach, describe, expect, it, vi } from "vitest";
import type { CurveBackend, Point } from "../../../../../src/core/crypto/backend/curve-backend.ts";
import { buildKernel } from "../../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { EDWARDS_END, SCRATCH_AT, TABLES_AT } from "../../../../../src/core/crypto/backend/kernel/edwards-layout.ts";
import { KERNEL_NAMES, type KernelName } from "../../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { WasmCode, type Local, type ValueType } from "../../../../../src/core/crypto/backend/kernel/wasm-code.ts";
import { createNobleBackend } from "../../../../../src/core/crypto/backend/noble-backend.ts";
import { createWasmBackend, type Kernel } from "../../../../../src/core/crypto/backend/wasm-backend.ts";
import { proveRange } from "../../../../../src/core/crypto/range-proof-prover.ts";
import { bigintOf, reduceScalar, scalarOf, ZERO_SCALAR, type Scalar } from "../../../../../src/core/crypto/scalar.ts";
import { runs } from "../../../../support/run-counts.ts";
import { scriptedChallenges } from "../../../../support/scripted-challenges.ts";
import { SeededNumbers } from "../../../../support/seeded-numbers.ts";
import { seededRandom } from "../../../../support/test-random.ts";

const FIELD_ORDER = 2n ** 255n - 19n;
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;

const number = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, byte) => Number((value >> BigInt(8 * byte)) & 255n));

function instantiate(name: KernelName): Kernel {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(name) as BufferSource));
  return exports as unknown as Kernel;
}

describe("coordinates whose limbs are as large as they can be", () => {
  type Coordinates = readonly [bigint, bigint, bigint, bigint];
  const mod = (value: bigint): bigint => ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;
  /** Where limbs begin and, for the fields of doubles that carry their power of two, whether they do. */
  const SHAPES: Readonly<Record<KernelName, { readonly bits: readonly number[]; readonly isScaled: boolean }>> = {
    fma: { bits: [0, 51, 102, 153, 204, 255], isScaled: false },
    simd: { bits: [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255], isScaled: true },
    scalar: { bits: [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255], isScaled: true },
  };

  // The formulas of RFC 8032 §5.1.4, which are polynomials: they hold for any numbers, on the curve or not.
  const added = ([x1, y1, z1, t1]: Coordinates, [x2, y2, z2, t2]: Coordinates): Coordinates => {
    const [a, b, c, d] = [(y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2), t1 * 2n * D * t2, z1 * 2n * z2];
    const [e, f, g, h] = [b - a, d - c, d + c, b + a];
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  };
  const doubled = ([x, y, z]: Coordinates): Coordinates => {
    const [a, b, c] = [x * x, y * y, 2n * z * z];
    const [e, g, h] = [2n * x * y, b - a, a + b];
    const f = c - g;
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  };

  it.each(KERNEL_NAMES)("are added and doubled right by the %s kernel", (name) => {
    const kernel = instantiate(name);
    const [floats, bytes] = [new Float64Array(kernel.memory.buffer), new Uint8Array(kernel.memory.buffer)];
    const words = new Uint32Array(kernel.memory.buffer);
    kernel.sizes(SCRATCH_AT);
    const [size, laneCount] = [words[SCRATCH_AT / 4]!, words[SCRATCH_AT / 4 + 1]!];
    const { bits, isScaled } = SHAPES[name];
    const limbCount = bits.length - 1;
    expect(size).toBe(4 * 8 * limbCount);
    const numbers = new SeededNumbers(name.length);
    const [first, second, out] = [SCRATCH_AT, SCRATCH_AT + size, SCRATCH_AT + 2 * size];

    const edgeNumber = (): number[] => {
      const kind = numbers.between(0, 3);
      const sign = numbers.chance(0.5) ? 1 : -1;
      return bits.slice(1).map((end, limb) => {
        const limit = 2 ** (end - bits[limb]! - 1);
        const magnitude = kind < 3 ? limit - (kind === 1 ? numbers.between(0, 2) : 0) : numbers.between(0, limit - 1);
        // All of one sign are the largest columns, mixed ones the largest differences.
        return (kind === 0 || numbers.chance(0.5) ? sign : -sign) * magnitude;
      });
    };
    const put = (at: number): Coordinates =>
      [0, 1, 2, 3].map((coordinate) => {
        const limbs = edgeNumber();
        limbs.forEach((limb, index) => {
          const place =
            laneCount === 2
              ? (coordinate >> 1) * 2 * limbCount + 2 * index + (coordinate & 1)
              : coordinate * limbCount + index;
          floats[at / 8 + place] = isScaled ? limb * 2 ** bits[index]! : limb;
        });
        return limbs.reduce((sum, limb, index) => sum + BigInt(limb) * 2n ** BigInt(bits[index]!), 0n);
      }) as unknown as Coordinates;
    const get = (at: number): bigint[] => {
      kernel.writeCoordinates(at, out);
      return [0, 32, 64, 96].map((offset) => bigintOf(bytes.slice(out + offset, out + offset + 32)));
    };

    for (let round = 0; round < runs(4_000, 200_000); round++) {
      const [p, q] = [put(first), put(second)];
      expect(get(first)).toEqual(p.map(mod));
      kernel.sumPoints(first, second);
      expect(get(first)).toEqual(added(p, q));
      const r = put(first);
      kernel.double(first, first);
      expect(get(first)).toEqual(doubled(r));
    }
  });
});

describe("[PR-9] what a kernel does for secret scalars", () => {
  /** Where a traced kernel counts its loads and stores, and mixes their addresses and its calls. */
  const [COUNT_AT, MIX_AT] = [EDWARDS_END - 16, EDWARDS_END - 8];

  afterEach(() => void vi.restoreAllMocks());

  /**
   * A kernel whose every load, store, call and branch goes into a count and into a hash, in their order: with addresses,
   * with what is called, with what the branch hangs on. Sums of the field are calls in ladders and lines in points.
   */
  function instantiateTraced(name: KernelName): Kernel {
    const methodOf = <Name extends "access" | "call" | "when" | "either" | "doWhile">(method: Name) =>
      Reflect.get(WasmCode.prototype, method) as (this: WasmCode, ...operands: Parameters<WasmCode[Name]>) => WasmCode;
    const [access, call] = [methodOf("access"), methodOf("call")];
    const [when, either, doWhile] = [methodOf("when"), methodOf("either"), methodOf("doWhile")];
    const spares = new WeakMap<WasmCode, Map<string, Local>>();
    const spare = (code: WasmCode, use: string, type: ValueType): Local => {
      const own = spares.get(code) ?? new Map<string, Local>();
      spares.set(code, own);
      const local = own.get(use) ?? code.local(type);
      own.set(use, local);
      return local;
    };
    /** Of what the last lines left on the stack, an i32. */
    const mix = (code: WasmCode): void => {
      const value = spare(code, "value", "i32");
      code.set(value).i32(MIX_AT).i32(MIX_AT);
      access.call(code, "i32.load", 0).i32(1_000_003).do("i32.mul").get(value).do("i32.add");
      access.call(code, "i32.store", 0);
      code.i32(COUNT_AT).i32(COUNT_AT);
      access.call(code, "i32.load", 0).i32(1).do("i32.add");
      access.call(code, "i32.store", 0);
    };
    vi.spyOn(WasmCode.prototype, "access").mockImplementation(function (this: WasmCode, operation, offset) {
      const address = spare(this, "address", "i32");
      const type = operation.split(".")[0] as ValueType;
      const stored = operation.includes("store") ? spare(this, type, type) : undefined;
      if (stored !== undefined) this.set(stored);
      this.tee(address).get(address).i32(offset).do("i32.add");
      mix(this);
      if (stored !== undefined) this.get(stored);
      return access.call(this, operation, offset);
    });
    vi.spyOn(WasmCode.prototype, "call").mockImplementation(function (this: WasmCode, index) {
      this.i32(index);
      mix(this);
      return call.call(this, index);
    });
    /** Of the condition on the stack, which stays there. */
    const mixCondition = (code: WasmCode): void => {
      const condition = spare(code, "condition", "i32");
      code.tee(condition).get(condition);
      mix(code);
    };
    vi.spyOn(WasmCode.prototype, "when").mockImplementation(function (this: WasmCode, body) {
      mixCondition(this);
      return when.call(this, body);
    });
    vi.spyOn(WasmCode.prototype, "either").mockImplementation(function (this: WasmCode, body, otherwise) {
      mixCondition(this);
      return either.call(this, body, otherwise);
    });
    vi.spyOn(WasmCode.prototype, "doWhile").mockImplementation(function (this: WasmCode, body) {
      return doWhile.call(this, () => {
        body();
        mixCondition(this);
      });
    });
    const kernel = instantiate(name);
    vi.restoreAllMocks();
    return kernel;
  }

  describe.each(KERNEL_NAMES)("the %s kernel", (name) => {
    const kernel = instantiateTraced(name);
    const words = new Uint32Array(kernel.memory.buffer);
    const curve: CurveBackend = createWasmBackend(name, kernel, createNobleBackend());
    const random = seededRandom(`traced ${name}`);
    const points = Array.from({ length: 20 }, () => curve.ristrettoFromHash(random.bytes(64)));
    const tables = [2, 20].map((size) => curve.prepareTable(points.slice(0, size)));
    for (const table of tables) curve.fixedMsmSecret(table, []);

    const trace = (run: () => void): string => {
      [words[COUNT_AT / 4], words[MIX_AT / 4]] = [0, 0];
      run();
      return `${words[COUNT_AT / 4]} ${words[MIX_AT / 4]}`;
    };
    const tracesOf = (run: (scalars: readonly Scalar[]) => void): Set<string> => {
      const kinds: (() => Scalar)[] = [
        () => ZERO_SCALAR,
        ...[1n, -1n, 2n ** 252n, 8n, BigInt(`0x0${"8".repeat(62)}`), BigInt(`0x0${"7".repeat(62)}`), 2n ** 251n].map(
          (value) => () => scalarOf(value),
        ),
        ...Array.from({ length: 6 }, () => () => reduceScalar(random.bytes(64))),
      ];
      return new Set(kinds.map((make) => trace(() => run(points.map(make)))));
    };

    it("is the same, address by address, whatever the scalars are", () => {
      expect(tracesOf((scalars) => curve.fixedMsmSecret(tables[0]!, scalars.slice(0, 1))).size).toBe(1);
      expect(tracesOf((scalars) => curve.fixedMsmSecret(tables[0]!, scalars.slice(0, 2))).size).toBe(1);
      expect(tracesOf((scalars) => curve.fixedMsmSecret(tables[1]!, scalars)).size).toBe(1);
      expect(tracesOf((scalars) => curve.msmSecret(points, scalars)).size).toBe(1);
      const halfOf = (scalars: readonly Scalar[]) => scalars.map((scalar, index) => (index % 3 === 0 ? scalar : undefined)); // prettier-ignore
      expect(tracesOf((scalars) => curve.fixedMsmSecret(tables[1]!, halfOf(scalars))).size).toBe(1);
    });

    it("is the same for multiples of Edwards points", () => {
      const encoding = curve.edwardsBaseMultiplySecret(scalarOf(3n));
      expect(tracesOf(([scalar]) => curve.edwardsBaseMultiplySecret(scalar!)).size).toBe(1);
      expect(tracesOf(([scalar]) => curve.edwardsMultiplySecret(encoding, scalar!)).size).toBe(1);
    });

    it("is the same for key agreements of one-time secrets, whatever scalar and coordinate are", () => {
      const edges = [new Uint8Array(32), new Uint8Array(32).fill(255), ...Array.from({ length: 32 }, (_, index) => number(2n ** BigInt(8 * index + (index & 7))))]; // prettier-ignore
      const us = [new Uint8Array(32), number(9n), number(FIELD_ORDER - 1n), number(2n ** 255n - 1n), random.bytes(32)];
      const traces = edges.flatMap((scalar) => us.map((u) => trace(() => curve.x25519Secret(scalar, u))));
      traces.push(...edges.map(() => trace(() => curve.x25519Secret(random.bytes(32), random.bytes(32)))));
      expect(new Set(traces).size).toBe(1);
      // 255 steps with 18 sums and products each at the least.
      expect(Number(traces[0]!.split(" ")[0])).toBeGreaterThan(255 * 18);
      const ofBatches = edges.map((scalar) => trace(() => curve.x25519Batch(scalar, number(9n))));
      expect(new Set(ofBatches).size).toBeGreaterThan(edges.length / 2);
    });

    it("is the same for numbers modulo ℓ and for hashes that become such numbers", () => {
      const ofHashes = [0, 1, 127, 255].map((byte) => trace(() => curve.scalars.reduceWide(new Uint8Array(64).fill(byte)))); // prettier-ignore
      for (let round = 0; round < 8; round++) ofHashes.push(trace(() => curve.scalars.reduceWide(random.bytes(64))));
      expect(new Set(ofHashes).size).toBe(1);
      expect(tracesOf(([a, b, c]) => curve.scalars.multiplyAdd(a!, b!, c!)).size).toBe(1);
      expect(tracesOf(([a, b]) => curve.scalars.subtract(a!, b!)).size).toBe(1);
    });

    it("is the same for encodings of points that come of secrets", () => {
      const multiples = [0n, 1n, -1n, 2n ** 252n].map((factor) => curve.msmSecret([points[0]!], [scalarOf(factor)]));
      for (let round = 0; round < 8; round++) multiples.push(curve.msmSecret([points[0]!], [reduceScalar(random.bytes(64))])); // prettier-ignore
      expect(new Set(multiples.map((point) => trace(() => curve.ristrettoEncode([point])))).size).toBe(1);
    });

    it("is the same whatever the signs are, and whatever public scalars then meet", () => {
      const table = curve.prepareSigns(points);
      const runs = [[0, 4, 12], [8, 0, 8], [4, 16, 4]].map(([sign, point, count]) => [{ sign: sign!, point: point!, count: count! }]); // prettier-ignore
      const scalars = [ZERO_SCALAR, scalarOf(-1n), reduceScalar(random.bytes(64)), reduceScalar(random.bytes(64))];
      const ofSigns = (signs: Uint8Array): string =>
        trace(() => {
          const sums = curve.signSums(table, signs, runs);
          curve.msm(sums, scalars.slice(1));
          curve.fixedMsm(tables[1]!, scalars, sums, scalars.slice(1));
        });
      ofSigns(new Uint8Array(20));
      const kinds = [0, 1].map((sign) => new Uint8Array(20).fill(sign));
      const others = Array.from({ length: 12 }, () => random.bytes(20).map((byte) => byte & 1));
      expect(new Set([...kinds, ...others].map(ofSigns)).size).toBe(1);
    });

    it("is the same for public scalars that meet identities and equal points", () => {
      const [zero, one] = [curve.msm([], []), points[0]!];
      const scalars = points.slice(0, 4).map(() => reduceScalar(random.bytes(64)));
      const ofPoints = (own: readonly Point[]): string => trace(() => curve.msm(own, scalars));
      const kinds = [points.slice(0, 4), [zero, zero, zero, zero], [one, one, one, one], [one, zero, points[1]!, one]];
      expect(new Set(kinds.map(ofPoints)).size).toBe(1);
      const many = Array.from({ length: 400 }, (_, index) => points[index % 20]!);
      const ofMany = Array.from({ length: 400 }, () => reduceScalar(random.bytes(64)));
      const [mixed, all] = [many, many.map(() => zero)].map((own) => trace(() => curve.msm(own, ofMany)));
      expect(all).toBe(mixed);
    });

    it("is the same for whole range proofs of other amounts, blinding factors and randomness", () => {
      const challenges = Array.from({ length: 12 }, () => reduceScalar(random.bytes(64)));
      const scripted = scriptedChallenges(curve, challenges);
      const ofWitness = (values: readonly bigint[]): string => {
        const prove = (): void => {
          scripted.restart();
          const blindings = values.map(() => reduceScalar(random.bytes(64)));
          proveRange(scripted.curve, { chainId: 1, context: random.bytes(32), values, blindings }, random);
        };
        // All tables are made anew, for those of a proof have their places after them.
        words[TABLES_AT / 4] = 0;
        prove();
        return trace(prove);
      };
      const ends = [0n, 2n ** 64n - 1n];
      // What serves all proofs is made by the first ones.
      for (const values of [[1n], ends]) ofWitness(values);
      const amounts = [...ends, 1n, 2n ** 63n, 0x5555_5555_5555_5555n, 123_456_789n];
      expect(new Set(amounts.map((value) => ofWitness([value]))).size).toBe(1);
      expect(new Set([ends, ends.toReversed(), [7n, 7n]].map(ofWitness)).size).toBe(1);
      const before = ofWitness([5n]);
      challenges[3] = reduceScalar(random.bytes(64));
      expect(ofWitness([5n])).not.toBe(before);
    });

    it("is seen to hang on scalars where it may: in public sums", () => {
      expect(tracesOf((scalars) => curve.msm(points, scalars)).size).toBeGreaterThan(8);
      expect(tracesOf((scalars) => curve.fixedMsm(tables[1]!, scalars)).size).toBeGreaterThan(8);
    });
  });
});
