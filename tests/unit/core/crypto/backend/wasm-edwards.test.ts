import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it, vi } from "vitest";
import { concatBytes } from "../../../../../src/core/bytes/concat-bytes.ts";
import { formatHex, parseHex } from "../../../../../src/core/bytes/hex.ts";
import type { CurveBackend, Point } from "../../../../../src/core/crypto/backend/curve-backend.ts";
import { fromNoble } from "../../../../../src/core/crypto/backend/edwards-coordinates.ts";
import { EdwardsMemory } from "../../../../../src/core/crypto/backend/edwards-memory.ts";
import { buildKernel } from "../../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { EDWARDS_END, TABLES_AT } from "../../../../../src/core/crypto/backend/kernel/edwards-layout.ts";
import { KERNEL_NAMES, type KernelName } from "../../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { knownPoints } from "../../../../../src/core/crypto/backend/known-answers.ts";
import type { EdwardsPoint } from "../../../../../src/core/crypto/backend/noble-edwards.ts";
import { createNobleBackend } from "../../../../../src/core/crypto/backend/noble-backend.ts";
import { createWasmBackend, type Kernel } from "../../../../../src/core/crypto/backend/wasm-backend.ts";
import { bigintOf, GROUP_ORDER, reduceScalar, scalarOf, type Scalar } from "../../../../../src/core/crypto/scalar.ts";
import { runs } from "../../../../support/run-counts.ts";
import { seededRandom } from "../../../../support/test-random.ts";

const noble = createNobleBackend();
const FIELD_ORDER = 2n ** 255n - 19n;
const random = seededRandom("points of kernels");

function open(name: KernelName) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(name) as BufferSource));
  const kernel = exports as unknown as Kernel;
  const curve: CurveBackend = createWasmBackend(name, kernel, noble);
  return { curve, kernel, memory: new Uint8Array(kernel.memory.buffer), edwardsMemory: new EdwardsMemory(kernel) };
}

const number = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, byte) => Number((value >> BigInt(8 * byte)) & 255n));

/** As fromNoble takes them, of any point or of none. */
const coordinatesOf = (...[X, Y, Z, T]: readonly bigint[]): EdwardsPoint => ({ X, Y, Z, T }) as unknown as EdwardsPoint;

/** Encodings that are none, most of them, with noble's verdict: random, at limbs' edges and around p, of small order. */
function candidates(): readonly (readonly [Uint8Array, boolean])[] {
  const all: Uint8Array[] = [];
  for (let near = -40n; near <= 40n; near++) all.push(number(FIELD_ORDER + near), number(2n ** 255n + near));
  const edges = knownPoints();
  for (let at = 0; at < edges.length; at += 32) {
    const value = bigintOf(edges.slice(at, at + 32)) % 2n ** 255n;
    all.push(number(value), number(value & ~1n), number(FIELD_ORDER - (value % FIELD_ORDER)));
  }
  while (all.length < runs(20_000, 200_000)) {
    const bytes = random.bytes(32);
    bytes[0]! &= 0xfe;
    bytes[31]! &= 0x7f;
    all.push(bytes);
  }
  return all.map((bytes) => [bytes, noble.ristrettoDecode(bytes) !== undefined]);
}

/** Elements with their encodings by noble: a walk from a random one, and negatives of all. */
function elements(): Uint8Array {
  const [step, start] = [noble.ristrettoFromHash(random.bytes(64)), noble.ristrettoFromHash(random.bytes(64))];
  const one = scalarOf(1n);
  const points: Point[] = [start];
  while (points.length < runs(5_000, 250_000)) points.push(noble.msm([points.at(-1)!, step], [one, one]));
  return noble.ristrettoEncode(points);
}

const tried = candidates();
const valid = concatBytes(...tried.filter(([, isValid]) => isValid).map(([bytes]) => bytes), elements());
const encodingsOf = (bytes: Uint8Array): string[] =>
  Array.from({ length: bytes.length / 32 }, (_, index) => formatHex(bytes.subarray(32 * index, 32 * index + 32)));

