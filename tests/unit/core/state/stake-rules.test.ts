import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { decodeTransaction, encodeTransaction } from "../../../../src/core/chain/transaction.ts";
import { KEY_STAKES_MAX } from "../../../../src/core/params/limits.ts";
import { ACCOUNTS_MAX } from "../../../../src/core/params/limits.ts";
import { BlockStakes } from "../../../../src/core/state/block-stakes.ts";
import { feeFactor } from "../../../../src/core/state/fees.ts";
import { stakeAt, STAKES_MAX } from "../../../../src/core/state/stakes.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { epoch, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder, type TestNote } from "../../../support/ledger-builder.ts";
import { accountAt, expectSound, isInSet, makingNothing, stateOf, withAccount } from "../../../support/stake-ledger.ts";

const STG = 1_000_000n;
/** A fifth key: no seat at genesis. */
const SEED = devValidatorSeed(4);

describe("a stake in a transaction", () => {
  const builder = new LedgerBuilder({ label: "staking" });
  const [note] = builder.notes;
  const minimum = BigInt(builder.tip.chain.params.minStake) / 10n;

  function rule(change: Parameters<LedgerBuilder["stake"]>[2], value = minimum): string {
    const stake = builder.stake(value, SEED, change);
    const rest = note!.amount - value - 31_000n;
    return builder.ruleOf([builder.transferInto([note!], [stake, builder.coin(rest)], { fee: 31_000n }).transaction]);
  }

  it("[ST-1] is worth a tenth of what a seat needs, to the unit", () => {
    expect(rule({})).toBe("kept");
    expect(rule({}, minimum - 1n)).toBe("ST-1");
  });

  it("[ST-1] is accepted by its key, for this P and this reward address, which is a good one", () => {
    const other = builder.stake(minimum, SEED).output.core;
    if (other.type !== "stake") throw new Error("not a stake");
    expect(rule({ possessionProof: other.possessionProof })).toBe("ST-1");
    expect(rule({ possessionProof: new Uint8Array(96) })).toBe("ST-1");
    expect(
      rule({ blsKey: builder.deps.bls.publicKey(devValidatorSeed(5)), possessionProof: other.possessionProof }),
    ).toBe("ST-1");
    const bad = { ...other.reward, spendKey: new Uint8Array(32) };
    expect(rule({ reward: bad })).toBe("ST-1");
    expect(rule({ reward: { ...other.reward, viewKey: new Uint8Array(32) } })).toBe("ST-1");
  });

  it("[OU-1] has a P that is a point and a D below p", () => {
    expect(rule({ oneTimeKey: new Uint8Array(32) })).toBe("OU-1");
    expect(rule({ ephemeralKey: new Uint8Array(32).fill(255) })).toBe("OU-1");
  });

  it("[TX-4] takes what it is worth from the balance", () => {
    const stake = builder.stake(minimum, SEED);
    const coins = [stake, builder.coin(note!.amount - minimum - 31_000n + 1n)];
    expect(builder.ruleOf([builder.transferInto([note!], coins, { fee: 31_000n }).transaction])).toBe("TX-4");
  });

  it("[TX-8] weighs two outputs", () => {
    const stake = builder.stake(minimum, SEED);
    const coins = [stake, builder.coin(note!.amount - minimum - 21_000n)];
    expect(builder.ruleOf([builder.transferInto([note!], coins, { fee: 21_000n }).transaction])).toBe("TX-8");
  });

  it("[ST-1] [ST-4] is refused for a key that a slash is due to or was done to, and for no other status", () => {
    const barred = new LedgerBuilder({ label: "barred" });
    const [seed] = [devValidatorSeed(0)];
    const stake = barred.stake(minimum, seed);
    const rest = barred.coin(note!.amount - minimum - 31_000n);
    const { transaction } = barred.transferInto([barred.notes[0]!], [stake, rest], { fee: 31_000n });
    const rules = (["ok", "jailed", "slash-due", "removed"] as const).map((status) => {
      withAccount(barred, seed, { status });
      return barred.ruleOf([transaction]);
    });
    expect(rules).toEqual(["kept", "kept", "ST-1", "ST-1"]);
  });
});

