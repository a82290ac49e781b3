import { timeMs } from "../values/height.ts";
import { takeReached } from "./far-rounds.ts";
import { haveSets } from "./have-set.ts";
import { holdVerifiedVote } from "./hold-votes.ts";
import { askForPolka, holdProposal } from "./receive-proposal.ts";
import { withoutStaleBlocks, withoutStaleRounds } from "./rounds.ts";
import { castProposal } from "./sign-message.ts";
import { enterRound } from "./signer-guard.ts";
import { earliestBlockTime, paceMoment, proposeTimeoutMs } from "./timeouts.ts";
import type { Turn } from "./turn.ts";

/** [CO-4] StartRound(r). Round 0 waits for its moment (CO-15), later ones begin at once. */
export function startRound(turn: Turn, round: number): void {
  turn.patch({ round, step: "propose", rounds: withoutStaleRounds(turn.state, round), buildingRound: undefined });
  turn.patch({ blocks: withoutStaleBlocks(turn.state), guard: enterRound(turn.state.guard, round) });
  reachFarRounds(turn);
  sendHaveSets(turn, "all");
  askForPolka(turn, undefined);
  if (round === 0) schedulePace(turn);
  else beginProposing(turn);
}

/** [CO-15] Begins round 0 if its moment has come, or asks to be woken then. */
export function schedulePace(turn: Turn): void {
  const { round, step, isPaced } = turn.state;
  if (round !== 0 || isPaced || step === "decided") return;
  const moment = paceMoment(turn.deps.params, turn.state, isOwnTurn(turn));
  if (moment > turn.now) {
    turn.armTimer("pace", moment);
    return;
  }
  turn.patch({ isPaced: true });
  beginProposing(turn);
}

/** [CO-19] Says what is held, so that others send what is not. */
export function sendHaveSets(turn: Turn, to: string): void {
  for (const set of haveSets(turn.state)) turn.emit({ type: "send", message: { type: "have-set", set }, to });
}

/**
 * [CO-4] The proposer proposes validV again, or has a block built. T_propose runs for the proposer too: a block that
 * cannot be built must not hold up the round.
 */
function beginProposing(turn: Turn): void {
  const { round, step, valid, height } = turn.state;
  if (step === "propose") turn.armTimer("propose", turn.now + proposeTimeoutMs(turn.deps.params, round));
  if (!isOwnTurn(turn)) return;
  const block = valid === undefined ? undefined : turn.block(valid.blockId);
  if (valid !== undefined && block !== undefined) {
    castProposal(turn, block, valid.round);
    return;
  }
  const at = timeMs(Math.max(turn.now, earliestBlockTime(turn.deps.params, turn.state)));
  turn.patch({ buildingRound: round });
  turn.emit({ type: "build-block", height, round, at });
}

function isOwnTurn(turn: Turn): boolean {
  return turn.state.seat !== undefined && turn.proposerOf(turn.state.round) === turn.state.seat;
}

/** [CO-12] What senders said in rounds that are no longer far. */
function reachFarRounds(turn: Turn): void {
  const [far, reached] = takeReached(turn.state.far, turn.state.round + 1);
  turn.patch({ far });
  for (const held of reached) {
    if (held.proposal !== undefined) holdProposal(turn, turn.proposerOf(held.round), held.proposal, undefined);
    if (held.prevote !== undefined) holdVerifiedVote(turn, held.prevote);
    if (held.precommit !== undefined) holdVerifiedVote(turn, held.precommit);
  }
}
