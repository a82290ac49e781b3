import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Lets every write of a running process fail that would make a file longer than this, as they fail on a full disk. The
 * system's own limit on the size of files: no privilege is needed, and nothing else is full.
 */
export function limitFileSize(pid: number, bytesMax: number | "unlimited"): void {
  try {
    // The soft limit alone: the hard one could not be lifted again.
    execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytesMax}:`], { stdio: "pipe" });
  } catch (error) {
    // It has just ended by itself.
    if (String((error as { readonly stderr?: unknown }).stderr).includes("No such process")) return;
    throw new Error("this test needs prlimit of util-linux, and Linux", { cause: error });
  }
}

/** The same for a process that is about to start. */
export const withFileSizeLimit = (bytesMax: number | "unlimited", command: readonly string[]): readonly string[] => [
  ...["prlimit", `--fsize=${bytesMax}:`],
  ...command,
];

/** Of the longest file in a folder, in bytes. */
export function longestFile(directory: string): number {
  return Math.max(0, ...readdirSync(directory).map((name) => statSync(join(directory, name)).size));
}
