import { isZeroHash, ZERO_HASH, type Hash } from "../values/hash.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import type { HeldProposal } from "./held-proposal.ts";
import { commitCertificate, type LastCommit } from "./last-commit.ts";
import { roundToJoin } from "./rounds.ts";
import { castVote, rememberPolka } from "./sign-message.ts";
import { startRound } from "./start-round.ts";
import { voteTimeoutMs } from "./timeouts.ts";
import type { Turn } from "./turn.ts";
import { hasQuorumAny, hasQuorumFor, settle, votedIds } from "./vote-set.ts";

/** One rule of 6.2: true if it applied and changed something. */
type Rule = (turn: Turn) => boolean;

/** Applies the rules until none of them has anything left to do. */
export function applyRules(turn: Turn): void {
  while (turn.state.step !== "decided" && RULES.some((rule) => rule(turn)));
}

/** [CO-5] A new block, in step propose. Waits for the block's validity until T_propose. */
const voteOnNewBlock: Rule = (turn) => {
  const held = firstProposal(turn);
  if (turn.state.step !== "propose" || held === undefined) return false;
  if (held.verdict === "refused") return prevote(turn, ZERO_HASH);
  if (held.proposal.validRound !== -1) return false;
  const { locked } = turn.state;
  const { blockId } = held.proposal;
  const isLockFree = locked === undefined || equalBytes(locked.blockId, blockId);
  return voteOnBlock(turn, blockId, held.verdict === "acceptable" && isLockFree);
};

/** [CO-6] A block proposed again on the prevotes of an earlier round: they release a lock that is not newer. */
const voteOnOldBlock: Rule = (turn) => {
  const held = firstProposal(turn);
  if (turn.state.step !== "propose" || held === undefined || held.verdict === "refused") return false;
  const { validRound, blockId } = held.proposal;
  if (validRound < 0) return false;
  if (!hasQuorumFor(turn.round(validRound).prevotes, turn.state.validators, blockId)) return false;
  const { locked } = turn.state;
  const isLockFree = locked === undefined || locked.round <= validRound || equalBytes(locked.blockId, blockId);
  return voteOnBlock(turn, blockId, isLockFree);
};

/** [CO-7] */
const armPrevoteTimer: Rule = (turn) => {
  const { round, step, validators } = turn.state;
  const held = turn.round(round);
  if (step !== "prevote" || held.isPrevoteTimerArmed || !hasQuorumAny(held.prevotes, validators)) return false;
  turn.patchRound(round, { isPrevoteTimerArmed: true });
  turn.armTimer("prevote", turn.now + voteTimeoutMs(turn.deps.params, round));
  return true;
};

/** [CO-8] Lock on two thirds of prevotes for a known, valid block; in any case it is what we would propose. */
const lockBlock: Rule = (turn) => {
  const { round, step, validators } = turn.state;
  const held = turn.round(round);
  if (step === "propose" || held.isPolkaHandled) return false;
  const blockId = votedIds(held.prevotes).find((id) => !isZeroHash(id) && hasQuorumFor(held.prevotes, validators, id));
  const block = blockId === undefined ? undefined : turn.block(blockId);
  if (block?.validity !== "valid") return false;
  turn.patchRound(round, { isPolkaHandled: true });
  rememberPolka(turn, block, step === "prevote");
  if (step === "prevote") precommit(turn, block.blockId);
  return true;
};

/** [CO-9] */
const precommitNil: Rule = (turn) => {
  const { round, step, validators } = turn.state;
  if (step !== "prevote" || !hasQuorumFor(turn.round(round).prevotes, validators, ZERO_HASH)) return false;
  return precommit(turn, ZERO_HASH);
};

/** [CO-10] In whatever step. */
const armPrecommitTimer: Rule = (turn) => {
  const { round, validators } = turn.state;
  const held = turn.round(round);
  if (held.isPrecommitTimerArmed || !hasQuorumAny(held.precommits, validators)) return false;
  turn.patchRound(round, { isPrecommitTimerArmed: true });
  turn.armTimer("precommit", turn.now + voteTimeoutMs(turn.deps.params, round));
  return true;
};

/** [CO-11] Of any round. */
const decide: Rule = (turn) => {
  for (const [round, held] of turn.state.rounds) {
    for (const blockId of votedIds(held.precommits)) {
      if (isZeroHash(blockId) || !hasQuorumFor(held.precommits, turn.state.validators, blockId)) continue;
      if (turn.block(blockId)?.validity !== "valid") continue;
      turn.patch({ step: "decided", decision: { round, blockId } });
      const certificate = commitCertificate(turn.deps.bls, gatherCommit(turn, round, blockId));
      turn.emit({ type: "decide", height: turn.state.height, blockId, round, certificate });
      return true;
    }
  }
  return false;
};

/** [CO-12] */
const joinLaterRound: Rule = (turn) => {
  const round = roundToJoin(turn.state);
  if (round === undefined) return false;
  startRound(turn, round);
  return true;
};

const RULES: readonly Rule[] = [
  decide,
  joinLaterRound,
  voteOnNewBlock,
  voteOnOldBlock,
  lockBlock,
  precommitNil,
  armPrevoteTimer,
  armPrecommitTimer,
];

/** [CO-3] Every precommit held for a block, also beyond two thirds. */
export function gatherCommit(turn: Turn, round: number, blockId: Hash): LastCommit {
  const { set } = settle(turn.voteContext, turn.round(round).precommits, turn.isWanted, (vote) =>
    equalBytes(vote.blockId, blockId),
  );
  const votes = set.verified.map((held) => held.find((vote) => equalBytes(vote.blockId, blockId)));
  return { height: turn.state.height, blockId, round, validators: turn.state.validators, base: undefined, votes };
}

/** [CO-13] T_propose ran out. */
export function prevote(turn: Turn, blockId: Hash): true {
  turn.patch({ step: "prevote" });
  castVote(turn, "prevote", blockId);
  return true;
}

/** Also [CO-13] T_prevote ran out. */
export function precommit(turn: Turn, blockId: Hash): true {
  turn.patch({ step: "precommit" });
  castVote(turn, "precommit", blockId);
  return true;
}

function firstProposal(turn: Turn): HeldProposal | undefined {
  return turn.round(turn.state.round).proposals[0];
}

function voteOnBlock(turn: Turn, blockId: Hash, isAllowed: boolean): boolean {
  if (!isAllowed) return prevote(turn, ZERO_HASH);
  const validity = turn.block(blockId)?.validity;
  if (validity === undefined || validity === "unknown") return false;
  return prevote(turn, validity === "valid" ? blockId : ZERO_HASH);
}
