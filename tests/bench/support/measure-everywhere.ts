import type { WorkGroup } from "../curve/work-groups.ts";
import type { BenchOptions } from "./bench-arguments.ts";
import { CurveBrowser } from "./curve-browser.ts";
import { nodeCandidate } from "./curve-node.ts";
import { measureInTurn, type Candidate, type Rates } from "./rates.ts";

/** What a bench measures in Chromium, where there is one, and in Node.js. */
export interface CurveWorks {
  /** Whose works these are (`tests/bench/curve`). */
  readonly bench: WorkGroup;
  readonly works: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
}

/** Measures all works in both places, in turn. Rates are named by place and work. */
export async function measureEverywhere(
  { bench, works, rounds, seconds }: CurveWorks,
  say: (line: string) => void,
  options: BenchOptions,
): Promise<Rates> {
  const browser = await CurveBrowser.open(say);
  try {
    const candidates = works.flatMap((work): Candidate[] => [
      ...(browser === undefined ? [] : [browser.candidate(`chromium ${work}`, bench, work)]),
      nodeCandidate(`node ${work}`, bench, work),
    ]);
    const length = options.seconds ?? seconds;
    say(`${candidates.length} candidates in turn, ${length} s each, ${rounds} rounds`);
    return await measureInTurn(candidates, { rounds, seconds: length, say });
  } finally {
    await browser?.close();
  }
}
