import { MSM_SIZES, PIPPENGER } from "./curve/msm-works.ts";
import { BACKEND_NAMES } from "./curve/open-curves.ts";
import type { BenchOptions } from "./support/bench-arguments.ts";
import type { FigureTable } from "./support/figure-tables.ts";
import { measureEverywhere } from "./support/measure-everywhere.ts";
import { cpuRatio, cpuTime, type Figure, type Figures, type Rates } from "./support/rates.ts";

const ROUNDS = 3;
export const MSM_ROUND_SECONDS = 0.3;
const PLACES = ["chromium", "node"] as const;
const MICROSECONDS = 1e6;

/** The figures of `npm run bench -- msm`: sums of multiples against noble's own `pippenger`, processor time. */
export async function runBench(say: (line: string) => void, options: BenchOptions = {}): Promise<Figures> {
  const works = MSM_SIZES.flatMap((size) => [PIPPENGER, ...BACKEND_NAMES].map((backend) => `${size} ${backend}`));
  return msmFigures(
    await measureEverywhere({ bench: "msm", works, rounds: ROUNDS, seconds: MSM_ROUND_SECONDS }, say, options),
  );
}

/** What the rates say; the first figures are those of the fastest backend in Chromium. */
export function msmFigures(rates: Rates): Figures {
  const figures: Record<string, Figure> = {};
  for (const place of PLACES) {
    const prefix = place === "chromium" ? "" : `${place}_`;
    for (const size of MSM_SIZES.toReversed()) {
      const reference = `${place} ${size} ${PIPPENGER}`;
      const backend = BACKEND_NAMES.find((candidate) => rates.has(`${place} ${size} ${candidate}`)) ?? "noble";
      figures[`${prefix}n${size}_vs_noble`] = cpuRatio(rates, `${place} ${size} ${backend}`, reference);
      figures[`${prefix}n${size}_us_per_point`] = cpuTime(rates, `${place} ${size} ${backend}`, MICROSECONDS);
      for (const each of BACKEND_NAMES) {
        figures[`${place}_${each}_n${size}_vs_noble`] = cpuRatio(rates, `${place} ${size} ${each}`, reference);
      }
    }
  }
  return figures;
}

export const MSM_TABLES: readonly FigureTable[] = [
  {
    head: ["fastest backend, times noble's pippenger", ...MSM_SIZES.map((size) => `n = ${size}`)],
    rows: [
      ["Chromium worker", ...MSM_SIZES.map((size) => ({ key: `n${size}_vs_noble` }))],
      ["the same, each point", ...MSM_SIZES.map((size) => ({ key: `n${size}_us_per_point`, unit: "µs" }))],
      ["asked", "", "", "", ">= 12"],
      ["Node.js", ...MSM_SIZES.map((size) => ({ key: `node_n${size}_vs_noble` }))],
      ["the same, each point", ...MSM_SIZES.map((size) => ({ key: `node_n${size}_us_per_point`, unit: "µs" }))],
    ],
  },
  {
    head: ["each backend, times noble's pippenger", ...MSM_SIZES.map((size) => `n = ${size}`)],
    rows: PLACES.flatMap((place) =>
      BACKEND_NAMES.map((backend) => [
        `${place === "node" ? "Node.js" : "Chromium"}, ${backend}`,
        ...MSM_SIZES.map((size) => ({ key: `${place}_${backend}_n${size}_vs_noble` })),
      ]),
    ),
  },
];
