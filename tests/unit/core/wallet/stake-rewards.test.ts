import { describe, expect, it } from "vitest";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { epoch, height } from "../../../../src/core/values/height.ts";
import type { LightClientState } from "../../../../src/core/machines/light-client-state.ts";
import { viewRewards } from "../../../../src/core/machines/light-client-views.ts";
import { stakingView } from "../../../../src/engine/services/stakes.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { listHistory } from "../../../../src/core/wallet/list-history.ts";
import { findRewards, sumRewards, type RewardTerms } from "../../../../src/core/wallet/stake-rewards.ts";
import { decodeNotes, encodeNotes, isNewerRecord } from "../../../../src/core/wallet/wallet-records.ts";
import { EMPTY_WALLET, hasStaked, liveStakes } from "../../../../src/core/wallet/wallet-state.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { withAccount } from "../../../support/stake-ledger.ts";
import { keys, Staker, VALIDATOR } from "../../../support/staker.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const STG = MICRO_PER_STG;

const termsOf = ({ ledger: { tip } }: Staker): RewardTerms => ({
  chainId: tip.chain.chainId,
  weekEpochs: tip.chain.params.weekEpochs,
  epoch: tip.header.epoch,
});

/** Whole epochs, up to the boundary at which accounts are paid. */
function endWeek(staker: Staker): void {
  const { weekEpochs } = termsOf(staker);
  do staker.boundary();
  while (staker.ledger.tip.header.epoch % weekEpochs !== 1);
}

/** The newest coin that came from outside. */
const newest = ({ wallet: { state } }: Staker) =>
  [...state.notes.values()].map(({ note }) => note).findLast(({ isInternal }) => !isInternal)!;

describe("what stakes have brought a wallet", () => {
  it("[RW-2] is what the ledger paid for its validator in this chain and week, and no other public coin", () => {
    const staker = new Staker();
    staker.lock(500n * STG);
    expect(findRewards(staker.wallet.state, termsOf(staker)).size).toBe(0);
    withAccount(staker.ledger, VALIDATOR, { balance: amount(7n * STG) });
    endWeek(staker);
    const paid = newest(staker);
    expect(paid).toMatchObject({ amount: 7n * STG, anchor: expect.any(Uint8Array) as Uint8Array });
    const rewards = findRewards(staker.wallet.state, termsOf(staker));
    expect([...rewards]).toEqual([[paid.leaf, "payout"]]);
    expect(sumRewards(staker.wallet.state, rewards)).toBe(7n * STG);
    const [row] = listHistory(staker.wallet.state, [], rewards);
    expect(row).toMatchObject({ act: "payout", direction: "in", amount: 7n * STG, state: "final" });

    const terms = termsOf(staker);
    const foundBy = (change: Partial<RewardTerms>): number =>
      findRewards(staker.wallet.state, { ...terms, ...change }).size;
    expect(foundBy({ chainId: terms.chainId + 1 })).toBe(0);
    expect(foundBy({ epoch: epoch(terms.weekEpochs - 1) })).toBe(0);

    // Another validator that pays here by its record, but that this wallet never staked with.
    withAccount(staker.ledger, devValidatorSeed(0), {
      balance: amount(9n * STG),
      reward: deriveAddress(curve, keys.view, 0),
    });
    endWeek(staker);
    const other = [...staker.wallet.state.notes.values()].find(({ note }) => note.amount >= 9n * STG && note.anchor);
    expect(other).toBeDefined();
    const later = findRewards(staker.wallet.state, termsOf(staker));
    expect(later.has(other!.note.leaf)).toBe(false);
    expect(later.get(paid.leaf)).toBe("payout");
  });

  it("[AW-2] holds the award of a week, also after the coins were spent and the stake withdrawn", () => {
    const staker = new Staker();
    staker.lock(500n * STG);
    const { tip } = staker.ledger;
    const week = BigInt(Math.ceil(tip.header.epoch / termsOf(staker).weekEpochs));
    const award = { week, dueHeight: height(tip.header.height + 1), blsKeys: [fakeBls.publicKey(VALIDATOR)] };
    staker.ledger.tip = { ...tip, aux: { ...tip.aux, award } };
    endWeek(staker);
    const won = newest(staker);
    const rewards = findRewards(staker.wallet.state, termsOf(staker));
    expect(rewards.get(won.leaf)).toBe("award");
    const { state } = staker.wallet;
    const spent = { height: height(99), timeMs: won.timeMs, txid: undefined };
    const notes = new Map([...state.notes].map(([leaf, kept]) => [leaf, { ...kept, spent }] as const));
    const gone = { ...state, notes };
    expect(liveStakes(gone)).toEqual([]);
    expect([state, gone, EMPTY_WALLET].map(hasStaked)).toEqual([true, true, false]);
    expect(findRewards(gone, termsOf(staker))).toEqual(rewards);
    expect(sumRewards(gone, rewards)).toBe(sumRewards(state, rewards));
  });

  it("[LC-1] is told, with what the network asks, also before the network's file was read again", () => {
    const staker = new Staker();
    staker.lock(500n * STG);
    withAccount(staker.ledger, VALIDATOR, { balance: amount(7n * STG) });
    endWeek(staker);
    const { tip } = staker.ledger;
    const { params } = tip.chain;
    const durable = {
      wallet: staker.wallet.state,
      chain: { header: tip.header },
      known: { params, listed: [], learnt: [] },
    };
    const state = { config: undefined, durable } as unknown as LightClientState;
    expect([...viewRewards(state).values()]).toEqual(["payout"]);
    expect(stakingView(state)).toEqual({
      stakeMin: BigInt(params.minStake) / 10n,
      seatMin: BigInt(params.minStake),
      unbondingMs: params.unbondingMs,
      payoutMs: params.weekEpochs * params.epochMs,
      slashShare: params.slashBp / 10_000,
      earned: 7n * STG,
    });
    const unknown = { ...state, durable: { ...state.durable, known: undefined } };
    expect([viewRewards(unknown).size, stakingView(unknown)]).toEqual([0, undefined]);
  });

  it("is kept with its anchor, in a record that an app without them calls newer", () => {
    const staker = new Staker();
    staker.lock(500n * STG);
    withAccount(staker.ledger, VALIDATOR, { balance: amount(7n * STG) });
    endWeek(staker);
    const kept = [...staker.wallet.state.notes.values()].sort((left, right) => left.sequence - right.sequence);
    const bytes = encodeNotes(kept);
    expect([bytes[0], decodeNotes(bytes)]).toEqual([3, kept]);
    expect(isNewerRecord({ key: "notes/000000000", bytes })).toBe(false);
    expect(() => decodeNotes(Uint8Array.of(2, ...bytes.slice(1)))).toThrow("record version 2 of other notes");
  });
});
