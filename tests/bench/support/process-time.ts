import { readdir, readFile } from "node:fs/promises";

/**
 * Processor time of all living threads of a process in seconds, as Linux counts it: to the nanosecond, where other
 * sources count in hundredths of a second. undefined on other systems.
 */
export async function processSeconds(pid: number): Promise<number | undefined> {
  try {
    const threads = await readdir(`/proc/${pid}/task`);
    const times = await Promise.all(threads.map((thread) => threadNanoseconds(pid, thread)));
    return times.reduce((sum, time) => sum + time, 0) / 1e9;
  } catch {
    return undefined;
  }
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
