import { from, still, type Place } from "./backend/scalar-place.ts";
import { ScalarProgram } from "./backend/scalar-program.ts";
import { RANGE_BITS } from "./range-proof.ts";
import { ONE } from "./range-proof-math.ts";
import { sumExpansions } from "./range-proof-sums.ts";
import { scalarOf } from "./scalar.ts";
import { joinScalars, scalarCount, type ScalarVector } from "./scalar-vector.ts";

const BIT_FACTORS = Math.log2(RANGE_BITS);
/** 1, −1, Σ 2^i over the bits of a value, and 2^1, 2^2, 2^4, …, which make the weights of these bits. */
const CONSTANTS = joinScalars(
  ONE,
  scalarOf(-1n),
  scalarOf((1n << BigInt(RANGE_BITS)) - 1n),
  ...Array.from({ length: BIT_FACTORS }, (_, bit) => scalarOf(1n << (1n << BigInt(bit)))),
);
/** Programs that are kept. */
const PROGRAMS_MAX = 16;

const programs = new Map<number, ScalarProgram>();

/** How many proofs of so many values have room in one program. */
export function proofsAtOnce(valueCount: number): number {
  const bits = Math.log2(RANGE_BITS * valueCount);
  const each = 40 + 8 * bits + 6 * 2 ** Math.ceil(bits / 2) + valueCount;
  return Math.min(64, Math.floor((12_000 - 2 * RANGE_BITS * valueCount) / each));
}

/** Steps for {@link joinInputs} of n proofs. They give the factors of G, H, G_0, H_0, …, then column by column those of V_1 … V_m, A, A1, B1, L_g … L_1, R_g … R_1. */
export function equationProgram(n: number, valueCount: number): ScalarProgram {
  const key = n * (RANGE_BITS + 1) + valueCount;
  const known = programs.get(key);
  if (known !== undefined) return known;
  if (programs.size === PROGRAMS_MAX) programs.clear();
  const program = writeEquation(n, valueCount);
  programs.set(key, program);
  return program;
}

/** What a program of {@link equationProgram} is given: a weight of each proof, its challenges, and columns of r', s' and δ'. */
export function joinInputs(weights: ScalarVector, challenges: ScalarVector, responses: ScalarVector): ScalarVector {
  return joinScalars(CONSTANTS, weights, challenges, responses);
}

/**
 * "Left minus right" of the verifier's equation (chapter 3), summed over proofs with a weight each. Every equation is taken
 * y^{N−1}·Π e_j² times: challenges are not zero, and so nothing need be divided by them.
 */
