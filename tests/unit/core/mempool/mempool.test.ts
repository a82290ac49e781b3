import { describe, expect, it, vi } from "vitest";
import { blockOverhead } from "../../../../src/core/state/block-transactions.ts";
import { buildBlock } from "../../../../src/core/state/build-block.ts";
import { encodeBlock } from "../../../../src/core/chain/block.ts";
import { transactionId, type Transaction } from "../../../../src/core/chain/transaction.ts";
import { addScalars, scalarOf } from "../../../../src/core/crypto/scalar.ts";
import {
  admitCandidate,
  judgeTransaction,
  type AdmitRefusal,
  type Candidate,
} from "../../../../src/core/mempool/admit-transaction.ts";
import {
  chooseTransactions,
  EMPTY_MEMPOOL,
  evictionsFor,
  hasTransaction,
  insertEntry,
  MEMPOOL_BYTES_MAX,
  MEMPOOL_TRANSACTIONS_MAX,
  removeAfterBlock,
  removeEntries,
  type Mempool,
  type MempoolEntry,
} from "../../../../src/core/mempool/mempool.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder, type TestTransfer } from "../../../support/ledger-builder.ts";

const NOW = timeMs(1_700_000_005_000);

function judge(builder: LedgerBuilder, mempool: Mempool, transaction: Transaction): Candidate | AdmitRefusal {
  const result = judgeTransaction(builder.deps, mempool, builder.tip, builder.ledger, transaction, NOW);
  return result.verdict === "accept" ? result.candidate : result;
}

function admit(builder: LedgerBuilder, mempool: Mempool, transfer: TestTransfer): Mempool {
  const candidate = judge(builder, mempool, transfer.transaction);
  if (!("entry" in candidate)) throw new Error(JSON.stringify(candidate));
  const result = admitCandidate(mempool, builder.tip, builder.ledger, candidate);
  if (result.verdict !== "accept") throw new Error(result.verdict);
  return result.mempool;
}

const idOf = (transfer: TestTransfer) => transactionId(transfer.transaction);

describe("admitting a transaction", () => {
  const builder = new LedgerBuilder({ label: "pool" });
  builder.extend();
  const [first, second] = builder.notes;
  const good = builder.transfer([first!, second!]);

  it("[TX-3] hands out the coins whose proofs are still to be verified, then takes it", () => {
    const candidate = judge(builder, EMPTY_MEMPOOL, good.transaction);
    if (!("entry" in candidate)) throw new Error("refused");
    expect(candidate.coins.length).toBe(2);
    expect(candidate.entry).toMatchObject({ weight: 2, factor: 1, arrivedAt: NOW });
    const mempool = admit(builder, EMPTY_MEMPOOL, good);
    expect(hasTransaction(mempool, idOf(good))).toBe(true);
    expect(mempool.bytes).toBe(candidate.entry.size);
    expect(EMPTY_MEMPOOL.entries.size).toBe(0);
  });

  it("ignores what it has, what conflicts, and what does not fit the ledger here and now", () => {
    const mempool = admit(builder, EMPTY_MEMPOOL, good);
    const resigned = builder.sign(
      good.transaction,
      good.spends.map(({ secret }) => secret),
    );
    expect(judge(builder, mempool, resigned)).toEqual({ verdict: "ignore", reason: "already_known" });
    const other = builder.transfer([second!]);
    expect(judge(builder, mempool, other.transaction)).toEqual({ verdict: "ignore", reason: "conflicting" });
    const gone = builder.transfer([{ ...first!, leaf: leafIndex(500) }]).transaction;
    expect(judge(builder, EMPTY_MEMPOOL, gone)).toEqual({ verdict: "ignore", reason: "not_now", rule: "TX-1" });
    const late = builder.transfer([first!], [0n, 1n], { notAfter: timeMs(builder.tip.header.time - 1) }).transaction;
    expect(judge(builder, EMPTY_MEMPOOL, late)).toEqual({ verdict: "ignore", reason: "not_now", rule: "TX-2" });
    const cheap = builder.transfer([first!], [0n, 1n], { fee: 20_999n }).transaction;
    expect(judge(builder, EMPTY_MEMPOOL, cheap)).toEqual({ verdict: "ignore", reason: "not_now", rule: "TX-8" });
  });

  it("rejects what is wrong everywhere", () => {
    const rule = (transaction: Transaction): unknown => judge(builder, EMPTY_MEMPOOL, transaction);
    const secrets = good.spends.map(({ secret }) => secret);
    const gamma = addScalars(good.transaction.gamma, scalarOf(1n));
    expect(rule(builder.sign({ ...good.transaction, gamma }, secrets))).toEqual({ verdict: "reject", rule: "TX-4" });
    const unsigned = { ...good.transaction, signatures: [...good.transaction.signatures].reverse() };
    expect(rule(unsigned)).toEqual({ verdict: "reject", rule: "TX-5" });
    const foreign = builder.transfer([first!], [0n, 1n], { chainId: 2 }).transaction;
    expect(rule(foreign)).toEqual({ verdict: "reject", rule: "TX-9" });
    const reversed = { ...good.transaction, outputs: [...good.transaction.outputs].reverse() };
    expect(rule(reversed)).toEqual({ verdict: "reject", rule: "TX-7" });
  });

  it("looks again when the proofs are done, since the ledger has moved on", () => {
    const moved = new LedgerBuilder({ label: "moved" });
    const [note] = moved.take(1);
    const transfer = moved.transfer([note!]);
    const candidate = judge(moved, EMPTY_MEMPOOL, transfer.transaction);
    if (!("entry" in candidate)) throw new Error("refused");
    const held = admit(moved, EMPTY_MEMPOOL, moved.transfer([note!], [5n, 6n]));
    expect(admitCandidate(held, moved.tip, moved.ledger, candidate)).toMatchObject({ reason: "conflicting" });
    moved.extend([moved.transfer([note!], [7n, 8n])]);
    expect(admitCandidate(EMPTY_MEMPOOL, moved.tip, moved.ledger, candidate)).toMatchObject({
      verdict: "ignore",
      rule: "TX-1",
    });
  });
});

