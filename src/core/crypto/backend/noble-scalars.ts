import { bigintOf, GROUP_ORDER, modOrder, SCALAR_SIZE, scalarOf, type Scalar } from "../scalar.ts";
import { scalarCount, type ScalarVector } from "../scalar-vector.ts";
import {
  requireInputs,
  requireOperand,
  requireSquarings,
  wideCount,
  type ScalarArithmetic,
} from "./scalar-arithmetic.ts";
import { MULTIPLY_ADD, STEP_WORDS } from "./scalar-program.ts";

type Operand = Scalar | ScalarVector;

/** Arithmetic modulo ℓ on BigInt, as the formulas have it: never in fixed time. */
export const nobleScalars: ScalarArithmetic = {
  add: (a, b) => forEach(a, [b], (x, [y]) => x + y!),
  subtract: (a, b) => forEach(a, [b], (x, [y]) => x - y!),
  multiply: (a, b) => forEach(a, [b], (x, [y]) => x * y!),
  multiplyAdd: (a, b, c) => forEach(a, [b, c], (x, [y, z]) => x * y! + z!),
  dot(a, b) {
    if (a.length !== b.length) throw new RangeError(`${b.length} bytes for ${a.length}`);
    const factors = numbersOf(b);
    return scalarOf(numbersOf(a).reduce((sum, x, index) => sum + x * factors[index]!, 0n));
  },
  product: (a) => scalarOf(numbersOf(a).reduce((product, x) => (product * x) % GROUP_ORDER, 1n)),
  squarings(a, count) {
    requireSquarings(count);
    const squares = numbersOf(a);
    const total = squares.length * count;
    for (let index = 0; squares.length < total; index++)
      squares.push((squares[index]! * squares[index]!) % GROUP_ORDER);
    return vectorOf(squares);
  },
  expand: (values, factors) => vectorOf(expansion(numbersOf(values), numbersOf(factors))),
  invert<T extends Operand>(a: T): T {
    // All for the price of one inversion (Montgomery's trick): the product of those before, then all out again.
    const values = numbersOf(a);
    const products = [1n];
    for (const value of values) products.push((products.at(-1)! * value) % GROUP_ORDER);
    let inverse = invertOne(products.at(-1)!);
    const inverses: bigint[] = [];
    for (let index = values.length - 1; index >= 0; index--) {
      inverses[index] = (inverse * products[index]!) % GROUP_ORDER;
      inverse = (inverse * values[index]!) % GROUP_ORDER;
    }
    return vectorOf(inverses) as Operand as T;
  },
  reduceWide: (wide) =>
    vectorOf(
      Array.from({ length: wideCount(wide) }, (_, index) => bigintOf(wide.subarray(64 * index, 64 * index + 64))),
    ),
  run(program, inputs) {
    requireInputs(program, inputs);
    const numbers = new Array<bigint>(program.size / SCALAR_SIZE).fill(0n);
    numbersOf(inputs).forEach((number, index) => (numbers[1 + index] = number));
    const placeOf = (at: number): number => at / SCALAR_SIZE;
    const at = (start: number, step: number, index: number): bigint => numbers[placeOf(start + step * index)]!;
    for (let word = 0; word < program.words.length; word += STEP_WORDS) {
      const [kind, ...operands] = program.words.slice(word, word + STEP_WORDS) as StepWords;
      if (kind === MULTIPLY_ADD) {
        const [count, a, aStep, b, bStep, c, cStep, to, toStep] = operands;
        for (let index = 0; index < count; index++) {
          const sum = at(a, aStep, index) * at(b, bStep, index) + at(c, cStep, index);
          numbers[placeOf(to + toStep * index)] = sum % GROUP_ORDER;
        }
      } else {
        const [sums, count, a, aStep, aNext, b, bStep, bNext, to, toStep] = operands;
        for (let sum = 0; sum < sums; sum++) {
          let total = 0n;
          for (let index = 0; index < count; index++) {
            total += at(a + aNext * sum, aStep, index) * at(b + bNext * sum, bStep, index);
          }
          numbers[placeOf(to + toStep * sum)] = total % GROUP_ORDER;
        }
      }
    }
    const first = placeOf(program.results.at);
    return vectorOf(numbers.slice(first, first + program.results.count));
  },
};

type StepWords = [number, number, number, number, number, number, number, number, number, number, number];

function numbersOf(values: Operand): bigint[] {
  const count = scalarCount(values);
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const numbers: bigint[] = [];
  for (let at = 0; at < SCALAR_SIZE * count; at += SCALAR_SIZE) {
    const low = (view.getBigUint64(at + 8, true) << 64n) | view.getBigUint64(at, true);
    const high = (view.getBigUint64(at + 24, true) << 64n) | view.getBigUint64(at + 16, true);
    numbers.push((high << 128n) | low);
  }
  return numbers;
}

function vectorOf(numbers: readonly bigint[]): ScalarVector {
  const vector = new Uint8Array(SCALAR_SIZE * numbers.length);
  const view = new DataView(vector.buffer);
  numbers.forEach((number, index) => {
    // A word takes the low 64 bits by itself.
    const [low, at] = [modOrder(number), SCALAR_SIZE * index];
    const high = low >> 128n;
    view.setBigUint64(at, low, true);
    view.setBigUint64(at + 8, low >> 64n, true);
    view.setBigUint64(at + 16, high, true);
    view.setBigUint64(at + 24, high >> 64n, true);
  });
  return vector as ScalarVector;
}

function expansion(values: readonly bigint[], factors: readonly bigint[]): readonly bigint[] {
  let products = values;
  for (const factor of factors) {
    products = [...products, ...products.map((product) => (product * factor) % GROUP_ORDER)];
  }
  return products;
}

/** What comes of each number of `a` and the operands it meets. */
function forEach<T extends Operand>(
  a: T,
  operands: readonly Operand[],
  combine: (x: bigint, operands: readonly bigint[]) => bigint,
): T {
  const values = numbersOf(a);
  for (const operand of operands) requireOperand(operand, values.length);
  const others = operands.map(numbersOf);
  const results = values.map((x, index) =>
    combine(
      x,
      others.map((other) => (other.length === 1 ? other[0]! : other[index]!)),
    ),
  );
  return vectorOf(results) as Operand as T;
}

/** n^−1 modulo ℓ by the extended Euclidean algorithm. */
function invertOne(value: bigint): bigint {
  let [remainder, next] = [GROUP_ORDER, modOrder(value)];
  let [factor, nextFactor] = [0n, 1n];
  if (next === 0n) throw new RangeError("zero has no inverse");
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return modOrder(factor);
}
