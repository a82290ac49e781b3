import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { transactionId } from "../../../../src/core/chain/transaction.ts";
import {
  blockBody,
  fillVersion,
  newAssembly,
  searchAssembly,
  versionOf,
  withVersion,
} from "../../../../src/core/machines/block-assembly.ts";
import { EMPTY_MEMPOOL, type Mempool } from "../../../../src/core/mempool/mempool.ts";
import { BLOCK_BYTES_MAX } from "../../../../src/core/params/limits.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

/** A block of two transactions, and a third that is not in it. */
function example() {
  const builder = new LedgerBuilder({ label: "assembly" });
  const transactions = [1, 1, 1].map((count) => builder.transfer(builder.take(count)).transaction);
  const block = builder.build(transactions.slice(0, 2));
  const body = blockBody(block);
  const assembly = withVersion(newAssembly(blockId(block.header), body), body.shortIds, "friend");
  return { block, body, assembly, other: transactions[2]! };
}

describe("a block on its way to being whole", () => {
  it("[CO-19] a held transaction that shares a short id with the one meant makes the sender be asked for all", () => {
    const { block, assembly, other } = example();
    // Nobody can make such a pair in a test, so the pool is told a false id.
    const held = block.transactions.map((transaction, place) => ({
      txid: transactionId(transaction),
      transaction: place === 0 ? other : transaction,
    }));
    const entries = new Map(held.map((entry) => [formatHex(entry.txid), entry]));
    const mempool = { ...EMPTY_MEMPOOL, entries } as unknown as Mempool;
    const searched = searchAssembly(assembly, mempool, 1);
    expect(searched).toMatchObject({ ask: ["friend"], liars: [] });
    expect(versionOf(searched.assembly, "friend")).toMatchObject({
      filledFrom: "sender",
      transactions: [undefined, undefined],
    });
    const parts = block.transactions.map((transaction, index) => ({ index, transaction }));
    const filled = fillVersion(searched.assembly, versionOf(searched.assembly, "friend")!, parts);
    expect(searchAssembly(filled, mempool, 1)).toMatchObject({
      assembly: { versions: [] },
      wholes: [{ block, from: "friend" }],
    });
  });

  it("[CO-19] more bytes than a block may have are the sender's lie", () => {
    const { assembly } = example();
    const [version] = searchAssembly(assembly, EMPTY_MEMPOOL, 1).assembly.versions;
    const atLimit = { ...assembly, versions: [{ ...version!, partBytes: BLOCK_BYTES_MAX }] };
    expect(searchAssembly(atLimit, EMPTY_MEMPOOL, 1).liars).toEqual([]);
    const above = { ...assembly, versions: [{ ...version!, partBytes: BLOCK_BYTES_MAX + 1 }] };
    expect(searchAssembly(above, EMPTY_MEMPOOL, 1)).toMatchObject({ assembly: { versions: [] }, liars: ["friend"] });
  });

  it("[CO-19] what came by gossip is nobody's lie", () => {
    const { body, assembly } = example();
    const gossiped = withVersion({ ...assembly, versions: [] }, [], undefined);
    expect(searchAssembly(gossiped, EMPTY_MEMPOOL, 1)).toMatchObject({ assembly: { versions: [] }, liars: [] });
    const mine = withVersion(gossiped, body.shortIds, undefined);
    expect(mine).toBe(gossiped);
  });
});
