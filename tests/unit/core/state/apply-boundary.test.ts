import { describe, expect, it } from "vitest";
import { compareBytes, equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { BOUNDARY_STAKES_MAX, KEY_STAKES_MAX } from "../../../../src/core/params/limits.ts";
import { applyBoundary } from "../../../../src/core/state/apply-boundary.ts";
import { accountOf, type AuxRecords, type ValidatorAccount } from "../../../../src/core/state/aux-records.ts";
import type { LedgerTip } from "../../../../src/core/state/ledger-tip.ts";
import type { Stake } from "../../../../src/core/state/stakes.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const { tip } = new LedgerBuilder({ label: "boundary", validatorCount: 6 });
const { aux, stakes, nextValidators } = tip;
const leaver = nextValidators[5]!.blsKey;
const block = { time: timeMs(tip.header.time + 60_000), nextLeaf: tip.header.nextLeaf };

/** Without a record or a seat. */
const nobody = new Uint8Array(48).fill(1);

/** The records with one account changed. */
function withAccount(key: Uint8Array, change: Partial<ValidatorAccount>): AuxRecords {
  const accounts = aux.accounts.map((each) => (equalBytes(each.blsKey, key) ? { ...each, ...change } : each));
  return { ...aux, accounts };
}

const keysAfter = (parent: LedgerTip, rewarded: AuxRecords): readonly Uint8Array[] =>
  applyBoundary(parent, { stakes, accounts: rewarded.accounts }, block.time).validators.map(({ blsKey }) => blsKey);

describe("the boundary of an epoch", () => {
  const jailed = withAccount(leaver, { status: "jailed" });

  it("[ST-7] takes the new set from the state after the parent, whatever the boundary block itself changes", () => {
    const all = nextValidators.map(({ blsKey }) => blsKey);
    expect(keysAfter(tip, aux)).toEqual(all);
    expect(keysAfter(tip, jailed)).toEqual(all);
    expect(keysAfter({ ...tip, aux: jailed }, aux)).toEqual(all.slice(0, 5));
    const unbonding = stakes.map((each) =>
      equalBytes(each.blsKey, leaver) ? { ...each, state: { ...each.state, isUnbonding: true } } : each,
    );
    expect(keysAfter({ ...tip, stakes: unbonding }, aux)).toEqual(all.slice(0, 5));
  });

  it("[ST-8] [CO-18] keeps the credits of its block and counts who enters as seen in its first epoch", () => {
    const parent = { ...tip, nextValidators: nextValidators.slice(0, 5) };
    const credited = withAccount(leaver, { balance: amount(7n) });
    const { accounts } = applyBoundary(parent, { stakes, accounts: credited.accounts }, block.time);
    // Genesis ended epoch 0, so this boundary ends epoch 1.
    const seen = accounts.map((each) => [each.balance, each.lastSignedEpoch]);
    const expected = aux.accounts.map((each) => (equalBytes(each.blsKey, leaver) ? [7n, 2] : [0n, 0]));
    expect(seen).toEqual(expected);
  });

  it("[ST-5] [ST-9] releases BOUNDARY_STAKES_MAX stakes, oldest first; the next one has its turn a boundary later", () => {
    const unbonding = Array.from({ length: BOUNDARY_STAKES_MAX + 1 }, (_, index): Stake => ({
      leaf: leafIndex(tip.header.nextLeaf + index),
      blsKey: nobody,
      state: { isUnbonding: true, amount: amount(1n), release: timeMs(0) },
    }));
    const parent = { ...tip, stakes: [...stakes, ...unbonding] };
    const releases = (of: readonly Stake[]): readonly number[] =>
      of.filter(({ blsKey }) => blsKey === nobody).map(({ state }) => state.release);
    const release = block.time + tip.chain.params.unbondingMs;
    const first = applyBoundary(parent, { stakes: parent.stakes, accounts: aux.accounts }, block.time);
    expect(releases(first.stakes)).toEqual(unbonding.map((_, index) => (index < BOUNDARY_STAKES_MAX ? release : 0)));
    const second = applyBoundary(
      { ...parent, stakes: first.stakes },
      { stakes: first.stakes, accounts: aux.accounts },
      timeMs(block.time + 1),
    );
    expect(releases(second.stakes)).toEqual(
      unbonding.map((_, index) => (index < BOUNDARY_STAKES_MAX ? release : release + 1)),
    );
  });

  it("[ST-9] [ST-4] slashes BOUNDARY_STAKES_MAX stakes of whole keys, ascending, and releases in the room that is left", () => {
    const guilty = [...nextValidators.slice(2, 5)].map(({ blsKey }) => blsKey).sort(compareBytes);
    const includer = nextValidators[0]!.blsKey;
    const isGuilty = (blsKey: Uint8Array): boolean => guilty.some((key) => equalBytes(key, blsKey));
    const accused = aux.accounts.map((each) =>
      isGuilty(each.blsKey) ? { ...each, status: "slash-due" as const, includer } : each,
    );
    const honest = stakes.filter(({ blsKey }) => !isGuilty(blsKey));
    const worth = amount(1_000_000n);
    // In turns, so that no key's stakes stand together; and as many of another key, to be released.
    const many = Array.from({ length: 4 * KEY_STAKES_MAX }, (_, index): Stake => ({
      leaf: leafIndex(tip.header.nextLeaf + index),
      blsKey: guilty[index % 4] ?? nobody,
      state: { isUnbonding: index % 4 === 3, amount: worth, release: timeMs(0) },
    }));
    let parent: LedgerTip = { ...tip, aux: { ...aux, accounts: accused }, stakes: [...honest, ...many] };
    const states: { statuses: (string | undefined)[]; taken: number[]; released: number; seats: number }[] = [];
    for (let count = 0; count < 3; count++) {
      const { accounts } = parent.aux;
      const time = timeMs(block.time + count);
      const after = applyBoundary(parent, { stakes: parent.stakes, accounts }, time);
      states.push({
        statuses: guilty.map((key) => accountOf(after.accounts, key)?.status),
        taken: guilty.map(
          (key) => after.stakes.filter(({ blsKey, state }) => blsKey === key && state.amount < worth).length,
        ),
        released: after.stakes.filter(({ state }) => state.release > 0).length,
        seats: after.validators.filter(({ blsKey }) => isGuilty(blsKey)).length,
      });
      parent = {
        ...parent,
        aux: { ...parent.aux, accounts: after.accounts },
        stakes: after.stakes,
        nextValidators: after.validators,
      };
    }
    const all = KEY_STAKES_MAX;
    expect(states).toEqual([
      { statuses: ["removed", "removed", "slash-due"], taken: [all, all, 0], released: 0, seats: 0 },
      { statuses: ["removed", "removed", "removed"], taken: [all, all, all], released: all, seats: 0 },
      { statuses: ["removed", "removed", "removed"], taken: [all, all, all], released: all, seats: 0 },
    ]);
    // Nobody pays twice, and whoever included it gets all of his part in the end.
    const paid = parent.stakes.filter(({ blsKey }) => isGuilty(blsKey)).map(({ state }) => state.amount);
    expect(new Set(paid)).toEqual(new Set([950_000n]));
    const [before, now] = [aux.accounts, parent.aux.accounts].map((of) => accountOf(of, includer)!.balance);
    expect(now! - before!).toBe(3n * BigInt(all) * 2_500n);
  });
});
