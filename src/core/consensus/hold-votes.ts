import { VOTE_TYPE, voteMessage, type Vote } from "../chain/vote.ts";
import type { Hash } from "../values/hash.ts";
import { reportVotes } from "./report-evidence.ts";
import { noteSeen } from "./rounds.ts";
import { guardSigning, type SignedType } from "./signer-guard.ts";
import type { Turn } from "./turn.ts";
import { addVerifiedVote, settleDue, type VoteSetChange } from "./vote-set.ts";

/** Puts in a vote of our own, or one that was verified before; others that waited for it to matter are verified. */
export function holdVerifiedVote(turn: Turn, vote: Vote): void {
  const key = setKey(vote);
  applyVoteChange(turn, vote.round, key, addVerifiedVote(turn.round(vote.round)[key], vote, turn.isWanted));
  applyVoteChange(turn, vote.round, key, settleDue(turn.voteContext, turn.round(vote.round)[key], turn.isWanted));
}

/** Takes over a changed vote set and draws the conclusions: who was seen, who lied, who cheated. */
export function applyVoteChange(
  turn: Turn,
  round: number,
  key: "prevotes" | "precommits",
  change: VoteSetChange,
): void {
  const before = turn.round(round)[key];
  if (change.set !== before) {
    turn.patchRound(round, { [key]: change.set });
    change.set.verified.forEach((votes, seat) => {
      if (votes === before.verified[seat]) return;
      noteSeen(turn, seat, round);
      if (seat === turn.state.seat)
        votes.forEach((vote) => recordSigned(turn, vote.type, round, messageOf(turn, vote)));
    });
  }
  for (const peer of new Set(change.blamed)) turn.emit({ type: "blame-peer", peer, reason: "bad_signature" });
  for (const [left, right] of change.conflicts) reportVotes(turn, turn.state.validators, left, right);
}

/** [CO-14] Records a message of ours that came from the log or back from a peer; false if it contradicts the guard. */
export function recordSigned(turn: Turn, type: SignedType, round: number, message: Hash): boolean {
  const guard = guardSigning(turn.state.guard, { height: turn.state.height, round, type }, message);
  if (guard === undefined) return false;
  turn.patch({ guard });
  return true;
}

export function messageOf(turn: Turn, vote: Vote): Hash {
  return voteMessage(turn.deps.chainId, VOTE_TYPE[vote.type], vote.height, vote.round, vote.blockId);
}

export function setKey(vote: Vote): "prevotes" | "precommits" {
  return vote.type === "prevote" ? "prevotes" : "precommits";
}
