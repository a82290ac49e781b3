import type { CurveBackend, Point, PointTable, SignRun, SignTable } from "./backend/curve-backend.ts";
import { RANGE_BITS } from "./range-proof.ts";
import { generatorSeries, rangeProofTable } from "./range-proof-generators.ts";
import { HALF, ONE } from "./range-proof-math.ts";
import { GROUP_ORDER, scalarOf, type Scalar } from "./scalar.ts";

const MINUS_HALF = scalarOf((GROUP_ORDER - 1n) / 2n);

/** What L and R of a round are made of besides scalars: L first, then R. */
export interface BitRound {
  /** Entries of half a vector. */
  readonly half: number;
  /** Sums over G_k and then over H_k in blocks of `half`, those that L or R has: 2^j of either in round j. */
  readonly blocks: readonly [left: PointTable, right: PointTable];
  /** For each of the 3^j differences (`range-proof-bits.ts`) the signs and the G_k, and the same with the H_k. */
  readonly onG: readonly [left: readonly (readonly SignRun[])[], right: readonly (readonly SignRun[])[]];
  readonly onH: readonly [left: readonly (readonly SignRun[])[], right: readonly (readonly SignRun[])[]];
}

/** Sums over generators that serve every proof of so many values. */
export interface ProverBases {
  /** See `rangeProofTable`. */
  readonly table: PointTable;
  /** G_k/2, then H_k/2. */
  readonly signs: SignTable;
  /** Σ (G_k − H_k)/2 */
  readonly opening: Point;
  /** The first rounds, over bits. */
  readonly rounds: readonly BitRound[];
}

const basesOf = new WeakMap<CurveBackend, Map<number, ProverBases>>();

/** Each backend has its own, made once. */
export function proverBases(curve: CurveBackend, valueCount: number): ProverBases {
  const known = basesOf.get(curve) ?? new Map<number, ProverBases>();
  basesOf.set(curve, known);
  const bases = known.get(valueCount) ?? makeBases(curve, valueCount);
  known.set(valueCount, bases);
  return bases;
}

/** Rounds before the generators are folded: as many as measured fastest. */
function bitRoundCount(valueCount: number): number {
  return 3 + Math.floor(Math.log2(valueCount) / 2);
}

function makeBases(curve: CurveBackend, valueCount: number): ProverBases {
  const size = RANGE_BITS * valueCount;
  const table = rangeProofTable(curve, valueCount);
  const halvesOf = (kind: "G" | "H"): readonly Point[] =>
    curve.fixedMsmSeries(table, [HALF], generatorSeries(kind, [0], 1, size));
  const roundCount = bitRoundCount(valueCount);
  const [blocksOfG, blocksOfH] = (["G", "H"] as const).map((kind) => blockSums(curve, table, kind, size, roundCount)) as [Point[][], Point[][]]; // prettier-ignore
  return {
    table,
    signs: curve.prepareSigns([...halvesOf("G"), ...halvesOf("H")]),
    opening: curve.msm([...blocksOfG[0]!, ...blocksOfH[0]!], [HALF, HALF, MINUS_HALF, MINUS_HALF]),
    rounds: Array.from({ length: roundCount }, (_, round) => {
      const half = size / 2 ** (round + 1);
      const blocks = (offset: 0 | 1): PointTable =>
        curve.prepareTable([
          ...blocksOfG[round]!.filter((_, index) => index % 2 !== offset),
          ...blocksOfH[round]!.filter((_, index) => index % 2 === offset),
        ]);
      const runs = (sign: number, point: number) => runsOf(round, half, sign, point);
      // Where a_i is of the lower half, G_i is of the upper one; b_i and H_i the other way round.
      return {
        half,
        // L has the upper blocks of G_k and the lower ones of H_k, R the others.
        blocks: [blocks(0), blocks(1)],
        onG: [runs(0, half), runs(half, 0)],
        onH: [runs(half, size), runs(0, size + half)],
      };
    }),
  };
}

/** Sums over the generators of one kind in two blocks, in four, … */
function blockSums(
  curve: CurveBackend,
  table: PointTable,
  kind: "G" | "H",
  size: number,
  roundCount: number,
): Point[][] {
  const length = size / 2 ** roundCount;
  const places = Array.from({ length }, (_, index) => index);
  const ones: Scalar[] = places.map(() => ONE);
  const levels = [[...curve.fixedMsmSeries(table, ones, generatorSeries(kind, places, length, 2 ** roundCount))]];
  while (levels.length < roundCount) {
    const finer = levels[0]!;
    const pairs = Array.from({ length: finer.length / 2 }, (_, index) => finer.slice(2 * index, 2 * index + 2));
    levels.unshift(pairs.map((pair) => curve.msm(pair, [ONE, ONE])));
  }
  return levels;
}

/** The runs of each difference, for signs and points that begin where they are said to. */
function runsOf(round: number, half: number, sign: number, point: number): SignRun[][] {
  const runs: SignRun[][] = Array.from({ length: 3 ** round }, () => []);
  for (let p = 0; p < 2 ** round; p++) {
    for (let q = 0; q < 2 ** round; q++) {
      let difference = 0;
      // The bit that was folded first is the highest one of p and q, and counts 1.
      for (let bit = 0; bit < round; bit++) difference = 3 * difference + 1 + ((q >> bit) & 1) - ((p >> bit) & 1);
      runs[difference]!.push({ sign: sign + 2 * half * p, point: point + 2 * half * q, count: half });
    }
  }
  return runs;
}
