import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { decodeOutputCore, type PublicCore } from "../../../../src/core/chain/output.ts";
import { proposer } from "../../../../src/core/chain/proposer.ts";
import { awardAnchor, checkPublicOutput, payoutAnchor } from "../../../../src/core/crypto/public-output.ts";
import { AWARD_KEYS_MAX, BLOCK_PAYOUTS_MAX } from "../../../../src/core/params/limits.ts";
import { DEAD_EPOCHS_MIN } from "../../../../src/core/params/validate-params.ts";
import {
  decodeAuxRecords,
  encodeAuxRecords,
  freshAccount,
  ZERO_WEEK,
  type ValidatorAccount,
} from "../../../../src/core/state/aux-records.ts";
import { awardWinner, endsWeek, isEligible } from "../../../../src/core/state/award.ts";
import type { BlockOutcome } from "../../../../src/core/state/block-outcome.ts";
import { payAccounts } from "../../../../src/core/state/implicit-outputs.ts";
import { nextEpoch, nextHeight } from "../../../../src/core/state/ledger-tip.ts";
import { dueAccounts, nextPayoutEpoch } from "../../../../src/core/state/payouts.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { epoch, height } from "../../../../src/core/values/height.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { accountAt, expectSound, isInSet, makingNothing, stateOf, withAccount } from "../../../support/stake-ledger.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const STG = 1_000_000n;
const seeds = [0, 1, 2, 3, 4].map(devValidatorSeed);
const [lazy] = seeds as [Uint8Array, ...Uint8Array[]];

const seatOf = (builder: LedgerBuilder, seed: Uint8Array): number => {
  const key = formatHex(builder.deps.bls.publicKey(seed));
  return builder.tip.validators.findIndex(({ blsKey }) => formatHex(blsKey) === key);
};

/** A block whose certificate lacks a key. */
function extendWithout(builder: LedgerBuilder, seed: Uint8Array, afterMs = 1_000): BlockOutcome {
  const seats = builder.tip.nextValidators.flatMap(({ blsKey }, seat) =>
    formatHex(blsKey) === formatHex(builder.deps.bls.publicKey(seed)) ? [] : [seat],
  );
  return builder.extend([], { afterMs, seats });
}

function toBoundaryWithout(builder: LedgerBuilder, seed: Uint8Array): BlockOutcome {
  for (;;) {
    const outcome = extendWithout(builder, seed, builder.tip.chain.params.epochMs);
    if (outcome.tip.header.isEpochEnd) return outcome;
  }
}

const publicCores = ({ cores }: BlockOutcome): readonly PublicCore[] =>
  [...cores.values()].map(decodeOutputCore).filter((core) => core.type === "public");

