import { isZeroBytes } from "../../bytes/compare-bytes.ts";
import { GROUP_ORDER, SCALAR_SIZE, scalarOf, type Scalar } from "../scalar.ts";
import { joinScalars, scalarAt, scalarCount, sliceScalars, type ScalarVector } from "../scalar-vector.ts";
import { ORDER_MEMORY_SIZE } from "./kernel/kernel-layout.ts";
import {
  requireInputs,
  requireOperand,
  requireSquarings,
  wideCount,
  type ScalarArithmetic,
} from "./scalar-arithmetic.ts";
import { ScalarMemory, SUM_MAX, type OrderKernel } from "./scalar-memory.ts";
import { from, still, ZERO_PLACE, type Place } from "./scalar-place.ts";

type Operand = Scalar | ScalarVector;

const ZERO = scalarOf(0n);
const ONE = scalarOf(1n);
const MINUS_ONE = scalarOf(-1n);
/** What the upper half of a wide number counts in. */
const HALF = scalarOf(2n ** 256n);
/** Numbers of one pass through the kernel. */
const PASS_MAX = 256;
/** Numbers that an expansion may reach inside the kernel. */
const EXPANSION_MAX = 1_024;
/** Numbers in the kernel's memory at once. */
const ROOM = ORDER_MEMORY_SIZE / SCALAR_SIZE - 1;
/** Bits of an exponent that one product brings in, at most; the first and the last of them are ones. */
const WINDOW_BITS = 4;
/** A number to the power of ℓ − 2 is its inverse. */
const INVERSION_STEPS = powerSteps(GROUP_ORDER - 2n);

/** Arithmetic modulo ℓ in a WebAssembly kernel, in fixed time. The kernel's memory is wiped after each pass. */
export function createWasmScalars(kernel: OrderKernel): ScalarArithmetic {
  const memory = new ScalarMemory(kernel);

  /** a·b + c; operands of one number meet all. */
  function combine(count: number, a: Operand, b: Operand, c: Operand): Uint8Array {
    for (const operand of [a, b, c]) requireOperand(operand, count);
    return inPasses(count, (start, size) =>
      memory.whileUsed(() => {
        const put = (values: Operand): Place =>
          values.length === SCALAR_SIZE ? still(memory.put(values)) : memory.put(part(values, start, size));
        const results = memory.take(size);
        memory.multiplyAdd(size, put(a), put(b), c === ZERO ? ZERO_PLACE : put(c), results);
        return memory.read(results, size);
      }),
    );
  }

  function expand(values: Operand, factors: ScalarVector): ScalarVector {
    const [start, total] = [scalarCount(values), scalarCount(factors)];
    let within = 0;
    while (within < total && start * 2 ** (within + 1) <= EXPANSION_MAX) within++;
    // What is too long for the kernel as it is does not even go in.
    let products = (
      within === 0
        ? values.slice()
        : memory.whileUsed(() => {
            const factor = memory.put(factors);
            const all = growFrom(memory, memory.put(values), start, factor, within);
            return memory.read(all, start * 2 ** within);
          })
    ) as ScalarVector;
    for (let index = within; index < total; index++) {
      const more = combine(scalarCount(products), products, scalarAt(factors, index), ZERO) as ScalarVector;
      products = joinScalars(products, more);
    }
    return products;
  }

  return {
    add: <T extends Operand>(a: T, b: Operand) => combine(scalarCount(a), a, ONE, b) as Operand as T,
    subtract: <T extends Operand>(a: T, b: Operand) => combine(scalarCount(a), b, MINUS_ONE, a) as Operand as T,
    multiply: <T extends Operand>(a: T, b: Operand) => combine(scalarCount(a), a, b, ZERO) as Operand as T,
    multiplyAdd: <T extends Operand>(a: T, b: Operand, c: Operand) => combine(scalarCount(a), a, b, c) as Operand as T,
    dot(a, b) {
      if (a.length !== b.length) throw new RangeError(`${b.length} bytes for ${a.length}`);
      // A copy: the caller owns what comes out.
      let sum = ZERO.slice() as Scalar;
      forPasses(
        scalarCount(a),
        (start, size) => {
          const more = memory.whileUsed(() => {
            const total = memory.take(1);
            memory.sumProducts(size, memory.put(part(a, start, size)), memory.put(part(b, start, size)), total);
            return memory.read(total, 1) as Scalar;
          });
          sum = start === 0 ? more : (combine(1, sum, ONE, more) as Scalar);
        },
        SUM_MAX,
      );
      return sum;
    },
    product(a) {
      let product = ONE.slice() as Scalar;
      forPasses(scalarCount(a), (start, size) => {
        product = memory.whileUsed(() => {
          const total = still(memory.put(product));
          memory.multiplyAdd(size, total, memory.put(part(a, start, size)), ZERO_PLACE, total);
          return memory.read(total, 1) as Scalar;
        });
      });
      return product;
    },
    squarings(a, count) {
      requireSquarings(count);
      const n = scalarCount(a);
      const squares = new Uint8Array(a.length * count);
      forPasses(
        n,
        (start, size) =>
          memory.whileUsed(() => {
            const own = memory.put(part(a, start, size));
            memory.take((count - 1) * size);
            memory.multiplyAdd((count - 1) * size, own, own, ZERO_PLACE, from(own, size));
            for (let column = 0; column < count; column++) {
              squares.set(memory.view(from(own, column * size), size), SCALAR_SIZE * (column * n + start));
            }
          }),
        Math.floor(ROOM / count),
      );
      return squares as ScalarVector;
    },
    expand,
    invert: <T extends Operand>(a: T) =>
      inPasses(scalarCount(a), (start, size) =>
        memory.whileUsed(() => invert(memory, part(a, start, size))),
      ) as Operand as T,
    reduceWide: (wide) =>
      inPasses(wideCount(wide), (start, size) =>
        memory.whileUsed(() => {
          const { at } = memory.put(wide.subarray(64 * start, 64 * (start + size)));
          const [low, high] = [
            { at, step: 64 },
            { at: at + SCALAR_SIZE, step: 64 },
          ];
          const results = memory.take(size);
          memory.multiplyAdd(size, high, still(memory.put(HALF)), low, results);
          return memory.read(results, size);
        }),
      ) as ScalarVector,
    run(program, inputs) {
      requireInputs(program, inputs);
      return memory.whileUsed(() => {
        memory.put(inputs);
        memory.take(program.size / SCALAR_SIZE - 1 - program.inputCount);
        memory.runSteps(program.words);
        return memory.read(program.results, program.results.count) as ScalarVector;
      });
    },
  };
}

