import { describe, expect, it } from "vitest";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import type { Transaction } from "../../../../src/core/chain/transaction.ts";
import { admitCandidate, judgeTransaction } from "../../../../src/core/mempool/admit-transaction.ts";
import {
  chooseTransactions,
  EMPTY_MEMPOOL,
  removeAfterBlock,
  type Mempool,
} from "../../../../src/core/mempool/mempool.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder, type TestNote } from "../../../support/ledger-builder.ts";

const SEED = devValidatorSeed(4);
const NOW = timeMs(1_700_000_005_000);
const PARAMS = { unbondingMs: 1 };

function judge(builder: LedgerBuilder, mempool: Mempool, transaction: Transaction) {
  return judgeTransaction(builder.deps, mempool, builder.tip, builder.ledger, transaction, NOW);
}

function admit(builder: LedgerBuilder, mempool: Mempool, transaction: Transaction): Mempool {
  const judged = judge(builder, mempool, transaction);
  if (judged.verdict !== "accept") throw new Error(JSON.stringify(judged));
  const admitted = admitCandidate(mempool, builder.tip, builder.ledger, judged.candidate);
  if (admitted.verdict !== "accept") throw new Error(JSON.stringify(admitted));
  return admitted.mempool;
}

/** What a slash does, as far as pools and claims see it: less is left in the stake. */
function slash(builder: LedgerBuilder, { leaf }: TestNote): void {
  const stakes = builder.tip.stakes.map((stake) =>
    stake.leaf === leaf ? { ...stake, state: { ...stake.state, amount: amount(stake.state.amount - 1n) } } : stake,
  );
  const record = builder.ledger.leaf(leaf)!;
  const stateFields = record.stateFields.slice();
  stateFields[1]! -= 1;
  builder.ledger.leaves.set(leaf, { ...record, stateFields });
  builder.tip = { ...builder.tip, stakes };
}

/** A stake that may be spent, and what it is worth. */
function released(label: string): { readonly builder: LedgerBuilder; readonly note: TestNote } {
  const builder = new LedgerBuilder({ label, params: PARAMS });
  const [stake] = builder.lock([builder.stake(200_000_000n, SEED)]);
  builder.extend([{ transaction: builder.unbond(stake!), makes: [] }]);
  builder.extendToBoundary();
  builder.extend();
  return { builder, note: { ...stake!, amount: 200_000_000n - 10_000n } };
}

