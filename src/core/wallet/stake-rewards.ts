import { formatHex } from "../bytes/hex.ts";
import { awardAnchor, payoutAnchor } from "../crypto/public-output.ts";
import { amount, type Amount } from "../values/amount.ts";
import type { Epoch, LeafIndex } from "../values/height.ts";
import type { Note } from "./note.ts";
import { isStakeNote } from "./stake-state.ts";
import type { WalletState } from "./wallet-state.ts";

/** payout: what a validator has earned (RW-2) · award: the pot of a week that it has won (AW-2). */
export type Reward = "payout" | "award";

/** What tells rewards apart from what anybody may pay in public. */
export interface RewardTerms {
  readonly chainId: number;
  readonly weekEpochs: number;
  /** The newest one that the chain is known to have reached. */
  readonly epoch: Epoch;
}

/**
 * Coins that the ledger itself has paid for validators that this wallet has, or had, a stake with: their anchors name
 * chain, week and key. Whoever copies such an anchor has paid in earnest, in public. Rewards for stakes that a restore no
 * longer finds, since they were withdrawn before, are not known as such.
 *
 * It takes two hashes for each week of the chain and each validator, in a wallet that holds such coins.
 */
export function findRewards(wallet: WalletState, terms: RewardTerms): ReadonlyMap<LeafIndex, Reward> {
  const notes = [...wallet.notes.values()].map(({ note }) => note);
  const inPublic = notes.filter((note): note is Note & { anchor: Uint8Array } => note.anchor !== undefined);
  if (inPublic.length === 0) return new Map();
  const validators = new Map(
    notes.filter(isStakeNote).map(({ stake }) => [formatHex(stake.blsKey), stake.blsKey] as const),
  );
  const anchors = new Map<string, Reward>();
  for (const blsKey of validators.values()) {
    for (let week = 1; week * terms.weekEpochs <= terms.epoch; week++) {
      anchors.set(formatHex(payoutAnchor(terms.chainId, week * terms.weekEpochs, blsKey)), "payout");
      anchors.set(formatHex(awardAnchor(terms.chainId, week, blsKey)), "award");
    }
  }
  return new Map(
    inPublic.flatMap(({ leaf, anchor }): [LeafIndex, Reward][] => {
      const reward = anchors.get(formatHex(anchor));
      return reward === undefined ? [] : [[leaf, reward]];
    }),
  );
}

/** All of them together, spent ones as well. */
export function sumRewards({ notes }: WalletState, rewards: ReadonlyMap<LeafIndex, Reward>): Amount {
  return amount([...rewards.keys()].reduce((sum, leaf) => sum + notes.get(leaf)!.note.amount, 0n));
}
