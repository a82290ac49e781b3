import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { transactionId, type Transaction } from "../../../../src/core/chain/transaction.ts";
import type { FullNodeEffect } from "../../../../src/core/machines/full-node-events.ts";
import { MEMPOOL_BYTES_MAX } from "../../../../src/core/mempool/mempool.ts";
import { height } from "../../../../src/core/values/height.ts";
import type { TestTransfer } from "../../../support/ledger-builder.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";

/** A transaction as it comes by gossip, with proofs that are found good. */
function gossip(node: WatchedNode, transaction: Transaction): readonly FullNodeEffect[] {
  const asked = ofType(node.gossip(transaction), "verify-proofs")[0]!;
  return node.post({ type: "proofs-verified", now: node.now, job: asked.job, good: asked.job.proofs.map(() => true) });
}

/** The next block, with these transactions, is fetched whole from a peer and becomes final. */
function finish(node: WatchedNode, transfers: readonly TestTransfer[]): readonly FullNodeEffect[] {
  const block = node.builder.build(transfers.map(({ transaction }) => transaction));
  const outcome = node.builder.execute(block);
  if (!outcome.ok) throw new Error(outcome.rule);
  const blocks = [{ block, certificate: node.builder.commit(outcome) }];
  node.post({ type: "status-received", now: node.now, peer: "friend", height: height(9) });
  return node.judge(node.post({ type: "blocks-fetched", now: node.now, peer: "friend", blocks }));
}

const changes = (effects: readonly FullNodeEffect[]) =>
  ofType(effects, "pool-changed").map(({ added, removed }) => ({
    added: added.map(({ txid }) => formatHex(txid)),
    removed: removed.map(({ entry, reason }) => `${reason} ${formatHex(entry.txid)}`),
  }));
const nameOf = ({ transaction }: TestTransfer): string => formatHex(transactionId(transaction));

describe("readers of the mempool", () => {
  it("[NW-13] hear of what comes in, and of what a block takes along or makes impossible", () => {
    const node = new WatchedNode();
    const notes = node.builder.take(2);
    const [one, two] = notes.map((note) => node.builder.transfer([note]));
    const rival = node.builder.transfer([notes[1]!], [3n, 4n]);
    expect(changes(gossip(node, one!.transaction))).toEqual([{ added: [nameOf(one!)], removed: [] }]);
    expect(changes(gossip(node, two!.transaction))).toEqual([{ added: [nameOf(two!)], removed: [] }]);
    expect(changes(node.gossip(one!.transaction))).toEqual([]);
    const removed = [`included ${nameOf(one!)}`, `conflicting ${nameOf(two!)}`];
    expect(changes(finish(node, [one!, rival]))).toEqual([{ added: [], removed }]);
  });

  it("[NW-13] hear of what a better-paying transaction pushes out", () => {
    const node = new WatchedNode();
    const cheap = node.builder.transfer(node.builder.take(1));
    gossip(node, cheap.transaction);
    // As if it were the last of a full mempool.
    const { mempool } = node.state;
    node.state = { ...node.state, mempool: { ...mempool, bytes: MEMPOOL_BYTES_MAX } };
    const dear = node.builder.transfer(node.builder.take(1), [1n, 2n], { factor: 4 });
    expect(changes(gossip(node, dear.transaction))).toEqual([
      { added: [nameOf(dear)], removed: [`evicted ${nameOf(cheap)}`] },
    ]);
  });

  it("[NW-13] hear nothing of a block that takes nothing out of the mempool", () => {
    const node = new WatchedNode();
    expect(changes(finish(node, []))).toEqual([]);
  });
});
