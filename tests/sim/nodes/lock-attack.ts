import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import { isQuorum, totalPower } from "../../../src/core/chain/validator-set.ts";
import type { ConsensusFrame, ProposalFrame } from "../../../src/core/chain/consensus-frames.ts";
import type { Vote } from "../../../src/core/chain/vote.ts";
import { votedIds } from "../../../src/core/consensus/vote-set.ts";
import { isZeroHash, ZERO_HASH, type Hash } from "../../../src/core/values/hash.ts";
import type { Outgoing } from "./behaviours.ts";
import { bodyOf, proposalOf, voteFor, type Cheat } from "./cheat-blocks.ts";

/** Two thirds of prevotes for a block, in a round that is over. */
interface Polka {
  readonly round: number;
  readonly blockId: Hash;
  readonly votes: readonly Vote[];
}

/**
 * How locks are attacked. Of the first block of a height that not all correct validators see, and a cheat shows its own
 * to few, two thirds prevote only together with the cheats, who prevote for it among themselves and nil before
 * everybody else: nobody locks. The next proposer knows of nothing and makes another block, for which the cheats prevote
 * before half of the others: where one of these missed it, that half locks and the other does not. Precommits of nil
 * keep the rounds going. The next cheat whose turn it is proposes the old block with the old prevotes, now shown to
 * everybody. CO-6 takes them for real, as they are; what is left to hold a validator back is that its lock is newer.
 */
export function attackLocks(cheat: Cheat, to: number, frame: ConsensusFrame): readonly Outgoing[] {
  const frames =
    frame.type === "proposal"
      ? twistProposal(cheat, to, frame.proposal)
      : frame.type === "vote"
        ? [{ type: "vote", vote: twistVote(cheat, to, frame.vote) } as const]
        : [frame];
  return frames.map((each) => ({ frame: each, delayMs: 0 }));
}

function twistProposal(cheat: Cheat, to: number, proposal: ProposalFrame): readonly ConsensusFrame[] {
  const old = oldPolka(cheat, proposal.body.header.round, proposal.round);
  const body = old && bodyOf(cheat.running, old.blockId);
  if (old !== undefined && body !== undefined) {
    const votes = old.votes.map((vote) => ({ type: "vote", vote }) as const);
    return [...votes, { type: "proposal", proposal: proposalOf(cheat, proposal, body, old.round) }];
  }
  // Nobody else knows of a block to propose again: what the others propose in its place is waited for.
  const isShown = cheat.friends.has(to) || (proposal.validRound < 0 && isTold(cheat, to));
  return isShown ? [{ type: "proposal", proposal }] : [];
}

function twistVote(cheat: Cheat, to: number, vote: Vote): Vote {
  const { consensus } = cheat.running.state;
  // What is said of rounds that are over, whoever asks for it gets.
  if (vote.validator !== consensus.seat || vote.round !== consensus.round || cheat.friends.has(to)) return vote;
  const isShown = vote.type === "prevote" && placeOf(cheat, to) % 2 === 0 && isNewer(cheat, vote);
  return isShown || isZeroHash(vote.blockId) ? vote : voteFor(cheat, vote, ZERO_HASH);
}

/** Is this a vote for a block that is to take the place of one with two thirds of prevotes? */
function isNewer(cheat: Cheat, { blockId, round }: Vote): boolean {
  const madeIn = bodyOf(cheat.running, blockId)?.header.round;
  return madeIn !== undefined && oldPolka(cheat, madeIn, round) !== undefined;
}

/** The first round in which two thirds prevoted for a block, if the one to be proposed is newer. */
function oldPolka({ running }: Cheat, madeIn: number, before: number): Polka | undefined {
  const { rounds, validators } = running.state.consensus;
  for (const [round, { prevotes }] of [...rounds].sort(([left], [right]) => left - right)) {
    if (round >= before) return undefined;
    for (const blockId of votedIds(prevotes)) {
      if (isZeroHash(blockId)) continue;
      const votes = prevotes.verified.flatMap((of) => of.filter((vote) => equalBytes(vote.blockId, blockId)));
      const power = votes.reduce((sum, { validator }) => sum + validators[validator]!.power, 0);
      const block = bodyOf(running, blockId);
      if (!isQuorum(power, totalPower(validators)) || block === undefined) continue;
      if (block.header.round < madeIn) return { round, blockId, votes };
    }
  }
  return undefined;
}

/** Is this one of the correct validators that are shown a new block? They are no two thirds. */
function isTold(cheat: Cheat, to: number): boolean {
  const seats = cheat.running.state.consensus.validators.length;
  return placeOf(cheat, to) < Math.floor((2 * seats) / 3);
}

/** Which of the others a node is, from 0 on. */
function placeOf({ friends }: Cheat, to: number): number {
  return to - [...friends].filter((friend) => friend < to).length;
}