function writeEquation(n: number, valueCount: number): ScalarProgram {
  const g = Math.log2(RANGE_BITS * valueCount);
  const size = RANGE_BITS * valueCount;
  const p = new ScalarProgram(scalarCount(CONSTANTS) + (g + 7) * n);
  const times = (...factors: readonly [Place, Place, ...Place[]]): Place =>
    factors.reduce((product, factor) => p.multiply(n, product, factor));
  const column = (columns: Place, index: number): Place => from(columns, n * index);
  const last = (columns: Place, count: number): Place => column(columns, count - 1);

  const [one, minusOne, bitSum] = [p.input(1), p.input(1), p.input(1)].map(still) as [Place, Place, Place];
  const bitFactors = p.input(BIT_FACTORS);
  const [weights, y, rounds] = [p.input(n), p.input(n), p.input(g * n)];
  const [z, e, r, s, delta] = [p.input(n), p.input(n), p.input(n), p.input(n), p.input(n)];
  const results = p.takeResults(2 + 2 * size + (valueCount + 3 + 2 * g) * n);
  const ofPoints = from(results, 2 + 2 * size);
  const [ofA, ofA1, ofB1] = [0, 1, 2].map((index) => column(ofPoints, valueCount + index)) as [Place, Place, Place];
  const [ofL, ofR] = [column(ofPoints, valueCount + 3), column(ofPoints, valueCount + 3 + g)];

  // y, y², y⁴, … y^N, then y^{N−1}
  const powers = p.take((g + 1) * n);
  p.multiply(n, y, one, powers);
  p.multiply(g * n, powers, powers, from(powers, n));
  const most = last(p.runningProducts(n, powers, from(powers, n), g - 1), g - 1);
  const top = column(powers, g);
  const squares = p.multiply(g * n, rounds, rounds);
  const product = last(p.runningProducts(n, rounds, from(rounds, n), g - 1), g - 1);
  const [zSquare, eSquare] = [times(z, z), times(e, e)];

  // w·e_g², w·e_g²·e_{g−1}², …, and e²·y^{N−1}·Π of the squares after each.
  const before = p.runningProducts(n, weights, squares, g);
  const after = p.take(g * n);
  const back = ({ at, step }: Place, count: number): Place => ({ at: at + (count * n - 1) * step, step: -step });
  p.multiply(n, eSquare, most, last(after, g));
  p.multiply((g - 1) * n, back(after, g), back(squares, g), back(after, g - 1));
  p.multiply(n, weights, after, ofR);
  p.multiply((g - 1) * n, before, from(after, n), from(ofR, n));

  p.multiply(n, last(before, g), most, ofB1);
  p.multiply(n, ofB1, e, ofA1);
  p.multiply(n, ofA1, e, ofA);
  for (let round = 0; round < g; round++) p.multiply(n, column(squares, round), ofA, column(ofL, round));
  const scaleZ = times(ofA, z);
  const scaleZSquare = times(scaleZ, z);

  // z², z⁴, z⁸, …, which choose the value; V_1 has z²·y^{N+1}.
  const valueBits = g - BIT_FACTORS;
  const valueFactors = p.take(valueBits * n);
  if (valueBits > 0) {
    p.multiply(n, zSquare, one, valueFactors);
    p.multiply((valueBits - 1) * n, valueFactors, valueFactors, from(valueFactors, n));
  }
  const topY = p.multiply(n, times(scaleZSquare, top), y, ofPoints);
  for (let bit = 0; bit < valueBits; bit++) {
    for (let index = 0; index < 2 ** bit; index++) {
      p.multiply(n, column(ofPoints, index), column(valueFactors, bit), column(ofPoints, index + 2 ** bit));
    }
  }

  // z·σ − z²·σ − z·y^{N+1}·Σ d_k, and r'·s'·y.
  const sumOfExpansion = (start: Place, factors: Place, count: number): Place => {
    if (count === 0) return start;
    return last(p.runningProducts(n, start, p.multiplyAdd(count * n, factors, one, one), count), count);
  };
  const sigma = sumOfExpansion(y, powers, g);
  const minusWeights = times(ofB1, minusOne);
  const ofValue = p.multiplyAdd(
    n,
    times(topY, z, minusOne),
    sumOfExpansion(bitSum, valueFactors, valueBits),
    times(sigma, p.multiplyAdd(n, scaleZSquare, minusOne, scaleZ)),
  );
  p.sumProducts(1, n, delta, minusWeights, results);
  p.sumProducts(1, n, p.multiplyAdd(n, times(r, s, y), minusWeights, ofValue), one, from(results, 1));

  const offset = p.sumProducts(1, n, scaleZ, one);
  const onBoth = times(weights, e, minusOne, product);
  const [ofG, ofH] = [2, 3].map((index) => ({ at: from(results, index).at, step: 2 * results.step })) as [Place, Place];
  const power = (bit: number): Place => column(powers, bit);
  const square = (bit: number): Place => column(squares, bit);
  sumExpansions(p, n, g, [{ start: times(onBoth, r), set: square, unset: power }], {
    shared: p.multiply(1, offset, minusOne),
    one,
    to: ofG,
  });
  // d_k·y^{N−k}: factors of 2 for the bits of a value, of z² for the values.
  const ofWeights = times(last(before, g), eSquare, zSquare, top);
  const weightFactor = (bit: number): Place =>
    bit < BIT_FACTORS ? still(from(bitFactors, bit)) : column(valueFactors, bit - BIT_FACTORS);
  sumExpansions(
    p,
    n,
    g,
    [
      { start: times(onBoth, most, s), unset: square },
      { start: ofWeights, set: weightFactor, unset: power },
    ],
    { shared: offset, one, to: ofH },
  );
  return p;
}