describe("jailing", () => {
  it("[ST-3] [ST-7] comes at the boundary dead_epochs after the last precommit, and the power is out with it", () => {
    const builder = new LedgerBuilder({ label: "jail", validatorCount: 5, params: { deadEpochs: 3, weekEpochs: 50 } });
    builder.extendToBoundary();
    const seen = accountAt(builder, lazy)!.lastSignedEpoch;
    expect(seen).toBe(1);
    // Its signature for the boundary block itself still comes into the next epoch.
    toBoundaryWithout(builder, lazy);
    const last = accountAt(builder, lazy)!.lastSignedEpoch;
    while (nextEpoch(builder.tip) < last + 3) {
      expect([accountAt(builder, lazy)!.status, isInSet(builder, lazy)]).toEqual(["ok", true]);
      toBoundaryWithout(builder, lazy);
    }
    expect(accountAt(builder, lazy)!.status).toBe("ok");
    toBoundaryWithout(builder, lazy);
    expect(builder.tip.header.epoch).toBe(last + 3);
    expect(accountAt(builder, lazy)).toMatchObject({ status: "jailed", week: { isFaulty: true } });
    expect([isInSet(builder, lazy), builder.tip.nextValidators.length]).toEqual([false, 4]);
    expect(builder.tip.header.burned).toBe(0n);
    expectSound(builder);
  });

  it("[ST-3] ends with an unjail, and the key is back at the next boundary", () => {
    const builder = new LedgerBuilder({ label: "back", validatorCount: 5, params: { weekEpochs: 50 } });
    builder.extend();
    withAccount(builder, lazy, { status: "jailed" });
    builder.extendToBoundary();
    expect(isInSet(builder, lazy)).toBe(false);
    builder.extend([makingNothing(builder.unjail(lazy))]);
    builder.extendToBoundary();
    expect([accountAt(builder, lazy)!.status, isInSet(builder, lazy)]).toEqual(["ok", true]);
  });

  it("[ST-2] [ST-3] waits where fewer than four would be left: the key stays with its power", () => {
    const builder = new LedgerBuilder({ label: "four", params: { deadEpochs: 2, weekEpochs: 50 } });
    for (let count = 0; count < 5; count++) toBoundaryWithout(builder, lazy);
    expect(accountAt(builder, lazy)!.status).toBe("jailed");
    expect(isInSet(builder, lazy)).toBe(true);
  });

  it("[ST-3] [GE-1] at the least dead_epochs, and in epochs of two blocks, befalls nobody who signs every block", () => {
    const params = { deadEpochs: DEAD_EPOCHS_MIN, weekEpochs: 50 };
    const builder = new LedgerBuilder({ label: "short", validatorCount: 5, params });
    const late = devValidatorSeed(5);
    for (let count = 0; count < 12; count++) {
      // Also whoever joins, for whom nobody can have signed before.
      if (count === 3) builder.lock([builder.stake(1_000n * STG, late)]);
      else builder.extend([], { afterMs: params.deadEpochs * builder.tip.chain.params.epochMs });
    }
    expect(builder.tip.header.epoch).toBeGreaterThanOrEqual(5);
    expect(isInSet(builder, late)).toBe(true);
    expect(builder.tip.aux.accounts.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => "ok"));
  });

  it("[ST-7] does not look at the certificate in the boundary block", () => {
    const builder = new LedgerBuilder({ label: "late", validatorCount: 5, params: { deadEpochs: 2, weekEpochs: 50 } });
    builder.extend();
    builder.extend();
    builder.extendToBoundary();
    // Who signs nothing in an epoch but the block before its boundary is seen too late for this boundary.
    extendWithout(builder, lazy);
    extendWithout(builder, lazy);
    withAccount(builder, lazy, { lastSignedEpoch: epoch(builder.tip.header.epoch - 2) });
    builder.extend([], { afterMs: builder.tip.chain.params.epochMs });
    withAccount(builder, lazy, { lastSignedEpoch: epoch(builder.tip.header.epoch - 2) });
    builder.extend();
    expect(builder.tip.header.isEpochEnd).toBe(true);
    expect(accountAt(builder, lazy)).toMatchObject({ status: "jailed", lastSignedEpoch: builder.tip.header.epoch });
  });

  it("[CO-18] [ST-3] does not befall a key without a seat", () => {
    const builder = new LedgerBuilder({ label: "seatless", params: { deadEpochs: 2, weekEpochs: 50 } });
    const outside = devValidatorSeed(7);
    builder.lock([builder.stake(200n * STG, outside)]);
    for (let count = 0; count < 5; count++) builder.extendToBoundary();
    expect(accountAt(builder, outside)!.status).toBe("ok");
  });
});

