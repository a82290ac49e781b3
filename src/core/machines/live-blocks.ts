import { scanEntryOf } from "../chain/compact-block.ts";
import type { LiveOutput } from "../sync/served-bucket.ts";
import type { TimeMs } from "../values/height.ts";
import type { ScanBlock } from "../wallet/scan-outputs.ts";

/**
 * Runs of live outputs that one block made, for a scan. No header of theirs is known, only that it came before the state
 * they were read in, which is of this time.
 */
export function liveBlocks(timeMs: TimeMs, live: readonly LiveOutput[]): readonly ScanBlock[] {
  const runs: LiveOutput[][] = [];
  for (const output of live) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last !== undefined && last.leaf + 1 === output.leaf && last.height === output.height) run!.push(output);
    else runs.push([output]);
  }
  return runs.map((run) => ({
    height: run[0]!.height,
    timeMs,
    isTimeBound: true,
    firstLeaf: run[0]!.leaf,
    entries: run.map(({ core }) => scanEntryOf(core)),
    outputs: run,
  }));
}