/** The numbers `start` … `start` + `size` − 1. */
function part(values: Operand, start: number, size: number): ScalarVector {
  return sliceScalars(values as ScalarVector, start, start + size);
}

/** Puts the expansion of `count` numbers behind them, where there is nothing yet. */
function growFrom(memory: ScalarMemory, values: Place, count: number, factors: Place, factorCount: number): Place {
  for (let index = 0; index < factorCount; index++) {
    const size = count * 2 ** index;
    memory.take(size);
    memory.multiplyAdd(size, values, still(from(factors, index)), ZERO_PLACE, from(values, size));
  }
  return values;
}

/** Runs a pass for every so many numbers. */
function forPasses(count: number, pass: (start: number, size: number) => void, most = PASS_MAX): void {
  for (let start = 0; start < count; start += most) pass(start, Math.min(most, count - start));
}

/** What the passes give, all in one. */
function inPasses(count: number, pass: (start: number, size: number) => Uint8Array): Uint8Array {
  if (count <= PASS_MAX) return pass(0, count);
  const results = new Uint8Array(SCALAR_SIZE * count);
  forPasses(count, (start, size) => results.set(pass(start, size), SCALAR_SIZE * start));
  return results;
}

/** Inverses of many for the price of one (Montgomery's trick), by products of all before and of all after each. */
function invert(memory: ScalarMemory, values: ScalarVector): Uint8Array {
  const count = scalarCount(values);
  const own = memory.put(values);
  const before = memory.put(ONE);
  memory.take(count);
  memory.multiplyAdd(count, before, own, ZERO_PLACE, from(before, 1));
  const after = memory.take(count);
  const last = memory.put(ONE);
  const backwards = (place: Place, index: number): Place => ({ ...from(place, index), step: -SCALAR_SIZE });
  memory.multiplyAdd(
    count,
    { ...last, step: -SCALAR_SIZE },
    backwards(own, count - 1),
    ZERO_PLACE,
    backwards(after, count - 1),
  );
  const product = from(before, count);
  if (isZeroBytes(memory.read(product, 1))) throw new RangeError("zero has no inverse");
  const inverse = still(invertOne(memory, product));
  memory.multiplyAdd(count, before, from(after, 1), ZERO_PLACE, own);
  memory.multiplyAdd(count, own, inverse, ZERO_PLACE, own);
  return memory.read(own, count);
}

/** So many squarings, then times the number to the power of 1, 3, 5, …, by its place in their list. */
interface PowerStep {
  readonly squarings: number;
  readonly place: number;
}

/** How 1 becomes the power with this odd exponent. */
function powerSteps(exponent: bigint): readonly PowerStep[] {
  const steps: PowerStep[] = [];
  let squarings = 0;
  for (let rest = exponent.toString(2); rest !== "";) {
    const window = rest.slice(0, WINDOW_BITS).replace(/0+$/, "");
    const size = Math.max(1, window.length);
    squarings += size;
    rest = rest.slice(size);
    if (window === "") continue;
    steps.push({ squarings, place: Number.parseInt(window, 2) >> 1 });
    squarings = 0;
  }
  return steps;
}

/** value^(ℓ−2) */
function invertOne(memory: ScalarMemory, value: Place): Place {
  const square = still(memory.take(1));
  memory.multiplyAdd(1, value, value, ZERO_PLACE, square);
  const powers = memory.take(2 ** (WINDOW_BITS - 1));
  memory.multiplyAdd(1, value, memory.put(ONE), ZERO_PLACE, powers);
  memory.multiplyAdd(2 ** (WINDOW_BITS - 1) - 1, powers, square, ZERO_PLACE, from(powers, 1));
  const result = still(memory.put(ONE));
  for (const { squarings, place } of INVERSION_STEPS) {
    memory.multiplyAdd(squarings, result, result, ZERO_PLACE, result);
    memory.multiplyAdd(1, result, from(powers, place), ZERO_PLACE, result);
  }
  return result;
}