describe("slashing", () => {
  const due = (builder: LedgerBuilder, includer = seeds[1]!): void =>
    withAccount(builder, lazy, { status: "slash-due", includer: builder.deps.bls.publicKey(includer) });

  it("[ST-4] [ST-8] takes its share of every live stake of the key, pays the includer, burns the rest, removes the key", () => {
    const builder = new LedgerBuilder({ label: "slash", validatorCount: 5, params: { weekEpochs: 50 } });
    const [extra] = builder.lock([builder.stake(1_000n * STG + 39n, lazy)]);
    builder.extend([makingNothing(builder.unbond(extra!))]);
    const before = stateOf(builder, extra!).amount;
    const own = builder.tip.stakes.find(
      ({ blsKey }) => formatHex(blsKey) === formatHex(builder.deps.bls.publicKey(lazy)),
    )!;
    builder.extend([], { afterMs: builder.tip.chain.params.epochMs });
    due(builder);
    const owed = accountAt(builder, lazy)!.balance;
    const header = builder.tip.header;
    const includer = accountAt(builder, seeds[1]!)!;
    const other = accountAt(builder, seeds[2]!)!;
    const { compact } = builder.extend([], { seats: [0, 1, 2, 3, 4] });
    expect(builder.tip.header.isEpochEnd).toBe(true);
    const cuts = [own.state.amount, before].map((value) => (value * 500n) / 10_000n);
    expect(stateOf(builder, extra!).amount).toBe(before - cuts[1]!);
    expect(builder.tip.stakes.find(({ leaf }) => leaf === own.leaf)!.state.amount).toBe(own.state.amount - cuts[0]!);
    const parts = cuts.map((cut) => cut / 20n);
    expect(builder.tip.header.burned - header.burned).toBe(cuts[0]! + cuts[1]! - parts[0]! - parts[1]!);
    // Both keys earn by the same power; one of them may have made the block.
    const gains = [includer, other].map(
      (account, index) => accountAt(builder, seeds[index + 1]!)!.balance - account.balance,
    );
    const isProposer = (seed: Uint8Array): boolean => seatOf(builder, seed) === builder.tip.header.proposer;
    if (!isProposer(seeds[1]!) && !isProposer(seeds[2]!)) expect(gains[0]! - gains[1]!).toBe(parts[0]! + parts[1]!);
    else expect(gains[0]!).toBeGreaterThan(parts[0]! + parts[1]!);
    const removed = accountAt(builder, lazy)!;
    expect(removed).toMatchObject({ status: "removed", includer: new Uint8Array(48), week: { isFaulty: true } });
    expect(removed.balance).toBeGreaterThanOrEqual(owed);
    expect(isInSet(builder, lazy)).toBe(false);
    expect(compact.changed.map(({ leaf }) => leaf)).toEqual(
      [own.leaf, extra!.leaf].sort((left, right) => left - right),
    );
    expectSound(builder);
  });

  it("[ST-7] counts from the boundary after the block that a slash became due in", () => {
    const builder = new LedgerBuilder({ label: "slash later", validatorCount: 5, params: { weekEpochs: 50 } });
    builder.extendToBoundary();
    due(builder);
    builder.extend();
    expect([accountAt(builder, lazy)!.status, isInSet(builder, lazy)]).toEqual(["slash-due", true]);
    builder.extendToBoundary();
    expect([accountAt(builder, lazy)!.status, isInSet(builder, lazy)]).toEqual(["removed", false]);
    const { burned } = builder.tip.header;
    builder.extendToBoundary();
    expect(builder.tip.header.burned).toBe(burned);
    expect(accountAt(builder, lazy)).toBeDefined();
  });

  it("[ST-4] burns the part of an includer that has no record any more", () => {
    const builder = new LedgerBuilder({ label: "no includer", validatorCount: 5, params: { weekEpochs: 50 } });
    builder.extend();
    due(builder, devValidatorSeed(9));
    builder.extendToBoundary();
    const cut = (100_000n * STG * 500n) / 10_000n;
    expect(builder.tip.header.burned).toBe(cut);
    expectSound(builder);
  });

  it("[ST-2] applies whatever the churn bound says, and leaves fewer than four if it must", () => {
    const builder = new LedgerBuilder({ label: "slash four", params: { maxChurnBp: 1, weekEpochs: 50 } });
    builder.extend();
    due(builder);
    builder.extendToBoundary();
    expect(builder.tip.nextValidators).toHaveLength(3);
  });
});