describe("a block's effect on the pool", () => {
  it("[TX-2] [TX-8] drops what is included, conflicting, expired or priced out, and says which", () => {
    const builder = new LedgerBuilder({ label: "removal", params: { targetOutputsPerEpoch: 1 } });
    const [one, two, three, four] = builder.take(4);
    const soon = timeMs(builder.tip.header.time + 500);
    const included = builder.transfer([one!]);
    const conflicting = builder.transfer([two!]);
    const expired = builder.transfer([three!], [0n, 1n], { notAfter: soon });
    const staying = builder.transfer([four!]);
    let mempool = EMPTY_MEMPOOL;
    for (const transfer of [included, conflicting, expired, staying]) mempool = admit(builder, mempool, transfer);
    const outcome = builder.extend([included, builder.transfer([two!], [3n, 4n])]);
    const { txids, compact } = outcome;
    const none = { txids: [], spent: [], rewritten: [] };
    const result = removeAfterBlock(mempool, builder.tip, builder.ledger, {
      txids,
      spent: compact.spent,
      rewritten: [],
    });
    expect(result.removed.map(({ reason }) => reason)).toEqual(["included", "conflicting", "expired"]);
    expect([...result.mempool.entries.values()].map(({ txid }) => txid)).toEqual([idOf(staying)]);
    expect(result.mempool.spenders.size).toBe(1);
    // The price holds for the next epoch too, then it is gone.
    builder.extendToBoundary();
    const kept = removeAfterBlock(result.mempool, builder.tip, builder.ledger, none);
    expect(kept.removed).toEqual([]);
    builder.extend([builder.transfer(builder.take(1), [1n, 2n, 3n])]);
    builder.extendToBoundary();
    const priced = removeAfterBlock(kept.mempool, builder.tip, builder.ledger, none);
    expect(priced.removed.map(({ reason }) => reason)).toEqual(["fee-outdated"]);
    expect(priced.mempool.bytes).toBe(0);
  });
});