describe("the record of a key", () => {
  it("[EN-3] [CO-18] is not begun beyond ACCOUNTS_MAX, by one transaction or by several of a block", () => {
    const builder = new LedgerBuilder({ label: "crowded" });
    const { tip } = builder;
    const crowded = (free: number): BlockStakes => {
      const [one] = tip.aux.accounts;
      const crowd = Array.from({ length: ACCOUNTS_MAX - free - tip.aux.accounts.length }, () => one!);
      return new BlockStakes({ ...tip, aux: { ...tip.aux, accounts: [...crowd, ...tip.aux.accounts] } });
    };
    const locking = (...seeds: readonly Uint8Array[]) =>
      builder.transferInto(
        builder.notes.slice(0, 1),
        seeds.map((seed) => builder.stake(200n * STG, seed)),
      ).transaction;
    const [known, other] = [devValidatorSeed(0), devValidatorSeed(5)];
    expect(crowded(0).validate(locking(SEED))).toMatchObject({ ok: false, rule: "EN-3" });
    expect(crowded(0).validate(locking(known, known)).ok).toBe(true);
    expect(crowded(1).validate(locking(SEED, SEED, known)).ok).toBe(true);
    expect(crowded(1).validate(locking(SEED, other))).toMatchObject({ ok: false, rule: "EN-3" });
    const block = crowded(1);
    block.take(locking(SEED));
    expect(block.validate(locking(SEED)).ok).toBe(true);
    expect(block.validate(locking(other))).toMatchObject({ ok: false, rule: "EN-3" });
  });

  it("[ST-9] has KEY_STAKES_MAX live stakes at most, by one transaction or by several of a block", () => {
    const builder = new LedgerBuilder({ label: "many stakes" });
    const { tip } = builder;
    const { blsKey, state } = tip.stakes[0]!;
    const [full, other] = [devValidatorSeed(0), devValidatorSeed(1)];
    expect(builder.deps.bls.publicKey(full)).toEqual(blsKey);
    const holding = (free: number, total = 0): BlockStakes => {
      const rest = tip.stakes.filter((each) => !equalBytes(each.blsKey, blsKey));
      const own = Array.from({ length: KEY_STAKES_MAX - free }, () => ({ leaf: leafIndex(0), blsKey, state }));
      const crowd = Array.from({ length: Math.max(0, total - own.length - rest.length) }, () => rest[0]!);
      return new BlockStakes({ ...tip, stakes: [...crowd, ...rest, ...own] });
    };
    const locking = (...seeds: readonly Uint8Array[]) =>
      builder.transferInto(
        builder.notes.slice(0, 1),
        seeds.map((seed) => builder.stake(200n * STG, seed)),
      ).transaction;
    expect(holding(0).validate(locking(full))).toMatchObject({ ok: false, rule: "ST-9" });
    expect(holding(0).validate(locking(other, SEED)).ok).toBe(true);
    expect(holding(2).validate(locking(full, other, full)).ok).toBe(true);
    expect(holding(1).validate(locking(full, other, full))).toMatchObject({ ok: false, rule: "ST-9" });
    const block = holding(2);
    block.take(locking(full, other));
    expect(block.validate(locking(full)).ok).toBe(true);
    expect(block.validate(locking(full, full))).toMatchObject({ ok: false, rule: "ST-9" });
    // Of all keys together: what a tip can hold.
    expect(holding(500, STAKES_MAX).validate(locking(full))).toMatchObject({ ok: false, rule: "ST-9" });
    expect(holding(500, STAKES_MAX - 1).validate(locking(full)).ok).toBe(true);
    const last = holding(500, STAKES_MAX - 1);
    expect(last.validate(locking(full, SEED))).toMatchObject({ ok: false, rule: "ST-9" });
    last.take(locking(full));
    expect(last.validate(locking(SEED))).toMatchObject({ ok: false, rule: "ST-9" });
  });

  it("[CO-18] begins with its first stake, is paid where the oldest live one says, and ends with nothing left", () => {
    const builder = new LedgerBuilder({ label: "record", params: { unbondingMs: 1 } });
    expect(accountAt(builder, SEED)).toBeUndefined();
    const { reward: first } = builder.tip.aux.accounts[0]!;
    const { reward: second } = builder.tip.aux.accounts[1]!;
    const made = builder.lock([
      builder.stake(200n * STG, SEED, { reward: first }),
      builder.stake(300n * STG, SEED, { reward: second }),
    ]);
    const byReward = (reward: typeof first): TestNote =>
      made.find(({ output }) => output.core.type === "stake" && output.core.reward === reward)!;
    const [older, younger] = made[0]!.leaf < made[1]!.leaf ? [made[0]!, made[1]!] : [made[1]!, made[0]!];
    const rewardOf = ({ output }: TestNote) => (output.core.type === "stake" ? output.core.reward : undefined);
    expect(byReward(first)).toBeDefined();
    expect(accountAt(builder, SEED)).toMatchObject({ status: "ok", balance: 0n, reward: rewardOf(older) });
    expectSound(builder);
    builder.extend([makingNothing(builder.unbond(older)), makingNothing(builder.unbond(younger))]);
    builder.extendToBoundary();
    builder.extend();
    expect(accountAt(builder, SEED)).toMatchObject({ reward: rewardOf(older) });
    builder.extend([builder.transfer([{ ...older, amount: stateOf(builder, older).amount }])]);
    expect(accountAt(builder, SEED)).toMatchObject({ reward: rewardOf(younger) });
    builder.extend([builder.transfer([{ ...younger, amount: stateOf(builder, younger).amount }])]);
    expect(accountAt(builder, SEED)).toBeUndefined();
    expectSound(builder);
  });

  it("[CO-18] stays while something is owed, or the key is not in good standing", () => {
    for (const change of [{ balance: amount(1n) }, { status: "jailed" }, { status: "removed" }] as const) {
      const builder = new LedgerBuilder({ label: "standing", params: { unbondingMs: 1 } });
      const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);
      builder.extend([makingNothing(builder.unbond(stake!))]);
      builder.extendToBoundary();
      builder.extend();
      withAccount(builder, SEED, change);
      builder.extend([builder.transfer([{ ...stake!, amount: stateOf(builder, stake!).amount }])]);
      expect(accountAt(builder, SEED)).toMatchObject(change);
    }
  });
});