describe("the counters of a week", () => {
  it("[CO-18] count epochs in the set, certificates, and rounds taken and missed, and begin anew with the week", () => {
    const builder = new LedgerBuilder({ label: "counters", params: { weekEpochs: 3 } });
    const lost = [0, 1].map((round) =>
      formatHex(
        builder.tip.nextValidators[proposer(builder.tip.epochSeed, height(1), round, builder.tip.nextValidators)]!
          .blsKey,
      ),
    );
    const made =
      builder.tip.nextValidators[proposer(builder.tip.epochSeed, height(1), 2, builder.tip.nextValidators)]!.blsKey;
    builder.extend([], { round: 2 });
    for (const { blsKey, week } of builder.tip.aux.accounts) {
      const missed = lost.filter((key) => key === formatHex(blsKey)).length;
      const assigned = missed + (formatHex(made) === formatHex(blsKey) ? 1 : 0);
      expect(week).toEqual({ ...ZERO_WEEK, missed, assigned });
    }
    extendWithout(builder, lazy);
    builder.extend();
    expect(builder.tip.aux.accounts.map(({ week }) => week.blocks)).toEqual([2, 2, 2, 2]);
    expect(accountAt(builder, lazy)!.week).toMatchObject({ blocks: 2, signed: 1, epochs: 0 });
    expect(accountAt(builder, seeds[1]!)!.week.signed).toBe(2);
    builder.extendToBoundary();
    expect(builder.tip.aux.accounts.map(({ week }) => week.epochs)).toEqual([1, 1, 1, 1]);
    builder.extendToBoundary();
    builder.extendToBoundary();
    expect(builder.tip.header.epoch).toBe(3);
    expect(builder.tip.aux.accounts.map(({ week }) => week)).toEqual(builder.tip.aux.accounts.map(() => ZERO_WEEK));
  });
});

