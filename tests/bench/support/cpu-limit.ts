import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PERIOD_US = 20_000;
/** The shell enters the group and becomes the program. */
const ENTER = 'echo $$ > "$0" && exec "$@"';

interface Hierarchy {
  readonly folder: string;
  readonly limit: (folder: string, quotaUs: number) => Promise<void>;
}

/** Version 2 has one tree for everything, version 1 one for processors alone. */
const HIERARCHIES: readonly Hierarchy[] = [
  {
    folder: "/sys/fs/cgroup/cpu",
    limit: async (folder, quotaUs) => {
      await writeFile(join(folder, "cpu.cfs_period_us"), String(PERIOD_US));
      await writeFile(join(folder, "cpu.cfs_quota_us"), String(quotaUs));
    },
  },
  {
    folder: "/sys/fs/cgroup",
    limit: (folder, quotaUs) => writeFile(join(folder, "cpu.max"), `${quotaUs} ${PERIOD_US}`),
  },
];

/** A program and what it is told. */
export type Command = readonly [program: string, ...told: string[]];

/** A group of processes that together get a share of the processors and no more. */
export interface CpuLimit {
  /** The command that runs this one within the group from its first instruction on, with all that it starts. */
  readonly limited: (command: Command) => Command;
  /** Once all of them have ended. */
  readonly remove: () => Promise<void>;
}

/**
 * Limits processes to `cores` processors' time in each 20 ms, by a control group of Linux; undefined where this machine
 * does not allow it, which the figures then say.
 */
export async function openCpuLimit(cores: number): Promise<CpuLimit | undefined> {
  for (const { folder, limit } of HIERARCHIES) {
    const group = join(folder, `stegos-bench-${process.pid}`);
    try {
      await mkdir(group);
    } catch {
      continue;
    }
    const remove = (): Promise<void> => removeGroup(group);
    try {
      await limit(group, Math.round(cores * PERIOD_US));
      return { limited: (command) => ["/bin/sh", "-c", ENTER, join(group, "cgroup.procs"), ...command], remove };
    } catch {
      await remove();
    }
  }
  return undefined;
}

const REMOVE_TRIES = 50;
const REMOVE_MS = 100;

/** A process that has just ended may still be counted as there. */
async function removeGroup(group: string): Promise<void> {
  for (let left = REMOVE_TRIES; left > 0; left--) {
    if ((await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "")) === "") break;
    await new Promise((resolve) => setTimeout(resolve, REMOVE_MS));
  }
  await rmdir(group);
}
