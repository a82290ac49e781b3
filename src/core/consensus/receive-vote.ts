import { equalBytes } from "../bytes/compare-bytes.ts";
import { VOTE_TYPE, voteMessage, type Vote } from "../chain/vote.ts";
import type { PeerId } from "../ports/network-port.ts";
import { holdFarVote, holdsFarVote } from "./far-rounds.ts";
import { addLatePrecommit } from "./last-commit.ts";
import { reportVotes } from "./report-evidence.ts";
import { isRoundKept, noteSeen } from "./rounds.ts";
import { recordSigned } from "./sign-message.ts";
import type { Turn } from "./turn.ts";
import { addVerifiedVote, addVote, settle, type VoteSetChange } from "./vote-set.ts";

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
  applyChange(turn, vote.round, key, change);
}

/** Puts in a vote that was verified before: of a far round that has been reached. */
export function holdVerifiedVote(turn: Turn, vote: Vote): void {
  const key = setKey(vote);
  applyChange(turn, vote.round, key, addVerifiedVote(turn.round(vote.round)[key], vote, turn.isWanted));
}

/** Verifies what is still pending in a round, so that have-sets tell the whole truth. */
export function settleRound(turn: Turn, round: number): void {
  if (!turn.state.rounds.has(round)) return;
  for (const key of ["prevotes", "precommits"] as const) {
    applyChange(
      turn,
      round,
      key,
      settle(turn.voteContext, turn.round(round)[key], turn.isWanted, () => true),
    );
  }
}

/** [CO-3] A precommit for the parent that came after the height began still enters the next certificate. */
export function receiveLateVote(turn: Turn, vote: Vote): void {
  const { lastCommit } = turn.state;
  if (lastCommit === undefined) return;
  const known = lastCommit.votes[vote.validator];
  const isSamePlace = vote.type === "precommit" && vote.round === lastCommit.round && vote.height === lastCommit.height;
  if (known !== undefined && isSamePlace && !equalBytes(known.blockId, vote.blockId)) {
    reportVotes(turn, lastCommit.validators, known, vote);
    return;
  }
  const next = addLatePrecommit(turn.deps.bls, turn.deps.chainId, lastCommit, vote);
  if (next !== lastCommit) turn.patch({ lastCommit: next });
}

function receiveFarVote(turn: Turn, vote: Vote, from: PeerId): void {
  const held = turn.state.far.get(vote.validator);
  const twin = held?.round === vote.round ? held[vote.type] : undefined;
  const isConflict = twin !== undefined && !equalBytes(twin.blockId, vote.blockId);
  if (!isConflict && holdsFarVote(turn.state.far, vote)) return;
  if (isConflict) {
    reportVotes(turn, turn.state.validators, twin, vote);
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

function applyChange(turn: Turn, round: number, key: "prevotes" | "precommits", change: VoteSetChange): void {
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

function messageOf(turn: Turn, vote: Vote): ReturnType<typeof voteMessage> {
  return voteMessage(turn.deps.chainId, VOTE_TYPE[vote.type], vote.height, vote.round, vote.blockId);
}

function setKey(vote: Vote): "prevotes" | "precommits" {
  return vote.type === "prevote" ? "prevotes" : "precommits";
}