describe("unbonding", () => {
  const options = { label: "unbonding", params: { unbondingMs: 100_000 } };

  it("[ST-5] is for a live stake that is bound, once, and worth the fee", () => {
    const builder = new LedgerBuilder(options);
    const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);
    const unbond = builder.unbond(stake!);
    expect(builder.ruleOf([unbond])).toBe("kept");
    expect(builder.ruleOf([unbond, unbond])).toBe("ST-5");
    expect(builder.ruleOf([unbond, builder.unbond(stake!, { fee: amount(20_000n) })])).toBe("ST-5");
    for (const leaf of [4, 9_999])
      expect(builder.ruleOf([builder.unbond({ ...stake!, leaf: leafIndex(leaf) })])).toBe("ST-5");
    const stakes = builder.tip.stakes.map((each) => ({ ...each, state: { ...each.state, amount: amount(9_999n) } }));
    const { tip } = builder;
    builder.tip = { ...tip, stakes };
    expect(builder.ruleOf([unbond])).toBe("ST-5");
    builder.tip = tip;
    builder.extend([makingNothing(unbond)]);
    expect(builder.ruleOf([builder.unbond(stake!, { fee: amount(20_000n) })])).toBe("ST-5");
  });

  it("[TX-5] is signed under the P of the stake, over all of it", () => {
    const builder = new LedgerBuilder(options);
    const [stake, other] = builder.lock([builder.stake(200n * STG, SEED), builder.stake(300n * STG, SEED)]);
    const unbond = builder.unbond(stake!);
    expect(builder.ruleOf([unbond])).toBe("kept");
    expect(builder.ruleOf([builder.unbond({ ...stake!, secret: other!.secret })])).toBe("TX-5");
    expect(builder.ruleOf([{ ...unbond, stake: other!.leaf }])).toBe("TX-5");
    expect(builder.ruleOf([{ ...unbond, fee: amount(20_000n) }])).toBe("TX-5");
  });

  it("[TX-8] pays what one output costs, times a factor, and nothing else", () => {
    const builder = new LedgerBuilder(options);
    const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);
    const rule = (fee: bigint): string => builder.ruleOf([builder.unbond(stake!, { fee: amount(fee) })]);
    const { params } = builder.tip.chain;
    expect(feeFactor(params, builder.tip.aux.epoch, 1, 0, 10_000n)).toBe(1);
    expect([10_000n, 20_000n, 160_000n].map(rule)).toEqual(["kept", "kept", "kept"]);
    expect([0n, 9_999n, 11_000n, 30_000n, 320_000n].map(rule)).toEqual(Array.from({ length: 5 }, () => "TX-8"));
  });

  it("[TX-9] is for one chain", () => {
    const builder = new LedgerBuilder(options);
    const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);
    expect(builder.ruleOf([builder.unbond(stake!, { chainId: 1001 })])).toBe("TX-9");
    expect(builder.ruleOf([builder.unjail(SEED, { chainId: 1001 })])).toBe("TX-9");
  });

  it("[ST-5] [RW-1] [SU-1] takes the fee from the stake and gives it to those who are paid", () => {
    const builder = new LedgerBuilder(options);
    const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);
    const before = builder.tip.header;
    const unbond = builder.unbond(stake!, { fee: amount(20_000n) });
    const { compact } = builder.extend([makingNothing(unbond)]);
    expect(stateOf(builder, stake!)).toEqual({ isUnbonding: true, amount: 200n * STG - 20_000n, release: 0 });
    expect(compact.changed.map(({ leaf }) => leaf)).toEqual([stake!.leaf]);
    expect(compact.spent).toEqual([]);
    const { minted, accrued, pot, burned, liveCount } = builder.tip.header;
    expect(accrued + pot - before.accrued - before.pot).toBe(minted - before.minted + 20_000n);
    expect([burned, liveCount]).toEqual([before.burned, before.liveCount]);
    expectSound(builder);
  });

  it("[ST-5] [TX-1] releases at the boundary at which the power is gone, and is spent for what it is worth then", () => {
    const builder = new LedgerBuilder(options);
    const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);
    const value = 200n * STG - 10_000n;
    const spend = () => builder.ruleOf([builder.transfer([{ ...stake!, amount: value }]).transaction]);
    expect(spend()).toBe("TX-1");
    builder.extend([makingNothing(builder.unbond(stake!))]);
    expect(spend()).toBe("TX-1");
    const { compact } = builder.extendToBoundary();
    const release = builder.tip.header.time + 100_000;
    expect(stateOf(builder, stake!)).toEqual({ isUnbonding: true, amount: value, release });
    expect(compact.changed.map(({ leaf }) => leaf)).toEqual([stake!.leaf]);
    expectSound(builder);
    expect(spend()).toBe("TX-1");
    // A release does not move at later boundaries.
    builder.extendToBoundary();
    expect(stateOf(builder, stake!).release).toBe(release);
    while (builder.tip.header.time + 3_000 < release) builder.extend();
    builder.extend([], { afterMs: release - 1 - builder.tip.header.time });
    expect(builder.tip.header.time).toBe(release - 1);
    expect(spend()).toBe("TX-1");
    const { tip } = builder;
    builder.tip = { ...tip, header: { ...tip.header, time: timeMs(release) } };
    expect(spend()).toBe("kept");
    builder.tip = tip;
    builder.extend([], { afterMs: 1_000 });
    expect(spend()).toBe("kept");
    // What it was worth in the beginning is more than is left.
    expect(builder.ruleOf([builder.transfer([{ ...stake!, amount: 200n * STG }]).transaction])).toBe("TX-4");
    builder.extend([builder.transfer([{ ...stake!, amount: value }])]);
    expect(stakeAt(builder.tip.stakes, stake!.leaf)).toBeUndefined();
    expectSound(builder);
  });

  it("[ST-4] [TX-1] releases no coin of a key that a slash is due to", () => {
    const builder = new LedgerBuilder({ label: "due", params: { unbondingMs: 1 } });
    const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);
    builder.extend([makingNothing(builder.unbond(stake!))]);
    builder.extendToBoundary();
    builder.extend();
    const { transaction } = builder.transfer([{ ...stake!, amount: stateOf(builder, stake!).amount }]);
    const rules = (["ok", "jailed", "slash-due", "removed"] as const).map((status) => {
      withAccount(builder, SEED, { status });
      return builder.ruleOf([transaction]);
    });
    expect(rules).toEqual(["kept", "kept", "TX-1", "kept"]);
  });

  it("[ST-5] [ST-7] what the boundary block itself unbonds waits for the next one", () => {
    const builder = new LedgerBuilder(options);
    const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);
    builder.extend([], { afterMs: builder.tip.chain.params.epochMs });
    builder.extend([makingNothing(builder.unbond(stake!))]);
    expect(builder.tip.header.isEpochEnd).toBe(true);
    expect(stateOf(builder, stake!)).toMatchObject({ isUnbonding: true, release: 0 });
    builder.extendToBoundary();
    expect(stateOf(builder, stake!).release).toBe(builder.tip.header.time + 100_000);
  });

  it("[ST-5] [ST-2] waits while churn keeps the power of its key in the set", () => {
    const builder = new LedgerBuilder({ label: "churn", params: { unbondingMs: 100_000, maxChurnBp: 1 } });
    const [small] = builder.lock([builder.stake(5_000n * STG, SEED)]);
    builder.extendToBoundary();
    expect(isInSet(builder, SEED)).toBe(true);
    // Of two changes the larger goes first and whatever its size; the other does not fit behind it.
    const other = devValidatorSeed(5);
    builder.lock([builder.stake(6_000n * STG, other)]);
    builder.extend([makingNothing(builder.unbond(small!))]);
    builder.extendToBoundary();
    expect([isInSet(builder, SEED), isInSet(builder, other)]).toEqual([true, true]);
    expect(stateOf(builder, small!)).toMatchObject({ isUnbonding: true, release: 0 });
    builder.extendToBoundary();
    expect(isInSet(builder, SEED)).toBe(false);
    expect(stateOf(builder, small!).release).toBe(builder.tip.header.time + 100_000);
  });

  it("[ST-2] a staked key enters the set at a boundary and leaves it at another", () => {
    const builder = new LedgerBuilder(options);
    const [stake] = builder.lock([builder.stake(2_000n * STG, SEED)]);
    expect(isInSet(builder, SEED)).toBe(false);
    builder.extendToBoundary();
    expect(isInSet(builder, SEED)).toBe(true);
    expect(accountAt(builder, SEED)?.lastSignedEpoch).toBe(builder.tip.header.epoch + 1);
    builder.extend([makingNothing(builder.unbond(stake!))]);
    expect(isInSet(builder, SEED)).toBe(true);
    builder.extendToBoundary();
    expect(isInSet(builder, SEED)).toBe(false);
    expectSound(builder);
  });
});

