import { readdir, readFile } from "node:fs/promises";

/** Processor time so far in seconds, by names of what took it: the threads of some processes. */
export type CpuTimes = ReadonlyMap<string, number>;

/**
 * Processor time of each living thread of a process, as Linux counts it: to the nanosecond, where other sources count
 * in hundredths of a second. undefined on other systems, and of a process that is not there.
 */
export async function threadTimes(pid: number): Promise<CpuTimes | undefined> {
  try {
    const threads = await readdir(`/proc/${pid}/task`);
    const times = await Promise.all(threads.map((thread) => threadNanoseconds(pid, thread)));
    return new Map(threads.map((thread, index) => [`${pid} ${thread}`, times[index]! / 1e9]));
  } catch {
    return undefined;
  }
}

/**
 * What those took in between who live afterwards. A thread that has ended takes its whole past with it, so sums over
 * all say too little, down to less than nothing; here only its own part of the time between is missing.
 */
export function secondsBetween(before: CpuTimes, after: CpuTimes): number {
  let seconds = 0;
  for (const [name, time] of after) seconds += time - (before.get(name) ?? 0);
  return seconds;
}

/** A thread may end while the others are read. */
async function threadNanoseconds(pid: number, thread: string): Promise<number> {
  try {
    return Number((await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8")).split(" ")[0]);
  } catch (error) {
    if ((await readdir(`/proc/${pid}/task`)).includes(thread)) throw error;
    return 0;
  }
}

/** What `/proc` counts processor time in: a hundredth of a second on every Linux. */
const TICKS_PER_S = 100;

/**
 * Processor time of a process so far in seconds, to hundredths, with that of threads that have ended. undefined on other
 * systems, and of a process that is not there.
 */
export async function processSeconds(pid: number): Promise<number | undefined> {
  try {
    // The name of the program stands in brackets and may hold anything; the times are 12 and 13 places behind it.
    const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /s, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  } catch {
    return undefined;
  }
}
