// npm run check [-- --fix]
import { pathToFileURL } from "node:url";
import { formatSeconds, runTool } from "./run-command.ts";
import { runLanes } from "./run-lanes.ts";
import { runVitest, type Counts } from "./run-vitest.ts";
import { hasBuild, measureSizes } from "./sizes.ts";

const STEP_TIMEOUT_MS = 15 * 60_000;

interface StepResult extends Counts {
  readonly output: string;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<StepResult>;
}

function toolStep(name: string, tool: string, args: readonly string[]): Step {
  const run = async (): Promise<StepResult> => {
    const { ok, timedOut, output } = await runTool(tool, args, { timeoutMs: STEP_TIMEOUT_MS, output: "keep" });
    return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, output: timedOut ? `${output}\ntimed out` : output };
  };
  return { name, run };
}

const architectureStep: Step = {
  name: "layers and tidiness",
  run: async () => {
    const { passed, failed, result } = await runVitest("architecture", { timeoutMs: STEP_TIMEOUT_MS, output: "keep" });
    return { passed, failed, output: result.output };
  },
};

/** Lint takes as long as all others together. The components read what the types have written. */
function lanes(fix: boolean): readonly (readonly Step[])[] {
  const lint = toolStep("lint", "eslint", ["--max-warnings=0", ...(fix ? ["--fix"] : []), "."]);
  const format = toolStep("format", "prettier", [fix ? "--write" : "--check", "--log-level=warn", "--cache", "."]);
  const others = [
    toolStep("types", "tsc", ["-b"]),
    toolStep("components", "svelte-check", ["--tsconfig", "src/app/tsconfig.json", "--fail-on-warnings"]),
    toolStep("dead code", "knip", ["--no-progress"]),
    architectureStep,
  ];
  // Two that mend the same files must not do so at once.
  return fix ? [[format, lint, ...others]] : [[format, ...others], [lint]];
}

interface TimedResult extends StepResult {
  readonly name: string;
  readonly ms: number;
}

async function runStep(step: Step): Promise<TimedResult> {
  const startedAt = performance.now();
  const result = await step.run();
  return { ...result, name: step.name, ms: performance.now() - startedAt };
}

function tellStep({ name, ms, failed, output }: TimedResult): void {
  console.log(`${failed === 0 ? "ok    " : "FAILED"} ${name} (${formatSeconds(ms)})`);
  if (failed > 0) console.log(output.trimEnd());
}

/** Runs every check that needs no build, two at a time, one line each, and goes on after a failure. */
export async function runChecks(fix = false): Promise<Counts> {
  let passed = 0;
  let failed = 0;
  const tasks = lanes(fix).map((lane) => lane.map((step) => () => runStep(step)));
  await runLanes(tasks, (result) => {
    tellStep(result);
    passed += result.passed;
    failed += result.failed;
  });
  return { passed, failed };
}

/** Prints the weight of the build in dist/app and compares it with the budget. */
export function runSizes(): Counts {
  const { ok, lines } = measureSizes();
  console.log(`${ok ? "ok    " : "FAILED"} sizes (brotli)`);
  console.log(lines.join("\n"));
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { failed } = await runChecks(process.argv.includes("--fix"));
  const sizesFailed = hasBuild() ? runSizes().failed : 0;
  process.exitCode = failed + sizesFailed === 0 ? 0 : 1;
}
