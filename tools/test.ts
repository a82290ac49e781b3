// npm test [-- STAGE…]: all stages, or only those named; e2e and browser bring the build along.
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { runChecks, runSizes } from "./check.ts";
import { formatSeconds, ROOT, runTool } from "./run-command.ts";
import { runVitest, type Counts, type ProjectRun } from "./run-vitest.ts";

const MINUTE_MS = 60_000;
const STAGES = ["check", "build", "unit", "sim", "browser", "processes", "e2e"] as const;
const CHROMIUM_PACKAGES = "apt-get update && apt-get install -y --no-install-recommends chromium";

type Stage = (typeof STAGES)[number];

function findChromium(): string | undefined {
  const found = spawnSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** The browser the tests drive. Installs it where that needs no question; elsewhere says what to run. */
function ensureChromium(): string | undefined {
  const present = findChromium();
  if (present !== undefined) return present;
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
    console.log("installing chromium");
    spawnSync("sh", ["-c", CHROMIUM_PACKAGES], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    return findChromium();
  }
  console.error(`the tests need chromium; on Debian: sudo sh -c '${CHROMIUM_PACKAGES}'`);
  return undefined;
}

async function runBuild(): Promise<Counts> {
  const { ok } = await runTool("vite", ["build"], { timeoutMs: 15 * MINUTE_MS, output: "stream" });
  if (!ok) return { passed: 0, failed: 1 };
  const sizes = runSizes();
  return { passed: sizes.passed + 1, failed: sizes.failed };
}

function runProject(stage: Stage, timeoutMinutes: number): Promise<ProjectRun> {
  return runVitest(stage, { timeoutMs: timeoutMinutes * MINUTE_MS, output: "stream" });
}

async function runStage(stage: Stage): Promise<Counts & Partial<Pick<ProjectRun, "failures">>> {
  switch (stage) {
    case "check":
      return await runChecks();
    case "build":
      return await runBuild();
    case "unit":
      return await runProject(stage, 30);
    case "sim":
      return await runProject(stage, 20);
    case "browser":
      // The one project that may be empty: its suites arrive with what they run.
      if (globSync("tests/browser/**/*.test.ts", { cwd: ROOT }).length === 0) return { passed: 0, failed: 0 };
      return await runProject(stage, 15);
    case "processes":
      return await runProject(stage, 20);
    case "e2e":
      return await runProject(stage, 40);
    default:
      return stage satisfies never;
  }
}

function wantedStages(named: readonly string[]): readonly Stage[] {
  const unknown = named.filter((name) => !STAGES.some((stage) => stage === name));
  if (unknown.length > 0) throw new RangeError(`no stage called ${unknown.join(", ")}; there are ${STAGES.join(", ")}`);
  if (named.length === 0) return STAGES;
  const needsBuild = named.includes("e2e") || named.includes("browser");
  return STAGES.filter((stage) => named.includes(stage) || (stage === "build" && needsBuild));
}

async function main(): Promise<number> {
  const stages = wantedStages(process.argv.slice(2));
  if (stages.includes("e2e") || stages.includes("browser")) {
    const chromium = ensureChromium();
    if (chromium === undefined) return 1;
    process.env["CHROMIUM_PATH"] = chromium;
  }
  let passed = 0;
  let failed = 0;
  const failedStages: Stage[] = [];
  const failures: string[] = [];
  for (const stage of stages) {
    console.log(`\n== ${stage}`);
    const startedAt = performance.now();
    const counts = await runStage(stage);
    passed += counts.passed;
    failed += counts.failed;
    if (counts.failed > 0) failedStages.push(stage);
    failures.push(...(counts.failures ?? []));
    console.log(
      `== ${stage}: ${counts.passed} passed, ${counts.failed} failed (${formatSeconds(performance.now() - startedAt)})`,
    );
  }
  for (const failure of failures) console.log(`\nfailed: ${failure}`);
  if (failedStages.length > 0) console.log(`\nfailed: ${failedStages.join(", ")}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
