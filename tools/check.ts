// npm run check [-- --fix]
import { pathToFileURL } from "node:url";
import { formatSeconds, runTool } from "./run-command.ts";
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

function steps(fix: boolean): readonly Step[] {
  return [
    toolStep("format", "prettier", [fix ? "--write" : "--check", "--log-level=warn", "--cache", "."]),
    toolStep("lint", "eslint", ["--max-warnings=0", ...(fix ? ["--fix"] : []), "."]),
    toolStep("types", "tsc", ["-b"]),
    toolStep("components", "svelte-check", ["--tsconfig", "src/app/tsconfig.json", "--fail-on-warnings"]),
    toolStep("dead code", "knip", ["--no-progress"]),
    architectureStep,
  ];
}

async function runStep(step: Step): Promise<Counts> {
  const startedAt = performance.now();
  const { passed, failed, output } = await step.run();
  const verdict = failed === 0 ? "ok    " : "FAILED";
  console.log(`${verdict} ${step.name} (${formatSeconds(performance.now() - startedAt)})`);
  if (failed > 0) console.log(output.trimEnd());
  return { passed, failed };
}

/** Runs every check that needs no build, one line each, and goes on after a failure. */
export async function runChecks(fix = false): Promise<Counts> {
  let passed = 0;
  let failed = 0;
  for (const step of steps(fix)) {
    const counts = await runStep(step);
    passed += counts.passed;
    failed += counts.failed;
  }
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
