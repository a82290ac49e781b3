import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository, without a slash at its end. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const KILL_AFTER_MS = 5_000;

/** A command to run, and how. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  /** Show output as it comes, or keep it to show only after a failure. */
  readonly output: "stream" | "keep";
  readonly env?: Readonly<Record<string, string>>;
}

/** How a command ended. `output` is empty where it was streamed. */
export interface CommandResult {
  readonly ok: boolean;
  readonly timedOut: boolean;
  readonly ms: number;
  readonly output: string;
}

const groups = new Set<number>();

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // it is gone already
  }
}

// Every command leads a process group of its own so that a time-out reaches its grandchildren. The price: Ctrl-C in a
// terminal does not reach them by itself, so it is passed on here.
let stopCode: number | undefined;
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.on(signal, () => {
    stopCode ??= code;
    if (groups.size === 0) process.exit(stopCode);
    for (const group of groups) signalGroup(group, "SIGTERM");
    setTimeout(() => {
      for (const group of groups) signalGroup(group, "SIGKILL");
    }, KILL_AFTER_MS);
  });
}

/** The script of a tool in node_modules, to be run by the Node that runs us. */
export function toolScript(name: string): string {
  return realpathSync(join(ROOT, "node_modules/.bin", name));
}

/** Runs a command in the repository and never throws: a command that cannot start has failed. */
export function runCommand(command: Command): Promise<CommandResult> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command.program, command.args, {
      cwd: ROOT,
      detached: true,
      env: { ...process.env, ...command.env },
      stdio: [
        "ignore",
        command.output === "stream" ? "inherit" : "pipe",
        command.output === "stream" ? "inherit" : "pipe",
      ],
    });
    const group = child.pid;
    if (group !== undefined) groups.add(group);
    let timedOut = false;
    let output = "";
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);

    const killer = setTimeout(() => {
      timedOut = true;
      if (group === undefined) return;
      signalGroup(group, "SIGTERM");
      setTimeout(signalGroup, KILL_AFTER_MS, group, "SIGKILL").unref();
    }, command.timeoutMs);

    const finish = (ok: boolean): void => {
      clearTimeout(killer);
      if (group !== undefined) groups.delete(group);
      if (stopCode !== undefined && groups.size === 0) process.exit(stopCode);
      resolve({ ok: ok && !timedOut, timedOut, ms: performance.now() - startedAt, output });
    };
    child.on("error", (error) => {
      output += error.message;
      finish(false);
    });
    child.on("exit", () => {
      // What a finished command left running would hold ports and processors against the next one.
      if (group !== undefined) signalGroup(group, "SIGKILL");
    });
    child.on("close", (code) => {
      finish(code === 0);
    });
  });
}

/** Runs a tool from node_modules under this Node. */
export function runTool(
  name: string,
  args: readonly string[],
  rest: Omit<Command, "program" | "args">,
): Promise<CommandResult> {
  return runCommand({ program: process.execPath, args: [toolScript(name), ...args], ...rest });
}

/** `4.2 s`, as step lines show it. */
export function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