describe("the end of a week", () => {
  it("[RW-2] [BL-2] pays every account of 1 STG and more to its reward address, by key, and it stops owing", () => {
    const builder = new LedgerBuilder({ label: "payout", params: { weekEpochs: 2, rewardPerS: 1_000_000 } });
    const first = builder.extendToBoundary();
    expect(publicCores(first)).toEqual([]);
    builder.extend([], { afterMs: builder.tip.chain.params.epochMs });
    withAccount(builder, seeds[0]!, { balance: amount(0n) });
    const before = builder.tip.header;
    const last = builder.extend();
    const paid = publicCores(last);
    const { header } = builder.tip;
    expect(header.epoch).toBe(2);
    const poor = formatHex(builder.deps.bls.publicKey(seeds[0]!));
    const keys = builder.tip.aux.accounts.map(({ blsKey }) => formatHex(blsKey)).filter((key) => key !== poor);
    const anchors = keys.map((key) => payoutAnchor(1000, 2, hexBytes(key)));
    expect(paid.map(({ anchor }) => formatHex(anchor))).toEqual(anchors.map(formatHex));
    for (const core of paid) {
      expect(checkPublicOutput(curve, core)).toBe(true);
      expect(core.reference).toEqual(new Uint8Array(32));
      expect(core.amount).toBeGreaterThanOrEqual(STG);
    }
    // What is below one STG stays owed.
    expect(builder.tip.aux.accounts.map(({ balance }) => balance > 0n && balance < STG)).toEqual(
      builder.tip.aux.accounts.map(({ blsKey }) => formatHex(blsKey) === poor),
    );
    expect(header.nextLeaf - before.nextLeaf).toBe(3);
    expect(builder.tip.aux.epoch.firstLeaf).toBe(header.nextLeaf);
    expect(last.compact.entries).toHaveLength(3);
  });

  it("[RW-2] [SU-3] keeps the invariant, and the coins can be spent", () => {
    const builder = new LedgerBuilder({ label: "payout sound", params: { weekEpochs: 1, awardDelayBlocks: 2 } });
    for (let count = 0; count < 3; count++) {
      builder.extendToBoundary();
      expectSound(builder);
    }
    const { header } = builder.tip;
    expect(header.accrued).toBe(builder.tip.aux.accounts.reduce((sum, { balance }) => sum + balance, 0n));
  });

  it("[RW-2] pays at 1 STG, not below, and the next end of a week is never the one that was", () => {
    const { reward } = new LedgerBuilder({ label: "least" }).tip.aux.accounts[0]!;
    const accounts = [STG - 1n, STG].map((balance, index): ValidatorAccount => ({
      ...freshAccount(new Uint8Array(48).fill(index), reward, epoch(0)),
      balance: amount(balance),
    }));
    expect(dueAccounts(accounts)).toEqual([accounts[1]]);
    expect(payAccounts(curve, 1000, epoch(5), accounts).accounts.map(({ balance }) => balance)).toEqual([STG - 1n, 0n]);
    const next = [0, 1, 6, 7, 8].map((ended) => nextPayoutEpoch({ weekEpochs: 7 }, epoch(ended)));
    expect(next).toEqual([7, 7, 7, 14, 14]);
    expect(next.every((ending) => endsWeek({ weekEpochs: 7 }, ending))).toBe(true);
  });

  it("[RW-2] [EN-3] pays BLOCK_PAYOUTS_MAX accounts at most; the next one keeps its balance", () => {
    const { reward } = new LedgerBuilder({ label: "many" }).tip.aux.accounts[0]!;
    const keyOf = (index: number): Uint8Array => new Uint8Array(48).fill(index % 256).with(0, Math.floor(index / 256));
    const accounts = Array.from({ length: BLOCK_PAYOUTS_MAX + 1 }, (_, index): ValidatorAccount => ({
      ...freshAccount(keyOf(index), reward, epoch(0)),
      balance: amount(STG),
    }));
    const paid = payAccounts(curve, 1000, epoch(5), accounts);
    expect(paid.outputs).toHaveLength(BLOCK_PAYOUTS_MAX);
    expect(paid.accounts.map(({ balance }) => balance)).toEqual(
      accounts.map((_, index) => (index < BLOCK_PAYOUTS_MAX ? 0n : STG)),
    );
  });
});

