import type { ChildProcess } from "node:child_process";
import { startDevnet, stopDevnet, type Devnet } from "../../support/devnet.ts";
import type { CleanUp } from "./clean-up.ts";

/** A devnet in a folder that is there already; it ends with the run, also while it is still starting. */
export async function startBenchDevnet(
  directory: string,
  cleanUp: CleanUp,
  more: readonly string[] = [],
): Promise<{ readonly devnet: Devnet; readonly stopped: () => Promise<void> }> {
  let child: ChildProcess | undefined;
  const stopped = cleanUp.add(() => child && stopDevnet(child));
  const devnet = await startDevnet({ directory, more, onSpawn: (spawned) => (child = spawned) });
  return { devnet, stopped };
}
