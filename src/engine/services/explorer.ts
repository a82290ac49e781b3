import type { NewestBlockView, RecentView } from "../../api/explorer.ts";
import type { ClientApi } from "../../api/client-api.ts";
import { amount } from "../../core/values/amount.ts";
import type { TrustedChain } from "../../core/sync/trusted-chain.ts";
import { ForkWatch, isForked } from "./fork-watch.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { lookupNodes } from "./lookup-nodes.ts";
import { RecentBlocks } from "./recent-blocks.ts";

/** What exploring needs of a run. */
export type ExplorerRun = Pick<LightClientRun, "state" | "until">;

/** The explorer area of the client's API: what this device knows of the chain, and what it asks others for. */
export class ExplorerService {
  readonly #run: () => ExplorerRun | undefined;
  readonly #recent: RecentBlocks;
  /** LC-3: over a fork nobody is asked anything. */
  readonly #forks: ForkWatch;

  constructor(edges: LightClientEdges, run: () => ExplorerRun | undefined) {
    this.#run = run;
    this.#recent = new RecentBlocks(edges);
    this.#forks = new ForkWatch(() => this.#recent.end());
  }

  readonly api: ClientApi["explorer"] = {
    recent: () => Promise.resolve(this.#look()),
  };

  /** The run is over: nobody is asked any more, and no host is left. */
  stopped(): Promise<void> {
    return this.#recent.end();
  }

  /** What was known belongs to a chain or a wallet that is gone. */
  forget(): void {
    this.#recent.forget();
  }

  /** Answers with what is known, and asks for what is not: whoever looks asks again. */
  #look(): RecentView {
    const run = this.#run();
    const newest = run?.state.durable.chain;
    if (run !== undefined && newest !== undefined && !isForked(run)) {
      this.#forks.watch(run);
      const { config } = run.state;
      if (config !== undefined) void this.#recent.follow({ config, nodes: lookupNodes(run.state, config), newest });
    }
    return { newest: newest && viewNewest(newest), blocks: this.#recent.blocks };
  }
}

function viewNewest({ header }: TrustedChain): NewestBlockView {
  const { height, time, pot, minted, burned } = header;
  return { height, timeMs: time, pot: amount(pot), minted: amount(minted), burned: amount(burned) };
}