describe.each(KERNEL_NAMES)("points of the %s kernel", (name) => {
  const { curve, kernel, memory, edwardsMemory } = open(name);

  it("[EN-5] decodes what noble decodes, and nothing else", () => {
    let compared = 0;
    for (const [bytes, isValid] of tried) {
      const point = curve.ristrettoDecode(bytes);
      expect(point !== undefined, formatHex(bytes)).toBe(isValid);
      if (point !== undefined) expect(curve.ristrettoEncode(point)).toEqual(bytes);
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(20_000);
  });

  it("[EN-5] encodes points as noble does, whatever their coordinates", () => {
    const points = curve.ristrettoDecode(valid)!;
    expect(encodingsOf(curve.ristrettoEncode(points))).toEqual(encodingsOf(valid));
    // Through other coordinates and back: P + Q − Q, and −(−P).
    const [one, minusOne] = [scalarOf(1n), scalarOf(-1n)];
    const other = curve.ristrettoFromHash(random.bytes(64));
    const moved = points.map((point) => curve.msm([point, other, other], [one, one, minusOne]));
    const negated = points.map((point) => curve.msm([point], [minusOne]));
    const back = negated.map((point) => curve.msm([point], [minusOne]));
    for (const list of [moved, back]) expect(encodingsOf(curve.ristrettoEncode(list))).toEqual(encodingsOf(valid));
    // The negative of an element is another one, unless it is the identity.
    const [plain, turned] = [encodingsOf(valid), encodingsOf(curve.ristrettoEncode(negated))];
    expect(plain.every((each, index) => (each === turned[index]) === /^0+$/.test(each))).toBe(true);
    expect(3 * points.length).toBeGreaterThanOrEqual(20_000);
  });

  it("[AD-1] multiplies Edwards points as noble does, small order and all", () => {
    // A point of order 8, and the last one a point of prime order plus it.
    const small = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    const mixed = ed25519.Point.BASE.multiply(7n).add(ed25519.Point.fromHex(small, false)).toBytes();
    const encodings = [noble.edwardsBaseMultiplySecret(scalarOf(5n)), parseHex(small), mixed, number(1n)];
    for (const factor of [
      0n,
      1n,
      -1n,
      2n,
      7n,
      8n,
      2n ** 252n,
      ...Array.from({ length: 40 }, () => bigintOf(random.bytes(64))),
    ]) {
      const scalar = scalarOf(factor);
      for (const encoding of encodings) {
        expect(curve.edwardsMultiplySecret(encoding, scalar)).toEqual(noble.edwardsMultiplySecret(encoding, scalar));
      }
      expect(curve.edwardsBaseMultiplySecret(scalar)).toEqual(noble.edwardsBaseMultiplySecret(scalar));
    }
    expect(() => curve.edwardsMultiplySecret(number(2n), scalarOf(1n))).toThrow(RangeError);
  });

  it("takes the four representatives of zero for the identity, a point without Z for none", () => {
    const isIdentity = (...coordinates: readonly bigint[]): boolean =>
      curve.isIdentity(fromNoble(kernel, edwardsMemory, coordinatesOf(...coordinates)) as unknown as Point);
    const root = ed25519.Point.Fp.sqrt(FIELD_ORDER - 1n);
    for (const z of [1n, 7n]) {
      expect(isIdentity(0n, z, z, 0n)).toBe(true);
      expect(isIdentity(0n, FIELD_ORDER - z, z, 0n)).toBe(true);
      expect(isIdentity((root * z) % FIELD_ORDER, 0n, z, 0n)).toBe(true);
      expect(isIdentity(FIELD_ORDER - ((root * z) % FIELD_ORDER), 0n, z, 0n)).toBe(true);
    }
    expect(curve.isIdentity(curve.ristrettoBase())).toBe(false);
    for (const [x, y] of [[0n, 0n], [0n, 1n], [1n, 0n]] as const) expect(isIdentity(x, y, 0n, 0n)).toBe(false); // prettier-ignore
    const nothing = edwardsMemory.readPoint(edwardsMemory.take(edwardsMemory.pointSize));
    edwardsMemory.wipe();
    expect(curve.isIdentity(nothing as unknown as Point)).toBe(false);
  });

  it("refuses points of another backend", () => {
    const [own, others, one] = [curve.ristrettoBase(), noble.ristrettoBase(), scalarOf(1n)];
    const short = new Float64Array(edwardsMemory.pointSize / 8 - 1) as unknown as Point;
    for (const foreign of [others, short]) {
      expect(() => curve.msm([own, foreign], [one, one])).toThrow(RangeError);
      expect(() => curve.msmSecret([own, foreign], [one, one])).toThrow(RangeError);
      expect(() => curve.fixedMsm(curve.prepareTable([own, foreign]), [one])).toThrow(RangeError);
      expect(() => curve.ristrettoEncode([own, foreign])).toThrow(RangeError);
      expect(() => curve.isIdentity(foreign)).toThrow(RangeError);
    }
  });

  it.each([1, 400])("[PR-9] refuses what is no scalar, and leaves nothing of it: %i points", (count) => {
    const points = Array.from({ length: count }, () => curve.ristrettoBase());
    const table = curve.prepareTable(points);
    const clean = new Uint8Array(TABLES_AT);
    const sized = (size: number, top: number): Scalar => new Uint8Array(size).fill(0xa5, 0, -1).fill(top, -1) as Scalar;
    const wrong = [sized(31, 1), sized(33, 1), sized(40, 0), sized(0, 0), sized(32, 0x20), sized(32, 0xff)];
    for (const last of wrong) {
      const scalars = [...points.slice(1).map(() => scalarOf(5n)), last];
      for (const sum of [
        () => curve.msm(points, scalars),
        () => curve.msmSecret(points, scalars),
        () => curve.fixedMsm(table, scalars),
        () => curve.fixedMsmSecret(table, scalars),
        () => curve.fixedMsmSeries(table, scalars, { places: scalars.map((_, place) => place), step: 0, count: 1 }),
        () => curve.edwardsBaseMultiplySecret(last),
        () => curve.edwardsMultiplySecret(ed25519.Point.BASE.toBytes(), last),
      ]) {
        expect(sum).toThrow(RangeError);
        expect(Buffer.compare(memory.subarray(0, TABLES_AT), clean)).toBe(0);
      }
    }
    // The largest there is.
    expect(() => curve.msm([points[0]!], [scalarOf(-1n)])).not.toThrow();
  });

  describe("sums", () => {
    const digitsOf = (width: number, digit: bigint): bigint => {
      let value = 0n;
      for (let bit = 0; bit + width <= 252; bit += width) value += digit << BigInt(bit);
      return value;
    };
    /** Digits all at an end of every window there is, and numbers around where scalars are shortened. */
    const edges: readonly bigint[] = [
      ...[0n, 1n, -1n, 2n, 2n ** 252n, 2n ** 251n - 1n, 2n ** 251n, 2n ** 251n + 1n, GROUP_ORDER / 2n, 2n ** 252n - 1n],
      ...[2, 3, 4, 5, 6, 7, 8, 9].flatMap((width) =>
        [2n ** BigInt(width - 1), 2n ** BigInt(width - 1) - 1n, 2n ** BigInt(width) - 1n, 1n].map((digit) =>
          digitsOf(width, digit),
        ),
      ),
      ...[64n, 128n, 192n].flatMap((bit) => [2n ** bit - 1n, -(2n ** bit) - 1n, GROUP_ORDER - 2n ** bit]),
    ];
    /** Multiples of the generator, their factors known: the identity, equal points and negatives among them. */
    const factors = [0n, 1n, -1n, 1n, 2n, -2n, ...Array.from({ length: 58 }, () => bigintOf(random.bytes(40)))];
    const nobleBase = noble.ristrettoBase();
    const points = curve.ristrettoDecode(
      noble.ristrettoEncode(factors.map((factor) => noble.msm([nobleBase], [scalarOf(factor)]))),
    )!;
    const take = (count: number): Point[] =>
      Array.from({ length: count }, (_, index) => points[index % points.length]!);
    const scalarsFor = (count: number, kind: "random" | "edges" | "short"): Scalar[] =>
      Array.from({ length: count }, (_, index) => {
        if (kind === "short") return scalarOf(index % 3 === 0 ? -1n : BigInt(index % 5));
        return kind === "edges" && index % 3 !== 2
          ? scalarOf(edges[(index + Math.floor(index / edges.length)) % edges.length]!)
          : reduceScalar(random.bytes(64));
      });
    const expected = (scalars: readonly Scalar[]): string => {
      const sum = scalars.reduce((total, each, index) => total + bigintOf(each) * factors[index % factors.length]!, 0n);
      return formatHex(noble.ristrettoEncode([noble.msm([nobleBase], [scalarOf(sum)])]));
    };
    const encode = (point: Point): string => formatHex(curve.ristrettoEncode([point]));

    const SIZES = [
      0, 1, 2, 3, 4, 5, 31, 32, 33, 64, 130, 255, 256, 257, 349, 350, 351, 600, 1_025, 2_050, 2_304, 2_305,
    ];

    it("are tried with 20,000 points and scalars each", () => {
      expect(3 * SIZES.reduce((total, count) => total + count)).toBeGreaterThanOrEqual(20_000);
    });

    it.each(SIZES)("of %i points are right in every way there is", (count) => {
      const own = take(count);
      const table = curve.prepareTable(own);
      for (const kind of ["random", "edges", "short"] as const) {
        const scalars = scalarsFor(count, kind);
        const sum = expected(scalars);
        expect(encode(curve.msm(own, scalars)), `msm ${kind}`).toBe(sum);
        expect(encode(curve.fixedMsm(table, scalars)), `fixedMsm ${kind}`).toBe(sum);
        for (const cut of [0, 1, count >> 1, count]) {
          const mixed = curve.fixedMsm(table, scalars.slice(0, cut), own.slice(cut), scalars.slice(cut));
          expect(encode(mixed), `fixedMsm ${kind}, ${cut} fixed`).toBe(sum);
        }
        expect(encode(curve.msmSecret(own, scalars)), `msmSecret ${kind}`).toBe(sum);
        expect(encode(curve.fixedMsmSecret(table, scalars)), `fixedMsmSecret ${kind}`).toBe(sum);
        const part = scalars.slice(0, count >> 1);
        expect(encode(curve.fixedMsmSecret(table, part)), `fixedMsmSecret ${kind}, half`).toBe(expected(part));
      }
    });

    const SERIES_TABLES = [64, 257, 1_025, 4_099, 9_001];

    it.each(SERIES_TABLES)("of a series are right, over a table of %i points", (count) => {
      const table = curve.prepareTable(take(count));
      let compared = 0;
      for (let round = 0; round < 30; round++) {
        const kind = (["random", "edges", "short"] as const)[round % 3]!;
        const scalars = scalarsFor(27, kind);
        const places = scalars.map((_, index) => (index * index * 7) % (count - 12));
        const sums = curve.fixedMsmSeries(table, scalars, { places, step: 3, count: 5 });
        compared += sums.length * scalars.length;
        sums.forEach((sum, index) => {
          const spread: Scalar[] = Array.from({ length: factors.length }, () => scalarOf(0n));
          places.forEach((place, at) => {
            const own = (place + 3 * index) % factors.length;
            spread[own] = scalarOf(bigintOf(spread[own]!) + bigintOf(scalars[at]!));
          });
          expect(encode(sum), `${kind}, sum ${index}`).toBe(expected(spread));
        });
      }
      expect(SERIES_TABLES.length * compared).toBeGreaterThanOrEqual(20_000);
    });

    it("of signs are right, whichever they are", () => {
      const table = curve.prepareSigns(take(64));
      let compared = 0;
      while (compared < runs(20_000, 4_000_000)) {
        const signs = random.bytes(128).map((byte) => byte & 1);
        const sums = Array.from({ length: 50 }, () =>
          Array.from({ length: 1 + (random.bytes(1)[0]! % 3) }, () => {
            const [sign, point, count] = random.bytes(3) as unknown as [number, number, number];
            return { sign: 4 * (sign % 16), point: 4 * (point % 8), count: 4 + 4 * (count % 8) };
          }),
        );
        const spread = sums.map((own) => {
          const total = new Array<bigint>(64).fill(0n);
          for (const { sign, point, count } of own) {
            for (let index = 0; index < count; index++) total[point + index]! += signs[sign + index] === 1 ? 1n : -1n;
          }
          return total.map(scalarOf);
        });
        expect(curve.signSums(table, signs, sums).map(encode)).toEqual(spread.map(expected));
        for (const own of sums) compared += own.reduce((total, { count }) => total + count, 0);
      }
    });

    it("stay right when tables push each other out of the kernel's memory", () => {
      const tables = Array.from({ length: 40 }, (_, index) => curve.prepareTable(take(1 + ((37 * index) % 140))));
      for (let round = 0; round < 2; round++) {
        for (const table of tables) {
          const scalars = scalarsFor(table.size, "random");
          expect(encode(curve.fixedMsm(table, scalars))).toBe(expected(scalars));
          expect(encode(curve.fixedMsmSecret(table, scalars))).toBe(expected(scalars));
          const places = scalars.map((_, index) => index);
          expect(curve.fixedMsmSeries(table, scalars, { places, step: 1, count: 1 }).map(encode)).toEqual([expected(scalars)]); // prettier-ignore
        }
      }
    });

    it("with secret scalars over many points push nothing else out of the kernel's memory", () => {
      const { kernel: fresh } = open(name);
      const double = vi.fn((point: number, to: number) => fresh.double(point, to));
      const own = createWasmBackend(name, { ...fresh, double }, noble);
      const decoded = own.ristrettoDecode(curve.ristrettoEncode(take(18)))!;
      const bases = own.prepareTable(decoded.slice(0, 2));
      const scalars = scalarsFor(18, "random");
      own.fixedMsmSecret(bases, scalars.slice(0, 2));
      expect(double).toHaveBeenCalled();
      double.mockClear();
      const ones = own.prepareTable(decoded);
      for (let taken = 0; taken < EDWARDS_END; taken += 18 * 8 * edwardsMemory.pointSize) {
        own.fixedMsmSecret(own.prepareTable(decoded.slice().reverse()), []);
        const sum = own.fixedMsmSecret(ones, scalars);
        if (taken === 0) expect(formatHex(own.ristrettoEncode([sum]))).toBe(expected(scalars));
      }
      own.fixedMsmSecret(bases, scalars.slice(0, 2));
      expect(double).not.toHaveBeenCalled();
    });

    it("stay right when all of the kernel's memory is wiped, or something does not fit into it", () => {
      const [few, many] = [curve.prepareTable(take(3)), curve.prepareTable(take(40))];
      const signed = curve.prepareSigns(take(8));
      for (let round = 0; round < 3; round++) {
        const [sum] = curve.signSums(signed, new Uint8Array(8).fill(1), [[{ sign: 0, point: 0, count: 8 }]]);
        expect(encode(sum!)).toBe(expected(Array.from({ length: 8 }, () => scalarOf(1n))));
        for (const table of [few, many]) {
          const scalars = scalarsFor(table.size, "random");
          expect(encode(curve.fixedMsm(table, scalars))).toBe(expected(scalars));
          expect(encode(curve.fixedMsmSecret(table, scalars))).toBe(expected(scalars));
        }
        if (round === 0) memory.fill(0);
        else expect(() => edwardsMemory.take(TABLES_AT)).toThrow(RangeError);
        edwardsMemory.wipe();
        expect(() => edwardsMemory.takeTable(EDWARDS_END - TABLES_AT)).toThrow(RangeError);
      }
    });

    it("[PR-9] leave nothing in memory but tables, not even where they fail", () => {
      const own = take(300);
      const scalars = scalarsFor(300, "random");
      const isClean = (): boolean => memory.subarray(0, TABLES_AT).every((byte) => byte === 0);
      const table = curve.prepareTable(own);
      curve.fixedMsmSecret(table, scalars);
      curve.msmSecret(own, scalars);
      expect(isClean()).toBe(true);
      curve.msm([...own, ...own], [...scalars, ...scalars]);
      curve.fixedMsm(table, scalars, own, scalars);
      expect(isClean()).toBe(true);
      curve.isIdentity(own[0]!);
      curve.ristrettoDecode(curve.ristrettoEncode(own));
      curve.ristrettoFromHash(new Uint8Array(64));
      curve.edwardsMultiplySecret(curve.edwardsBaseMultiplySecret(scalars[0]!), scalars[1]!);
      expect(isClean()).toBe(true);
      const signed = curve.prepareSigns(own);
      curve.signSums(signed, random.bytes(300).map((byte) => byte & 1), [[{ sign: 0, point: 0, count: 300 }]]); // prettier-ignore
      curve.fixedMsmSeries(table, scalars.slice(0, 9), { places: [0, 1, 2, 3, 4, 5, 6, 7, 8], step: 9, count: 30 });
      expect(isClean()).toBe(true);
      const broken = [...scalars.slice(0, 2), null as unknown as Scalar];
      expect(() => curve.msmSecret(own.slice(0, 3), broken)).toThrow();
      expect(() => curve.fixedMsmSecret(table, broken)).toThrow();
      expect(isClean()).toBe(true);
    });
  });
});
