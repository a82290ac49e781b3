import type { Block } from "../../src/core/chain/block.ts";
import type { FullNodeStore } from "../../src/core/ports/full-node-store.ts";
import { blockCommit, type BlockOutcome } from "../../src/core/state/block-outcome.ts";
import { isEpochEndNext } from "../../src/core/state/ledger-tip.ts";
import { award } from "../../src/node/rpc/methods/award.ts";
import { fakeNodeView } from "./fake-node-view.ts";
import type { LedgerBuilder } from "./ledger-builder.ts";

/** A block that has drawn an award, and its commit. */
export interface DrawingBlock {
  readonly block: Block;
  readonly outcome: BlockOutcome;
  readonly commit: ReturnType<typeof blockCommit>;
}

/** Empty blocks until one has drawn an award, each stored where there is a store. */
export async function extendToDraw(builder: LedgerBuilder, store?: FullNodeStore): Promise<DrawingBlock> {
  for (;;) {
    const { params } = builder.tip.chain;
    const block = builder.build([], { afterMs: isEpochEndNext(builder.tip) ? 1_000 : params.epochMs / 4 });
    const outcome = builder.execute(block);
    if (!outcome.ok) throw new Error(`not executed: ${outcome.rule}`);
    const commit = blockCommit(outcome, block, builder.commit(outcome));
    await store?.commit(commit);
    if (commit.award !== undefined) return { block, outcome, commit };
  }
}

/** What the RPC `award` of a node with this store says of past draws, newest first. */
export async function pastDrawsOf(store: FullNodeStore): Promise<readonly Record<string, unknown>[]> {
  const { past } = (await award(await fakeNodeView({ store }), undefined)) as { past: Record<string, unknown>[] };
  return past;
}