describe("unjailing", () => {
  const seed = devValidatorSeed(0);

  it("[ST-3] is for a jailed key, this epoch and once in it", () => {
    const builder = new LedgerBuilder({ label: "unjail" });
    builder.extend();
    const now = builder.tip.header.epoch;
    const rules = (["ok", "jailed", "slash-due", "removed"] as const).map((status) => {
      withAccount(builder, seed, { status });
      return builder.ruleOf([builder.unjail(seed)]);
    });
    expect(rules).toEqual(["ST-3", "kept", "ST-3", "ST-3"]);
    withAccount(builder, seed, { status: "jailed" });
    expect(builder.ruleOf([builder.unjail(seed), builder.unjail(seed)])).toBe("ST-3");
    expect(builder.ruleOf([builder.unjail(seed, { epoch: epoch(now - 1) })])).toBe("ST-3");
    expect(builder.ruleOf([builder.unjail(seed, { epoch: epoch(now + 1) })])).toBe("ST-3");
    expect(builder.ruleOf([builder.unjail(SEED)])).toBe("ST-3");
    withAccount(builder, seed, { unjailEpoch: now });
    expect(builder.ruleOf([builder.unjail(seed)])).toBe("ST-3");
    withAccount(builder, seed, { unjailEpoch: epoch(now - 1) });
    expect(builder.ruleOf([builder.unjail(seed)])).toBe("kept");
  });

  it("[TX-5] is signed by the key itself, for this epoch", () => {
    const builder = new LedgerBuilder({ label: "unjail key" });
    builder.extend();
    withAccount(builder, seed, { status: "jailed" });
    const unjail = builder.unjail(seed);
    expect(builder.ruleOf([{ ...unjail, signature: builder.unjail(SEED).signature }])).toBe("TX-5");
    const other = builder.unjail(seed, { epoch: epoch(unjail.epoch + 1) });
    expect(builder.ruleOf([{ ...unjail, signature: other.signature }])).toBe("TX-5");
  });

  it("[ST-3] [CO-18] makes the key good, seen now and marked for this epoch", () => {
    const builder = new LedgerBuilder({ label: "unjailed" });
    const key = builder.deps.bls.publicKey(seed).join();
    const others = builder.tip.nextValidators.flatMap(({ blsKey }, seat) => (blsKey.join() === key ? [] : [seat]));
    builder.extend([], { seats: others });
    withAccount(builder, seed, { status: "jailed", lastSignedEpoch: epoch(0) });
    builder.extend([makingNothing(builder.unjail(seed))], { seats: [1, 2, 3] });
    const now = builder.tip.header.epoch;
    expect(accountAt(builder, seed)).toMatchObject({ status: "ok", lastSignedEpoch: now, unjailEpoch: now });
    expect(builder.tip.header.burned).toBe(0n);
  });
});

describe("the bytes of kinds 3 and 4", () => {
  const builder = new LedgerBuilder({ label: "bytes" });
  const [stake] = builder.lock([builder.stake(200n * STG, SEED)]);

  it("[EN-3] have their lengths and one encoding", () => {
    const [unbond, unjail] = [encodeTransaction(builder.unbond(stake!)), encodeTransaction(builder.unjail(SEED))];
    expect([unbond.length, unjail.length]).toEqual([83, 154]);
    for (const bytes of [unbond, unjail]) {
      expect(encodeTransaction(decodeTransaction(bytes))).toEqual(bytes);
      expect(() => decodeTransaction(bytes.slice(0, -1))).toThrow();
      expect(() => decodeTransaction(new Uint8Array([...bytes, 0]))).toThrow();
    }
    const rich = unbond.slice();
    rich[17] = 255;
    rich[18] = 255;
    expect(() => decodeTransaction(rich)).toThrow("2^53");
  });

  it("[TX-2] have no window", () => {
    const { tip } = builder;
    builder.tip = { ...tip, header: { ...tip.header, time: timeMs(tip.header.time + 10 ** 11) } };
    expect(builder.ruleOf([builder.unbond(stake!)])).toBe("kept");
    builder.tip = tip;
  });
});