describe("a pool that holds transactions of stakes", () => {
  const builder = new LedgerBuilder({ label: "stake pool", params: PARAMS });
  const [stake] = builder.lock([builder.stake(200_000_000n, SEED)]);

  it("[ST-5] takes one unbond of a stake, refuses what is wrong everywhere, and ignores what is wrong here", () => {
    const unbond = builder.unbond(stake!);
    const mempool = admit(builder, EMPTY_MEMPOOL, unbond);
    expect(chooseTransactions(mempool, builder.tip, builder.ledger, 0)).toEqual([unbond]);
    const again = builder.unbond(stake!, { fee: amount(20_000n) });
    expect(judge(builder, mempool, again)).toEqual({ verdict: "ignore", reason: "conflicting" });
    const forged = { ...unbond, signature: again.signature };
    expect(judge(builder, EMPTY_MEMPOOL, forged)).toEqual({ verdict: "reject", rule: "TX-5" });
    const none = builder.unbond({ ...stake!, leaf: builder.notes[0]!.leaf });
    expect(judge(builder, EMPTY_MEMPOOL, none)).toEqual({ verdict: "ignore", reason: "not_now", rule: "ST-5" });
    const cheap = builder.unbond(stake!, { fee: amount(1n) });
    expect(judge(builder, EMPTY_MEMPOOL, cheap)).toEqual({ verdict: "ignore", reason: "not_now", rule: "TX-8" });
  });

  it("[ST-1] refuses a stake that its key did not accept", () => {
    const [note] = builder.notes;
    const make = (value: bigint, change = {}) => {
      const parts = [builder.stake(value, SEED, change), builder.coin(note!.amount - value - 31_000n)];
      return builder.transferInto([note!], parts, { fee: 31_000n }).transaction;
    };
    expect(judge(builder, EMPTY_MEMPOOL, make(200_000_000n)).verdict).toBe("accept");
    const unproven = make(200_000_000n, { possessionProof: new Uint8Array(96) });
    expect(judge(builder, EMPTY_MEMPOOL, unproven)).toEqual({ verdict: "reject", rule: "ST-1" });
    expect(judge(builder, EMPTY_MEMPOOL, make(1n))).toMatchObject({ verdict: "ignore", rule: "ST-1" });
  });

  it("[ST-3] takes one unjail of a key before all that pays", () => {
    const accounts = builder.tip.aux.accounts.map((each) => ({ ...each, status: "jailed" as const }));
    const jailed = new LedgerBuilder({ label: "jailed pool" });
    jailed.tip = { ...builder.tip, aux: { ...builder.tip.aux, accounts } };
    jailed.ledger.leaves.clear();
    for (const [leaf, record] of builder.ledger.leaves) jailed.ledger.leaves.set(leaf, record);
    const unjail = jailed.unjail(SEED);
    const dear = builder.transfer([builder.notes[0]!], [0n, 1n], { factor: 8 }).transaction;
    const mempool = admit(jailed, admit(jailed, EMPTY_MEMPOOL, dear), unjail);
    expect(chooseTransactions(mempool, jailed.tip, jailed.ledger, 0)).toEqual([unjail, dear]);
    expect(judge(jailed, mempool, jailed.unjail(SEED))).toEqual({ verdict: "ignore", reason: "already_known" });
    const forged = { ...unjail, signature: new Uint8Array(96) };
    expect(judge(jailed, EMPTY_MEMPOOL, forged)).toEqual({ verdict: "reject", rule: "TX-5" });
    // Back in good standing, or another epoch: what waits is for nothing.
    const none = { txids: [], spent: [], rewritten: [] };
    expect(removeAfterBlock(mempool, jailed.tip, jailed.ledger, none).removed).toEqual([]);
    expect(removeAfterBlock(mempool, builder.tip, builder.ledger, none).removed).toMatchObject([
      { reason: "conflicting" },
    ]);
    const header = { ...jailed.tip.header, isEpochEnd: true };
    const later = { ...jailed.tip, header };
    expect(removeAfterBlock(mempool, later, jailed.ledger, none).removed).toMatchObject([{ reason: "conflicting" }]);
  });

  it("[ST-5] drops an unbond whose stake another one has unbonded", () => {
    const own = new LedgerBuilder({ label: "twice", params: PARAMS });
    const [mine] = own.lock([own.stake(200_000_000n, SEED)]);
    const mempool = admit(own, EMPTY_MEMPOOL, own.unbond(mine!));
    const { txids, compact } = own.extend([{ transaction: own.unbond(mine!, { fee: amount(20_000n) }), makes: [] }]);
    const block = { txids, spent: compact.spent, rewritten: compact.changed.map(({ leaf }) => leaf) };
    expect(removeAfterBlock(mempool, own.tip, own.ledger, block).removed).toMatchObject([{ reason: "conflicting" }]);
  });
});

describe("a released stake that is slashed while a transfer of it waits", () => {
  it("[TX-4] drops the transfer from the pool", () => {
    const { builder, note } = released("waiting");
    const mempool = admit(builder, EMPTY_MEMPOOL, builder.transfer([note]).transaction);
    const rewritten = { txids: [], spent: [], rewritten: [note.leaf] };
    expect(removeAfterBlock(mempool, builder.tip, builder.ledger, rewritten).removed).toMatchObject([
      { reason: "conflicting" },
    ]);
    expect(removeAfterBlock(mempool, builder.tip, builder.ledger, { ...rewritten, rewritten: [] }).removed).toEqual([]);
  });

  it("[TX-4] does not take it once its proofs are done", () => {
    const { builder, note } = released("proving");
    const judged = judge(builder, EMPTY_MEMPOOL, builder.transfer([note]).transaction);
    if (judged.verdict !== "accept") throw new Error(judged.verdict);
    slash(builder, note);
    expect(admitCandidate(EMPTY_MEMPOOL, builder.tip, builder.ledger, judged.candidate)).toEqual({
      verdict: "ignore",
      reason: "not_now",
      rule: "TX-4",
    });
  });

  it("[TX-4] is nothing that a pool vouches for in a block", () => {
    const { builder, note } = released("vouched");
    const { transaction } = builder.transfer([note]);
    const deps = { ...builder.deps, isAdmitted: () => true };
    Object.assign(builder.deps, deps);
    expect(builder.ruleOf([transaction])).toBe("kept");
    slash(builder, note);
    expect(builder.ruleOf([transaction])).toBe("TX-4");
  });
});
