import lighthouse from "lighthouse";
import { percentile } from "./percentile.ts";

const RUNS = 3;
/** A busy machine paints late; that costs points, and must not cost the run. */
const PATIENCE_MS = 180_000;
const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;

/** Scores of Lighthouse, 0 to 100. */
export interface LighthouseScores {
  readonly performance: number;
  readonly accessibility: number;
  readonly bestPractices: number;
}

/**
 * One page in Lighthouse's mobile profile: a slow phone and network are simulated from what was observed. The profile's
 * service workers and their caches are cleared before each run, its wallet stays. Performance varies from run to run
 * and is the median of three; the others are the lowest.
 */
export async function measureLighthouse(
  port: number,
  url: string,
  say: (line: string) => void,
): Promise<LighthouseScores> {
  const runs: Record<(typeof CATEGORIES)[number], number>[] = [];
  for (let run = 0; run < RUNS; run++) {
    const result = await lighthouse(url, {
      port,
      logLevel: "error",
      output: "json",
      onlyCategories: [...CATEGORIES],
      clearStorageTypes: ["service_workers", "cache_storage"],
      maxWaitForFcp: PATIENCE_MS,
      maxWaitForLoad: PATIENCE_MS,
    });
    if (result === undefined) throw new Error(`Lighthouse gave nothing for ${url}`);
    const { lhr } = result;
    if (lhr.runtimeError !== undefined) throw new Error(`${lhr.runtimeError.code}: ${lhr.runtimeError.message}`);
    const score = (id: (typeof CATEGORIES)[number]): number => Math.round(100 * (lhr.categories[id]?.score ?? 0));
    const scores = {
      performance: score("performance"),
      accessibility: score("accessibility"),
      "best-practices": score("best-practices"),
    };
    runs.push(scores);
    if (run === 0) for (const line of shortcomings(lhr)) say(`  ${line}`);
  }
  const of = (id: (typeof CATEGORIES)[number]): readonly number[] => runs.map((scores) => scores[id]);
  const scores = {
    performance: percentile(of("performance"), 50),
    accessibility: Math.min(...of("accessibility")),
    bestPractices: Math.min(...of("best-practices")),
  };
  say(`Lighthouse, ${new URL(url).pathname}: ${JSON.stringify(scores)}, performance ${of("performance").join(", ")}`);
  return scores;
}

type Report = NonNullable<Awaited<ReturnType<typeof lighthouse>>>["lhr"];

/** Each audit that costs points, and the measured times. */
function shortcomings(lhr: Report): readonly string[] {
  const counted = new Set(
    Object.values(lhr.categories).flatMap(({ auditRefs }) =>
      auditRefs.filter(({ weight }) => weight > 0).map(({ id }) => id),
    ),
  );
  return Object.values(lhr.audits)
    .filter(({ id, score }) => counted.has(id) && score !== null && score < 1)
    .map(({ id, score, displayValue }) => `${id}: ${score}${displayValue === undefined ? "" : `, ${displayValue}`}`);
}
