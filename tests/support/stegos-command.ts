import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** How a command ended, and what it printed. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly notes: string;
}

/** Starts `stegos …` as a process. */
export function startStegos(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["src/node/cli/main.ts", ...args], {
    cwd: ROOT,
    env: { ...process.env, STEGOS_PASSPHRASE: "correct horse" },
  });
}

/**
 * Runs `stegos …` to its end.
 *
 * @param killAfterMs When it is killed, if it still runs.
 */
export function runStegos(args: readonly string[], input = "", killAfterMs?: number): Promise<Ran> {
  const child = startStegos(args);
  let [out, notes] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (notes += chunk.toString()));
  child.stdin?.end(input);
  if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, notes })));
}
