import type { KernelSource } from "../../../src/core/crypto/backend/open-backend.ts";
import { workFor, type Work, type WorkDone } from "../support/work.ts";
import { openMsmWorks } from "./msm-works.ts";
import { openProofWorks } from "./proof-works.ts";
import { openScanWorks } from "./scan-works.ts";

const GROUPS = { scan: openScanWorks, proofs: openProofWorks, msm: openMsmWorks } as const;

export type WorkGroup = keyof typeof GROUPS;

/** The works of this thread; each group is opened when it is first asked for. */
export class WorkGroups {
  readonly #source: KernelSource;
  readonly #open = new Map<WorkGroup, Promise<ReadonlyMap<string, Work>>>();

  constructor(source: KernelSource) {
    this.#source = source;
  }

  /** undefined if there is no such work here: an engine without SIMD has none that needs it. */
  async run(group: WorkGroup, name: string, seconds: number): Promise<WorkDone | undefined> {
    const opening = this.#open.get(group) ?? GROUPS[group](this.#source);
    this.#open.set(group, opening);
    const work = (await opening).get(name);
    return work && (await workFor(work, seconds));
  }
}