describe("the award", () => {
  const params = { weekEpochs: 100, awardSignBp: 9_000 };
  const { reward } = new LedgerBuilder({ label: "eligible" }).tip.aux.accounts[0]!;
  const good = { epochs: 95, blocks: 100, signed: 90, assigned: 100, missed: 5, isFaulty: false };
  const eligible = (week: Partial<typeof good>, status: ValidatorAccount["status"] = "ok"): boolean =>
    isEligible({ ...freshAccount(new Uint8Array(48), reward, epoch(0)), status, week: { ...good, ...week } }, params);

  it("[AW-1] is for who was in the set, signed, proposed and did no harm, each to the unit", () => {
    expect(eligible({})).toBe(true);
    expect(eligible({ epochs: 94 })).toBe(false);
    expect(eligible({ signed: 89 })).toBe(false);
    expect(eligible({ missed: 6 })).toBe(false);
    expect(eligible({ assigned: 10, missed: 2 })).toBe(true);
    expect(eligible({ assigned: 10, missed: 3 })).toBe(false);
    expect(eligible({ isFaulty: true })).toBe(false);
    for (const status of ["jailed", "slash-due", "removed"] as const) expect(eligible({}, status)).toBe(false);
  });

  it("[AW-2] [PR-8] draws the winner of the vectors", () => {
    const { week, beacon, eligible_count, winner_index } = vectors.award;
    const blsKeys = Array.from({ length: eligible_count }, (_, index) => new Uint8Array(48).fill(index));
    expect(awardWinner({ week: BigInt(week), blsKeys }, hash(hexBytes(beacon)))).toBe(Number(winner_index));
  });

  it("[AW-1] [AW-2] lists at the boundary, draws award_delay_blocks later by that block's beacon, and empties the pot", () => {
    const builder = new LedgerBuilder({ label: "award", params: { weekEpochs: 2, awardDelayBlocks: 3 } });
    builder.extend();
    for (let count = 0; count < 4; count++) extendWithout(builder, lazy);
    builder.extendToBoundary();
    builder.extendToBoundary();
    const keys = builder.tip.aux.accounts.map(({ blsKey }) => blsKey);
    const lazyKey = formatHex(builder.deps.bls.publicKey(lazy));
    const listed = keys.filter((key) => formatHex(key) !== lazyKey);
    const at = builder.tip.header.height;
    expect(builder.tip.aux.award).toEqual({ week: 1n, dueHeight: at + 3, blsKeys: listed });
    expectSound(builder);
    builder.extend();
    builder.extend();
    expect(builder.tip.aux.award).toBeDefined();
    const pot = builder.tip.header.pot;
    const outcome = builder.extend();
    const { header, aux } = builder.tip;
    expect(header.height).toBe(at + 3);
    const winner = listed[awardWinner({ week: 1n, blsKeys: listed }, header.beacon)]!;
    const [core] = publicCores(outcome);
    expect(core!.anchor).toEqual(awardAnchor(1000, 1, winner));
    expect(core!.recipient).toEqual(aux.accounts.find(({ blsKey }) => formatHex(blsKey) === formatHex(winner))!.reward);
    // The part of this very block is in it (RW-1 comes first).
    expect(core!.amount).toBeGreaterThan(pot);
    expect(outcome.award).toMatchObject({ week: 1n, blsKeys: listed, payout: core });
    expect([header.pot, aux.award]).toEqual([0n, undefined]);
    expectSound(builder);
    builder.extend();
    expect(builder.tip.header.pot).toBeGreaterThan(0n);
  });

  it("[AW-2] rolls over where nobody is eligible, and where the winner has no record any more", () => {
    const nobody = new LedgerBuilder({
      label: "nobody",
      params: { weekEpochs: 1, awardDelayBlocks: 2, awardSignBp: 10_000 },
    });
    nobody.extend();
    for (const { blsKey } of nobody.tip.aux.accounts) {
      withAccount(nobody, nobody.seedOf(blsKey), { week: { ...ZERO_WEEK, isFaulty: true } });
    }
    nobody.extendToBoundary();
    expect(nobody.tip.aux.award).toBeUndefined();
    const gone = new LedgerBuilder({ label: "gone", params: { weekEpochs: 50 } });
    gone.extend();
    const award = { week: 1n, dueHeight: nextHeight(gone.tip), blsKeys: [new Uint8Array(48).fill(1)] };
    gone.tip = { ...gone.tip, aux: { ...gone.tip.aux, award } };
    const { pot } = gone.tip.header;
    gone.extend();
    expect(gone.tip.header.pot).toBeGreaterThan(pot);
    expect(gone.tip.aux.award).toBeUndefined();
  });

  it("[AW-1] [EN-3] a record of AWARD_KEYS_MAX keys is read, one more is not", () => {
    const { aux } = new LedgerBuilder({ label: "keys" }).tip;
    const recordOf = (count: number) => {
      const blsKeys = Array.from({ length: count }, (_, index) => new Uint8Array(48).fill(index));
      return encodeAuxRecords({ ...aux, award: { week: 1n, dueHeight: height(9), blsKeys } });
    };
    expect(decodeAuxRecords(recordOf(AWARD_KEYS_MAX)).award!.blsKeys).toHaveLength(AWARD_KEYS_MAX);
    expect(() => decodeAuxRecords(recordOf(AWARD_KEYS_MAX + 1))).toThrow();
  });
});
