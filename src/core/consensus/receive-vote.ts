import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Vote } from "../chain/vote.ts";
import type { PeerId } from "../ports/network-port.ts";
import { holdFarVote, holdsFarVote } from "./far-rounds.ts";
import { applyVoteChange, messageOf, recordSigned, setKey } from "./hold-votes.ts";
import { addLatePrecommit } from "./last-commit.ts";
import { reportVotes } from "./report-evidence.ts";
import { isRoundKept, noteSeen } from "./rounds.ts";
import type { Turn } from "./turn.ts";
import { addVote, settle } from "./vote-set.ts";

/** Takes in a vote of this height. */
export function receiveVote(turn: Turn, vote: Vote, from: PeerId): void {
  if (vote.validator >= turn.state.validators.length) {
    turn.emit({ type: "blame-peer", peer: from, reason: "bad_seat" });
    return;
  }
  if (!isRoundKept(turn.state, vote.round)) return;
  if (vote.round > turn.state.round + 1) {
    receiveFarVote(turn, vote, from);
    return;
  }
  const key = setKey(vote);
  // A vote of a later round may move us there (CO-12) and one under our own key concerns the guard: not to be put off.
  const eager = vote.round > turn.state.round || vote.validator === turn.state.seat;
  const change = addVote(turn.voteContext, turn.round(vote.round)[key], vote, from, eager, turn.isWanted);
  applyVoteChange(turn, vote.round, key, change);
}

/** Verifies what is still pending in a round, so that have-sets tell the whole truth. */
export function settleRound(turn: Turn, round: number): void {
  if (!turn.state.rounds.has(round)) return;
  for (const key of ["prevotes", "precommits"] as const) {
    applyVoteChange(
      turn,
      round,
      key,
      settle(turn.voteContext, turn.round(round)[key], turn.isWanted, () => true),
    );
  }
}

/** [CO-3] A precommit for the parent that came after the height began still enters the next certificate. */
export function receiveLateVote(turn: Turn, vote: Vote, from: PeerId): void {
  const { lastCommit } = turn.state;
  if (lastCommit === undefined) return;
  const known = lastCommit.votes[vote.validator];
  const isSamePlace = vote.type === "precommit" && vote.round === lastCommit.round && vote.height === lastCommit.height;
  if (known !== undefined && isSamePlace && !equalBytes(known.blockId, vote.blockId)) {
    reportVotes(turn, lastCommit.validators, known, vote, from);
    return;
  }
  const next = addLatePrecommit(turn.deps.bls, turn.deps.chainId, lastCommit, vote);
  if (next === undefined) turn.emit({ type: "blame-peer", peer: from, reason: "bad_signature" });
  else if (next !== lastCommit) turn.patch({ lastCommit: next });
}

function receiveFarVote(turn: Turn, vote: Vote, from: PeerId): void {
  const held = turn.state.far.get(vote.validator);
  const twin = held?.round === vote.round ? held[vote.type] : undefined;
  const isConflict = twin !== undefined && !equalBytes(twin.blockId, vote.blockId);
  if (!isConflict && holdsFarVote(turn.state.far, vote)) return;
  if (isConflict) {
    reportVotes(turn, turn.state.validators, twin, vote, from);
    return;
  }
  const message = messageOf(turn, vote);
  if (!turn.deps.bls.verify(turn.state.validators[vote.validator]!.blsKey, message, vote.signature)) {
    turn.emit({ type: "blame-peer", peer: from, reason: "bad_signature" });
    return;
  }
  if (vote.validator === turn.state.seat) recordSigned(turn, vote.type, vote.round, message);
  turn.patch({ far: holdFarVote(turn.state.far, vote) });
  noteSeen(turn, vote.validator, vote.round);
}
