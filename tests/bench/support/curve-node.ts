import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { WorkGroups, type WorkGroup } from "../curve/work-groups.ts";
import { cpuSeconds } from "./cpu-seconds.ts";
import { rateOf, warmedUp, type Candidate, type Rate } from "./rates.ts";
import type { WorkDone } from "./work.ts";

const groups = new WorkGroups(buildKernel);

/** A work of `bench/curve` on this very thread. */
export function nodeCandidate(name: string, group: WorkGroup, work: string): Candidate {
  const run = (seconds: number): Promise<WorkDone | undefined> => groups.run(group, work, seconds);
  const measure = async (seconds: number): Promise<Rate | undefined> => {
    const before = cpuSeconds();
    const done = await run(seconds);
    return done && rateOf(done, cpuSeconds() - before);
  };
  return { name, round: warmedUp(run, measure) };
}
