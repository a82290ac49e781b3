import { describe, expect, it } from "vitest";
import { ORDER_MEMORY_SIZE } from "../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { SUM_MAX } from "../../../../src/core/crypto/backend/scalar-memory.ts";
import { RANGE_PROOF_VALUES_MAX } from "../../../../src/core/crypto/range-proof.ts";
import { equationProgram, joinInputs, proofsAtOnce } from "../../../../src/core/crypto/range-proof-equation.ts";
import { proveRange } from "../../../../src/core/crypto/range-proof-prover.ts";
import { verifyRangeBatch } from "../../../../src/core/crypto/range-proof-verifier.ts";
import { bigintOf, GROUP_ORDER, reduceScalar, scalarOf } from "../../../../src/core/crypto/scalar.ts";
import { joinScalars, splitScalars } from "../../../../src/core/crypto/scalar-vector.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";
import { seededRandom } from "../../../support/test-random.ts";

const random = seededRandom("range proof equation");
const number = (): bigint => bigintOf(reduceScalar(random.bytes(64)));
const mod = (value: bigint): bigint => ((value % GROUP_ORDER) + GROUP_ORDER) % GROUP_ORDER;
const sum = (values: readonly bigint[]): bigint => mod(values.reduce((total, value) => total + value, 0n));
const product = (values: readonly bigint[]): bigint => values.reduce((total, value) => mod(total * value), 1n);
function power(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  const root = power(base, exponent / 2n);
  return mod(root * root * (exponent % 2n === 1n ? base : 1n));
}
const inverse = (value: bigint): bigint => power(value, GROUP_ORDER - 2n);
const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** What chapter 3 asks of one proof, factor by factor, times its weight; challenges are e_g … e_1. */
function plainFactors(valueCount: number, own: ReturnType<typeof numbersOf>) {
  const { w, y, z, e, rounds, r, s, delta } = own;
  const size = 64 * valueCount;
  const [scale, top] = [w * e * e, power(y, BigInt(size + 1))];
  const signed = (k: number, isH: boolean): bigint =>
    product(rounds.map((each, bit) => (((k >> bit) & 1) === 1 ? !isH : isH) ? each : inverse(each))); // prettier-ignore
  const weight = (k: number): bigint => mod(power(z, BigInt(2 * (1 + (k >> 6)))) * 2n ** BigInt(k & 63));
  const sigma = sum(indexes(size).map((k) => power(y, BigInt(k + 1))));
  const weights = sum(indexes(size).map(weight));
  return {
    fixed: [
      -w * delta,
      scale * ((z - z * z) * sigma - z * top * weights) - w * r * s * y,
      ...indexes(size).flatMap((k) => [
        -w * e * r * signed(k, false) * inverse(power(y, BigInt(k))) - scale * z,
        -w * e * s * signed(k, true) + scale * (z + weight(k) * power(y, BigInt(size - k))),
      ]),
    ].map(mod),
    points: [
      ...indexes(valueCount).map((j) => scale * power(z, BigInt(2 * (j + 1))) * top),
      scale,
      w * e,
      w,
      ...rounds.map((each) => scale * each * each),
      ...rounds.map((each) => scale * inverse(each) ** 2n),
    ].map(mod),
    /** What it is taken times, so that nothing need be divided. */
    times: mod(power(y, BigInt(size - 1)) * product(rounds) ** 2n),
  };
}

function numbersOf(valueCount: number) {
  const rounds = indexes(Math.log2(64 * valueCount)).map(number);
  return { w: number(), y: number(), z: number(), e: number(), rounds, r: number(), s: number(), delta: number() };
}

describe("the equation of range proofs", () => {
  it.each([
    [1, 1],
    [2, 1],
    [7, 1],
    [1, 2],
    [3, 4],
    [1, 16],
  ])("[RG-6] of %i proofs of %i values is the sum of what each must fulfil", (n, valueCount) => {
    const own = indexes(n).map(() => numbersOf(valueCount));
    const column = (pick: (each: (typeof own)[number]) => bigint) => joinScalars(...own.map((each) => scalarOf(pick(each)))); // prettier-ignore
    const rounds = own[0]!.rounds.map((_, bit) => column((each) => each.rounds[bit]!));
    const inputs = joinInputs(
      column(({ w }) => w),
      joinScalars(...[column(({ y }) => y), ...rounds, column(({ z }) => z), column(({ e }) => e)]),
      joinScalars(column(({ r }) => r), column(({ s }) => s), column(({ delta }) => delta)), // prettier-ignore
    );
    const plain = own.map((each) => plainFactors(valueCount, each));
    const fixed = plain[0]!.fixed.map((_, place) => sum(plain.map((each) => each.times * each.fixed[place]!)));
    const points = plain[0]!.points.flatMap((_, place) => plain.map((each) => mod(each.times * each.points[place]!)));
    const given = curve.scalars.run(equationProgram(n, valueCount), inputs);
    expect(splitScalars(given).map(bigintOf)).toEqual([...fixed, ...points]);
  });

  it("has room in a kernel for as many proofs at once as are taken, of any number of values", () => {
    for (let valueCount = 1; valueCount <= RANGE_PROOF_VALUES_MAX; valueCount *= 2) {
      const most = proofsAtOnce(valueCount);
      const { size, words } = equationProgram(most, valueCount);
      expect(most).toBeGreaterThanOrEqual(1);
      expect(size + 4 * words.length + 32, `${valueCount} values`).toBeLessThanOrEqual(ORDER_MEMORY_SIZE);
      expect(2 * most + 1).toBeLessThanOrEqual(SUM_MAX);
    }
  });

  it("[RG-6] takes more proofs than that in several parts, and names the bad one", () => {
    const blinding = reduceScalar(random.bytes(64));
    const witness = { chainId: 7, context: random.bytes(32), values: [5n], blindings: [blinding] };
    const claim = { ...witness, ...proveRange(curve, witness, random) };
    const claims = new Array<typeof claim>(proofsAtOnce(1) + 2).fill(claim);
    expect(verifyRangeBatch(curve, claims, random)).toEqual({ ok: true });
    for (const place of [0, claims.length - 1]) {
      expect(verifyRangeBatch(curve, claims.with(place, { ...claim, chainId: 8 }), random)).toEqual({
        ok: false,
        bad: [place],
      });
    }
  });
});