describe("choosing for a block", () => {
  it("[TX-8] takes the highest factor first, then the oldest, and what it takes makes a valid block", () => {
    const builder = new LedgerBuilder({ label: "choose", params: { maxBlockOutputs: 8 } });
    const factors = [1, 4, 1, 16, 4] as const;
    const transfers = factors.map((factor) => builder.transfer(builder.take(1), [1n, 2n], { factor }));
    const mempool = transfers.reduce((pool, transfer) => admit(builder, pool, transfer), EMPTY_MEMPOOL);
    const overhead = blockOverhead(builder.lastCertificate, []);
    const chosen = chooseTransactions(mempool, builder.tip, builder.ledger, overhead);
    expect(chosen).toEqual([3, 1, 4, 0].map((index) => transfers[index]!.transaction));
    const built = buildBlock(builder.deps, builder.tip, builder.ledger, builder.draft(chosen));
    if (!built.ok) throw new Error(built.rule);
    expect(built.refused).toEqual([]);
    expect(encodeBlock({ ...built.block, transactions: [] }).length).toBe(overhead);
    const size = encodeBlock(built.block).length;
    // One byte less room, and the last one does not fit.
    const params = { ...builder.tip.chain.params, maxBlockBytes: size };
    const tip = { ...builder.tip, chain: { ...builder.tip.chain, params } };
    expect(chooseTransactions(mempool, tip, builder.ledger, overhead).length).toBe(4);
    expect(chooseTransactions(mempool, tip, builder.ledger, overhead + 1).length).toBe(3);
  });

  it("[TX-2] leaves for later what is not valid yet", () => {
    const builder = new LedgerBuilder({ label: "window" });
    const transfer = builder.transfer(builder.take(1));
    const mempool = admit(builder, EMPTY_MEMPOOL, transfer);
    const header = { ...builder.tip.header, time: timeMs(transfer.transaction.notAfter + 1) };
    expect(chooseTransactions(mempool, { ...builder.tip, header }, builder.ledger, 0)).toEqual([]);
    expect(chooseTransactions(mempool, builder.tip, builder.ledger, 0)).toEqual([transfer.transaction]);
  });
});

describe("a full pool", () => {
  const builder = new LedgerBuilder({ label: "full" });
  const { transaction } = builder.transfer(builder.take(1));

  function entryOf(index: number, factor: number, size = 2_000): Omit<MempoolEntry, "arrival"> {
    const inputs = [leafIndex(100_000 + index)];
    return {
      txid: hash32("test/pool", u32(index)),
      transaction: { ...transaction, inputs },
      size,
      weight: 2,
      factor,
      spentStake: 0n,
      claimFee: 0n,
      arrivedAt: NOW,
    };
  }

  function poolOf(count: number, factorOf: (index: number) => number, size?: number): Mempool {
    let mempool = EMPTY_MEMPOOL;
    for (let index = 0; index < count; index++) mempool = insertEntry(mempool, entryOf(index, factorOf(index), size));
    return mempool;
  }

  it("holds MEMPOOL_TRANSACTIONS_MAX and pushes out the lowest factor, oldest first", () => {
    const roomy = poolOf(MEMPOOL_TRANSACTIONS_MAX - 1, () => 1);
    expect(evictionsFor(roomy, entryOf(9_999, 1))).toEqual([]);
    const full = poolOf(MEMPOOL_TRANSACTIONS_MAX, (index) => (index === 0 || index === 7 || index === 9 ? 1 : 2));
    // At the lowest price nobody has to go: a flood would empty the pool for free.
    expect(evictionsFor(full, entryOf(9_999, 1))).toBe(undefined);
    const evicted = evictionsFor(full, entryOf(9_999, 2))!;
    expect(evicted.map(({ arrival }) => arrival)).toEqual([0]);
    const next = insertEntry(removeEntries(full, evicted), entryOf(9_999, 2));
    expect(next.entries.size).toBe(MEMPOOL_TRANSACTIONS_MAX);
    expect(next.spenders.has(leafIndex(100_000))).toBe(false);
    expect(evictionsFor(next, entryOf(9_998, 16))!.map(({ arrival }) => arrival)).toEqual([7]);
  });

  it("is put in order once for each version, however many ask for room in it", () => {
    const full = poolOf(MEMPOOL_TRANSACTIONS_MAX, (index) => 1 + (index % 3));
    const looks = vi.spyOn(full.entries, "values");
    for (let each = 0; each < 100; each++) expect(evictionsFor(full, entryOf(9_000 + each, 1))).toBe(undefined);
    expect(evictionsFor(full, entryOf(9_999, 3))!.map(({ arrival }) => arrival)).toEqual([0]);
    expect(looks).toHaveBeenCalledTimes(1);
  });

  it("holds MEMPOOL_BYTES_MAX and makes as much room as is needed", () => {
    const size = MEMPOOL_BYTES_MAX / 256;
    const full = poolOf(256, (index) => (index < 4 ? 1 : 8), size);
    expect(full.bytes).toBe(MEMPOOL_BYTES_MAX);
    expect(evictionsFor(full, entryOf(9_999, 2, 2 * size))!.map(({ arrival }) => arrival)).toEqual([0, 1]);
    expect(evictionsFor(full, entryOf(9_999, 2, 5 * size))).toBe(undefined);
    const result = judgeTransaction(
      builder.deps,
      full,
      builder.tip,
      builder.ledger,
      builder.transfer(builder.take(1)).transaction,
      NOW,
    );
    expect(result).toEqual({ verdict: "ignore", reason: "pool_full" });
  });
});
