// npm run sim -- [--seed 1] [--seeds 1] [--nodes 7] [--hours 0] [--plant BUG]: runs by hand, and replays.
import { parseArgs } from "node:util";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";
import { replayCommand, runPlan, type RunReport } from "./run-plan.ts";
import { drawPlan } from "./simulation-plan.ts";

const HOUR_MS = 3_600_000;
/** Of virtual time. */
const PROGRESS_EVERY_MS = 600_000;
const NODES_MIN = 4;
/** A dev genesis has no more validators. */
const NODES_MAX = 16;

const { values } = parseArgs({
  options: {
    /** The first one, and how many from there on. */
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    nodes: { type: "string", default: "7" },
    /** Virtual time of each seed; a storm and what comes of it at least. */
    hours: { type: "string", default: "0" },
    /** Of `planted-bugs.ts`, in every correct node. */
    plant: { type: "string" },
  },
});

function numberOf(name: "seed" | "seeds" | "nodes" | "hours", low: number, high: number): number {
  const value = Number(values[name]);
  const isGood = value >= low && value <= high && (name === "hours" || Number.isInteger(value));
  if (!isGood) throw new RangeError(`--${name} takes a number from ${low} to ${high}`);
  return value;
}

function bugOf(name: string | undefined): PlantedBug | undefined {
  const names = Object.keys(PLANTED_BUGS) as PlantedBug[];
  const bug = names.find((each) => each === name);
  if (name !== undefined && bug === undefined) throw new RangeError(`--plant takes one of ${names.join(", ")}`);
  return bug;
}

function describe(report: RunReport, seconds: number): string {
  const { plan, counts } = report;
  const cheats = [...plan.cheats].map(([node, name]) => `${name} node${node}`);
  const events = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  const times = `${Math.round(report.virtualMs / 1_000)} s virtual, ${seconds.toFixed(1)} s of processor time`;
  const what = `${report.storms} storms, ${report.blocks} blocks, ${report.payments} payments`;
  return `seed ${plan.seed}: ${what}, ${[...events, ...cheats].join(", ")}; ${times}`;
}

const first = numberOf("seed", 0, 2 ** 31);
const count = numberOf("seeds", 1, 1_000_000);
const nodes = numberOf("nodes", NODES_MIN, NODES_MAX);
const hours = numberOf("hours", 0, 10_000);
const bug = bugOf(values.plant);
const planted = bug === undefined ? {} : PLANTED_BUGS[bug];
const curve = await openBackend(buildKernel);
let failed = 0;
for (let seed = first; seed < first + count; seed++) {
  const plan = drawPlan(seed, nodes);
  if (hours > 0) console.log(replayCommand(plan, { hours, bug }));
  const startedAt = process.cpuUsage();
  const seconds = (): number => {
    const { user, system } = process.cpuUsage(startedAt);
    return (user + system) / 1e6;
  };
  let next = PROGRESS_EVERY_MS;
  const report = await runPlan(plan, {
    curve,
    ...planted,
    durationMs: hours * HOUR_MS,
    progress: ({ virtualMs, storms, blocks, payments }) => {
      if (virtualMs < next || virtualMs >= hours * HOUR_MS) return;
      next = virtualMs + PROGRESS_EVERY_MS;
      const share = Math.floor((100 * virtualMs) / (hours * HOUR_MS));
      const so = `${storms} storms, ${blocks} blocks, ${payments} payments`;
      console.log(`  ${share} %: ${so}, ${seconds().toFixed(1)} s of processor time`);
    },
  });
  console.log(describe(report, seconds()));
  if (report.fault === undefined) continue;
  failed++;
  console.log(`  ${report.fault.message}\n  replay: ${replayCommand(report.plan, { hours, bug })}`);
}
console.log(`${count} seeds, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
