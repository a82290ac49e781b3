import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NETWORK_PARAMS } from "../../src/core/params/network-params.ts";
import { openLevelStore } from "../../src/node/storage/level-store.ts";
import { fillStore, type FilledStore } from "./growth/fill-store.ts";
import {
  factorsOf,
  predicted,
  rawClasses,
  shapeAfter,
  shareFor,
  totalOf,
  type ChainShape,
  type GrowthClasses,
  type Pace,
} from "./growth/growth-model.ts";
import { growthPlot, type Curve } from "./growth/growth-plot.ts";
import type { BenchOptions } from "./support/bench-arguments.ts";
import { cpuSeconds } from "./support/cpu-seconds.ts";

const OUTPUTS = 1_000_000;
const PLOT = join(import.meta.dirname, "..", "..", "docs", "images", "growth.svg");
const LIMIT_BYTES = 2e9;
/** Money that moves on does so within a day. */
const HOLDING_S = 86_400;
const RATES = [0, 0.1, 1.3, 10];
const SHARES = [0.003, 0.01, 0.05];
const COLORS = ["#888", "#07a", "#282", "#a40"];
/** What a node of the main network has to hold within 2 GB. */
const ASKED = { outputsPerS: 1.3, live: 600_000 };

const main = NETWORK_PARAMS.main;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const textOf = (classes: GrowthClasses): string =>
  Object.entries(classes)
    .map(([name, bytes]) => `${name} ${megabytes(bytes)}`)
    .join(", ");

interface Measured extends FilledStore {
  readonly classes: GrowthClasses;
  /** Written last, in no class yet. */
  readonly recent: number;
}

/** `npm run bench -- growth`: what a full node holds after ten years, from a database that the real code filled. */
export async function runBench(say: (line: string) => void, options: BenchOptions = {}): Promise<object> {
  const outputs = options.outputs ?? OUTPUTS;
  const small = await measure({ outputs, stayingShare: 0.3, seed: 1, say });
  const raw = rawClasses(small.raw, small.shape);
  const factors = factorsOf(small.classes, raw);
  say(`formula, bytes before compression: ${JSON.stringify(small.raw)}`);
  say("  outputs = live · leaf; proofs = (live + spent since the oldest boundary shown) · proof");
  say("  tree = Σ levels 6..40 of (N / 2^l)(1 − (1 − live/N)^(2^l)) · 39 + tiles + 64 · N / 1024 + journal");
  say(
    "  payloads = (window outputs + live ones of payload_ttl_ms before it) · payload + spent ones of the window · spentCore",
  );
  say("  compact = window outputs · compactPerOutput + window blocks · compactPerBlock");
  say("  headers = (window blocks + epochs) · header; indexes = the same · blockName + day transactions · place");
  say("  blocks = day outputs · blockPerOutput + day blocks · blockPerBlock; validators = sets · validatorSet");
  say(`factors on disk: ${JSON.stringify(Object.fromEntries(Object.entries(factors).map(([k, v]) => [k, round(v)])))}`);
  const large = await measure({ outputs: 3 * outputs, stayingShare: 0.05, seed: 2, say });
  const expected = predicted(factors, rawClasses(large.raw, large.shape));
  const error = totalOf(expected) / totalOf(large.classes) - 1;
  say(`at ${3 * outputs} outputs, 5 % of them live: expected ${textOf(expected)}`);
  say(`  measured ${textOf(large.classes)}; the sum is off by ${(100 * error).toFixed(1)} %`);

  const bytesOf = (shape: ChainShape): GrowthClasses => predicted(factors, rawClasses(small.raw, shape));
  const after = (outputsPerS: number, stayingShare: number, years = 10): GrowthClasses =>
    bytesOf(shapeAfter(main, paceOf(outputsPerS, stayingShare), years));
  for (const rate of RATES) {
    const columns = SHARES.map((share) => `${100 * share} %: ${megabytes(totalOf(after(rate, share)))} MB`);
    say(`${rate} outputs/s for ten years, staying unspent ${columns.join(", ")}`);
  }
  const asked = after(ASKED.outputsPerS, shareFor(ASKED.live, ASKED.outputsPerS, HOLDING_S, 10));
  say(`1.3 outputs/s with 0.6 M live: ${megabytes(totalOf(asked))} MB: ${textOf(asked)}`);
  if (options.isRecorded === true) await writeFile(PLOT, plotOf(after));
  const gigabytes = (classes: GrowthClasses): number => Math.round(totalOf(classes));
  say(`${Math.round(cpuSeconds())} s of processor time in all`);
  return {
    bytes_10y_idle: gigabytes(after(0, 0.003)),
    bytes_10y_1_3: gigabytes(after(1.3, 0.003)),
    bytes_10y_10: gigabytes(after(10, 0.003)),
    bytes_1_3_600k_live: gigabytes(asked),
    formula_error: round(error),
    outputs,
  };
}

const round = (value: number): number => Math.round(1000 * value) / 1000;
const paceOf = (outputsPerS: number, stayingShare: number): Pace => ({
  outputsPerS,
  stayingShare,
  holdingS: HOLDING_S,
});

async function measure(fill: {
  readonly outputs: number;
  readonly stayingShare: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), "stegos-growth-"));
  try {
    const store = await openLevelStore(directory);
    const filled = await fillStore(store, { ...fill, payloadShare: 0.75, windowShare: 0.5, dayShare: 0.1 });
    await store.close();
    // What was written last is sorted into its classes when a database is opened.
    const reopened = await openLevelStore(directory);
    const { recent, tip, ...classes } = await reopened.sizes();
    await reopened.close();
    fill.say(`${fill.outputs} outputs: ${textOf(classes)}; tip ${megabytes(tip)}, recent ${megabytes(recent)}`);
    return { ...filled, classes, recent };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function plotOf(after: (outputsPerS: number, stayingShare: number, years: number) => GrowthClasses): string {
  const years = Array.from({ length: 41 }, (_, index) => Math.max(0.02, index / 4));
  const curves = RATES.flatMap((rate, index) => {
    const shares = rate === 0 ? SHARES.slice(0, 1) : SHARES;
    return shares.map((share): Curve => ({
      label: rate === 0 ? "idle" : `${rate}/s, ${100 * share} % stay`,
      color: COLORS[index]!,
      points: years.map((each) => [each, totalOf(after(rate, share, each))] as const),
    }));
  });
  return growthPlot("What a full node holds: outputs per second, share never spent", curves, LIMIT_BYTES);
}
