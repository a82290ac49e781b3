import { readdir } from "node:fs/promises";
import { constants, setPriority } from "node:os";

/**
 * Lowers the priority of a process with all the threads that it has, which Linux counts one by one; what they start later is
 * as patient. Nobody without privileges can take it back.
 */
export async function giveWay(pid: number, priority: number = constants.priority.PRIORITY_LOW): Promise<void> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [String(pid)]);
  for (const thread of threads) {
    try {
      setPriority(Number(thread), priority);
    } catch (error) {
      // It has ended meanwhile.
      if ((error as { readonly info?: { readonly code?: string } }).info?.code !== "ESRCH") throw error;
    }
  }
}
