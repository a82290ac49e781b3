import { BACKEND_NAMES } from "./curve/open-curves.ts";
import type { BenchOptions } from "./support/bench-arguments.ts";
import type { FigureTable } from "./support/figure-tables.ts";
import { measureEverywhere } from "./support/measure-everywhere.ts";
import { cpuRatio, cpuTime, type Figure, type Figures, type Rates } from "./support/rates.ts";

const ROUNDS = 5;
export const PROOF_ROUND_SECONDS = 2;
const PLACES = ["chromium", "node"] as const;

/** Operations, how their figures are called, and in which parts of a second they count. */
const OPERATIONS = [
  { name: "prove", figure: "prove_ms", perSecond: 1e3, unit: "ms", text: "prove, m = 1, 576 bytes" },
  { name: "verify", figure: "verify_ms", perSecond: 1e3, unit: "ms", text: "verify a single proof" },
  { name: "batch", figure: "batch32_ms_per_proof", perSecond: 1e3, unit: "ms", text: "verify 32 proofs, each" },
  { name: "schnorr", figure: "schnorr_batch64_us", perSecond: 1e6, unit: "µs", text: "verify 64 signatures, each" },
] as const;

/** The figures of `npm run bench -- proofs`: range proofs and signatures by every backend, processor time. */
export async function runBench(say: (line: string) => void, options: BenchOptions = {}): Promise<Figures> {
  const works = OPERATIONS.flatMap(({ name }) => BACKEND_NAMES.map((backend) => `${name} ${backend}`));
  return proofFigures(
    await measureEverywhere({ bench: "proofs", works, rounds: ROUNDS, seconds: PROOF_ROUND_SECONDS }, say, options),
  );
}

/** What the rates say; the first figures are those of the fastest backend in Chromium. */
export function proofFigures(rates: Rates): Figures {
  const fastest = (place: string, name: string): string => {
    const backend = BACKEND_NAMES.find((candidate) => rates.has(`${place} ${name} ${candidate}`)) ?? "noble";
    return `${place} ${name} ${backend}`;
  };
  const figures: Record<string, Figure> = {};
  for (const { name, figure, perSecond } of OPERATIONS) {
    figures[figure] = cpuTime(rates, fastest("chromium", name), perSecond);
  }
  for (const { name } of OPERATIONS) {
    figures[`${name}_vs_noble`] = cpuRatio(rates, fastest("chromium", name), `chromium ${name} noble`);
  }
  for (const place of PLACES) {
    for (const backend of BACKEND_NAMES) {
      for (const { name, figure, perSecond } of OPERATIONS) {
        const rate = `${place} ${name} ${backend}`;
        figures[`${place}_${backend}_${figure}`] = cpuTime(rates, rate, perSecond);
        figures[`${place}_${backend}_${name}_vs_noble`] = cpuRatio(rates, rate, `${place} ${name} noble`);
      }
    }
  }
  return figures;
}

const ASKED: Readonly<Record<(typeof OPERATIONS)[number]["name"], string>> = {
  prove: "<= 3 ms",
  verify: "<= 0.7 ms",
  batch: "<= 0.18 ms",
  schnorr: "<= 25 µs",
};

export const PROOF_TABLES: readonly FigureTable[] = [
  {
    head: ["fastest backend, Chromium worker", "measured", "times noble", "asked"],
    rows: OPERATIONS.map(({ name, figure, unit, text }) => [
      text,
      { key: figure, unit },
      { key: `${name}_vs_noble` },
      ASKED[name],
    ]),
  },
  ...PLACES.map((place): FigureTable => ({
    head: [place === "node" ? "every backend, Node.js" : "every backend, Chromium worker", ...BACKEND_NAMES],
    rows: OPERATIONS.map(({ figure, unit, text }) => [
      text,
      ...BACKEND_NAMES.map((backend) => ({ key: `${place}_${backend}_${figure}`, unit })),
    ]),
  })),
];
