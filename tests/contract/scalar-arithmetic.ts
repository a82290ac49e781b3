import { describe, expect, it } from "vitest";
import { from, still } from "../../src/core/crypto/backend/scalar-place.ts";
import { ScalarProgram } from "../../src/core/crypto/backend/scalar-program.ts";
import { SQUARINGS_MAX, type ScalarArithmetic } from "../../src/core/crypto/backend/scalar-arithmetic.ts";
import { bigintOf, GROUP_ORDER, reduceScalar, scalarOf, type Scalar } from "../../src/core/crypto/scalar.ts";
import { joinScalars, splitScalars, type ScalarVector } from "../../src/core/crypto/scalar-vector.ts";
import { seededRandom } from "../support/test-random.ts";

/** Counts below, at and beyond what a kernel takes in one pass. */
const COUNTS = [0, 1, 2, 7, 64, 255, 256, 257, 600];
const EDGES = [0n, 1n, 2n, GROUP_ORDER - 1n, GROUP_ORDER - 2n, 2n ** 252n, 2n ** 252n - 1n, 2n ** 251n];

/** What every backend must make of numbers modulo ℓ. */
export function scalarArithmeticContract(scalars: ScalarArithmetic): void {
  const random = seededRandom("scalar arithmetic");
  const number = (): bigint => bigintOf(random.bytes(64)) % GROUP_ORDER;
  /** Edges first, and then any numbers. */
  const numbers = (count: number, turn = 0): bigint[] =>
    Array.from({ length: count }, (_, index) =>
      index < 2 * EDGES.length ? EDGES[(index * (turn + 1) + turn) % EDGES.length]! : number(),
    );
  const vector = (values: readonly bigint[]): ScalarVector => joinScalars(...values.map(scalarOf));
  const read = (values: ScalarVector | Scalar): bigint[] =>
    splitScalars(values as unknown as ScalarVector).map((each) => bigintOf(each));
  const mod = (value: bigint): bigint => ((value % GROUP_ORDER) + GROUP_ORDER) % GROUP_ORDER;
  const expansion = (values: readonly bigint[], factors: readonly bigint[]): bigint[] =>
    Array.from({ length: values.length * 2 ** factors.length }, (_, k) => {
      const [index, bits] = [k % values.length, Math.floor(k / values.length)];
      return factors.reduce((sum, factor, bit) => ((bits >> bit) & 1 ? mod(sum * factor) : sum), values[index]!);
    });

  describe("modulo ℓ", () => {
    it.each(COUNTS)("works on %i numbers one by one, and on one with all", (count) => {
      const [a, b, c] = [numbers(count), numbers(count, 1), numbers(count, 2)];
      const [one, other] = [number(), number()];
      const [va, vb, vc, vOne, vOther] = [vector(a), vector(b), vector(c), scalarOf(one), scalarOf(other)];
      expect(read(scalars.add(va, vb))).toEqual(a.map((x, i) => mod(x + b[i]!)));
      expect(read(scalars.subtract(va, vb))).toEqual(a.map((x, i) => mod(x - b[i]!)));
      expect(read(scalars.multiply(va, vb))).toEqual(a.map((x, i) => mod(x * b[i]!)));
      expect(read(scalars.multiplyAdd(va, vb, vc))).toEqual(a.map((x, i) => mod(x * b[i]! + c[i]!)));
      expect(read(scalars.add(va, vOne))).toEqual(a.map((x) => mod(x + one)));
      expect(read(scalars.subtract(va, vOne))).toEqual(a.map((x) => mod(x - one)));
      expect(read(scalars.multiply(va, vOne))).toEqual(a.map((x) => mod(x * one)));
      expect(read(scalars.multiplyAdd(va, vOne, vc))).toEqual(a.map((x, i) => mod(x * one + c[i]!)));
      expect(read(scalars.multiplyAdd(va, vb, vOne))).toEqual(a.map((x, i) => mod(x * b[i]! + one)));
      expect(read(scalars.multiplyAdd(va, vOther, vOne))).toEqual(a.map((x) => mod(x * other + one)));
    });

    it.each(COUNTS)("sums and multiplies up %i numbers", (count) => {
      const [a, b] = [numbers(count), numbers(count, 1)];
      expect(read(scalars.dot(vector(a), vector(b)))).toEqual([mod(a.reduce((sum, x, i) => sum + x * b[i]!, 0n))]);
      const units = a.map((x) => (x === 0n ? 1n : x));
      expect(read(scalars.product(vector(units)))).toEqual([units.reduce((product, x) => mod(product * x), 1n)]);
      expect(read(scalars.product(vector(a)))).toEqual([a.reduce((product, x) => mod(product * x), 1n)]);
    });

    it.each(COUNTS)("inverts %i numbers, but never zero", (count) => {
      const a = numbers(count).map((x) => (x === 0n ? 3n : x));
      const inverses = scalars.invert(vector(a));
      expect(read(scalars.multiply(vector(a), inverses))).toEqual(a.map(() => 1n));
      if (count === 0) return;
      for (const place of new Set([0, count >> 1, count - 1])) {
        expect(() => scalars.invert(vector(a.with(place, 0n)))).toThrow(RangeError);
      }
    });

    it.each([1, 2, 8, SQUARINGS_MAX])("squares %i times", (count) => {
      for (const x of [...EDGES, number()]) {
        const squares = [x];
        while (squares.length < count) squares.push(mod(squares.at(-1)! ** 2n));
        expect(read(scalars.squarings(scalarOf(x), count))).toEqual(squares);
      }
    });

    it.each([
      [1, 0],
      [1, 1],
      [1, 6],
      [1, 12],
      [3, 4],
      [64, 0],
      [128, 3],
      [1_500, 0],
      [1_500, 1],
    ])("expands %i numbers by %i factors", (count, factorCount) => {
      const [values, factors] = [numbers(count), numbers(factorCount, 1)];
      const expected = expansion(values, factors);
      expect(read(scalars.expand(vector(values), vector(factors)))).toEqual(expected);
    });

    it.each([1, 7, 8, 9, 64, 250])(
      "runs a program of steps over %i numbers, forwards and backwards, two apart",
      (count) => {
        const [a, b] = [numbers(count), numbers(count, 1)];
        const program = new ScalarProgram(2 * count + 1);
        const [one, ofA, ofB] = [program.input(1), program.input(count), program.input(count)];
        const results = program.takeResults(3 * count + 3);
        const backwards = { at: from(ofB, count - 1).at, step: -ofB.step };
        const apart = { at: results.at, step: 2 * results.step };
        program.multiply(count, ofA, ofB, apart);
        program.multiplyAdd(count, ofA, backwards, still(one), { ...apart, at: from(results, 1).at });
        program.runningProducts(1, ofA, ofB, count);
        program.multiply(count, program.runningProducts(1, ofA, ofB, count), still(one), from(results, 2 * count));
        // Of all, of all with the first alone, and of all backwards.
        const sums = from(results, 3 * count);
        program.sumProducts(1, count, ofA, ofB, sums);
        program.sumProducts(2, count, ofA, { ...still(ofB), next: from(ofB, count - 1).at - ofB.at }, from(sums, 1));
        const products = a.map((x, index) => mod(x * b[index]!));
        let product = a[0]!;
        const total = mod(a.reduce((sum, x) => sum + x, 0n));
        expect(read(scalars.run(program, vector([1n, ...a, ...b])))).toEqual([
          ...a.flatMap((x, index) => [products[index]!, mod(x * b[count - 1 - index]! + 1n)]),
          ...b.map((y) => (product = mod(product * y))),
          mod(products.reduce((sum, each) => sum + each, 0n)),
          mod(total * b[0]!),
          mod(total * b.at(-1)!),
        ]);
      },
    );

    it("runs a program anew each time, and gives numbers of the caller's own", () => {
      const program = new ScalarProgram(2);
      const [a, b] = [program.input(1), program.input(1)];
      const result = program.takeResults(1);
      program.multiplyAdd(1, a, b, result, result);
      for (let turn = 0; turn < 3; turn++) {
        const results = scalars.run(program, vector([5n, 7n + BigInt(turn)]));
        expect(read(results)).toEqual([35n + 5n * BigInt(turn)]);
        results.fill(0xff);
      }
      expect(() => program.input(1)).toThrow(RangeError);
    });

    it("sums the largest numbers there are, more than one pass takes", () => {
      const [count, top] = [300, GROUP_ORDER - 1n];
      const all = vector(Array.from({ length: count }, () => top));
      expect(read(scalars.dot(all, all))).toEqual([mod(BigInt(count) * top * top)]);
    });

    it.each([
      [0, 3],
      [2, 1],
      [3, 8],
      [300, 64],
    ])("squares %i numbers %i times", (n, count) => {
      const squares = numbers(n);
      for (let index = 0; squares.length < n * count; index++) squares.push(mod(squares[index]! ** 2n));
      expect(read(scalars.squarings(vector(squares.slice(0, n)), count))).toEqual(squares);
    });

    it("powers are an expansion of squarings", () => {
      const base = number();
      const powers = scalars.expand(scalarOf(1n), scalars.squarings(scalarOf(base), 5));
      expect(read(powers)).toEqual(Array.from({ length: 32 }, (_, k) => mod(base ** BigInt(k))));
    });

    it.each(COUNTS)("[PR-1] reads %i hashes modulo ℓ", (count) => {
      const wide = random.bytes(64 * count);
      wide.fill(255, 0, 64);
      wide.fill(0, 64, 128);
      const expected = Array.from({ length: count }, (_, index) => wide.subarray(64 * index, 64 * index + 64));
      expect(splitScalars(scalars.reduceWide(wide))).toEqual(expected.map(reduceScalar));
    });

    it("obeys the laws of a field", () => {
      const [a, b, c] = [vector(numbers(200)), vector(numbers(200, 1)), vector(numbers(200, 2))];
      type Combine = (x: ScalarVector, y: ScalarVector) => ScalarVector;
      const add: Combine = (x, y) => scalars.add(x, y);
      const multiply: Combine = (x, y) => scalars.multiply(x, y);
      expect(multiply(a, b)).toEqual(multiply(b, a));
      expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
      expect(multiply(multiply(a, b), c)).toEqual(multiply(a, multiply(b, c)));
      expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
      expect(add(scalars.subtract(a, b), b)).toEqual(a);
      expect(scalars.multiplyAdd(a, b, c)).toEqual(add(multiply(a, b), c));
      expect(scalars.dot(a, add(b, c))).toEqual(scalars.add(scalars.dot(a, b), scalars.dot(a, c)));
    });

    it("leaves its operands as they are", () => {
      const [a, b] = [vector(numbers(20)), vector(numbers(20, 1))];
      const before = [a.slice(), b.slice()];
      scalars.multiplyAdd(a, b, a);
      scalars.squarings(a, 3);
      scalars.dot(a, b);
      expect([a, b]).toEqual(before);
    });

    it("takes sizes that do not match for our own mistake", () => {
      const [one, two, three] = [scalarOf(1n), vector([1n, 2n]), vector([1n, 2n, 3n])];
      const bytes = (size: number): ScalarVector => new Uint8Array(size) as ScalarVector;
      for (const operation of ["add", "subtract", "multiply"] as const) {
        expect(() => scalars[operation](three, two)).toThrow(RangeError);
        expect(() => scalars[operation](one, two)).toThrow(RangeError);
        expect(() => scalars[operation](bytes(33), one)).toThrow(RangeError);
        expect(() => scalars[operation](three, bytes(31))).toThrow(RangeError);
      }
      expect(() => scalars.multiplyAdd(three, three, two)).toThrow(RangeError);
      expect(() => scalars.multiplyAdd(three, two, three)).toThrow(RangeError);
      expect(() => scalars.dot(three, two)).toThrow(RangeError);
      expect(() => scalars.dot(bytes(33), bytes(33))).toThrow(RangeError);
      expect(() => scalars.product(bytes(63))).toThrow(RangeError);
      for (const count of [0, -1, 1.5, SQUARINGS_MAX + 1]) {
        expect(() => scalars.squarings(one, count)).toThrow(RangeError);
      }
      expect(() => scalars.squarings(bytes(33), 2)).toThrow(RangeError);
      expect(() => scalars.expand(bytes(33), two)).toThrow(RangeError);
      expect(() => scalars.expand(one, bytes(33))).toThrow(RangeError);
      const program = new ScalarProgram(2);
      for (const inputs of [one as unknown as ScalarVector, three, bytes(63)]) {
        expect(() => scalars.run(program, inputs)).toThrow(RangeError);
      }
      expect(() => scalars.invert(bytes(33))).toThrow(RangeError);
      expect(() => scalars.reduceWide(bytes(96))).toThrow(RangeError);
    });
  });
}
