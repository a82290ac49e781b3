import { RECORDED_BENCHES } from "./benches.ts";
import type { BenchOptions } from "./support/bench-arguments.ts";
import { recordFigures } from "./support/record-figures.ts";
import type { Figures } from "./support/rates.ts";

/** `npm run bench -- report`: the recorded benchmarks one after the other, each written into docs/performance.md. */
export async function runBench(
  say: (line: string) => void,
  options: BenchOptions = {},
): Promise<Readonly<Record<string, Figures>>> {
  const all: Record<string, Figures> = {};
  for (const [name, load] of Object.entries(RECORDED_BENCHES)) {
    say(`${name}:`);
    const { runBench: run, tables, roundSeconds } = await load();
    const figures = await run(say, options);
    await recordFigures(name, tables, figures, options.seconds ?? roundSeconds);
    all[name] = figures;
  }
  return all;
}
