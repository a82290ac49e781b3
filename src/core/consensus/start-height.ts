import { equalBytes } from "../bytes/compare-bytes.ts";
import type { HeightStarted } from "./consensus-events.ts";
import { createConsensusState, type ConsensusState } from "./consensus-state.ts";
import { HAVE_SET_INTERVAL_MS } from "./have-set.ts";
import type { LastCommit } from "./last-commit.ts";
import { replayLog } from "./replay-log.ts";
import { gatherCommit } from "./rules.ts";
import { resendRound } from "./sign-message.ts";
import { emptySignerGuard } from "./signer-guard.ts";
import { schedulePace, sendHaveSets, startRound } from "./start-round.ts";
import { proposeTimeoutMs } from "./timeouts.ts";
import type { Turn } from "./turn.ts";

/** Begins a height: alone, after a decision, after a catch-up, or in the middle of it after a restart. */
export function startHeight(turn: Turn, event: HeightStarted): void {
  turn.patch(freshState(turn, event));
  const isReplayed = replayLog(turn, event.log);
  turn.armTimer("have-set", turn.now + HAVE_SET_INTERVAL_MS);
  if (!isReplayed) {
    startRound(turn, 0);
    return;
  }
  const { round, step } = turn.state;
  resendRound(turn, round);
  sendHaveSets(turn, "all");
  turn.patch({ isPaced: step !== "propose" || turn.round(round).proposals.length > 0 });
  if (step === "propose") turn.armTimer("propose", turn.now + proposeTimeoutMs(turn.deps.params, round));
  schedulePace(turn);
}

function freshState(turn: Turn, event: HeightStarted): ConsensusState {
  const { signer } = turn.deps;
  const isSigning = signer !== undefined && event.height >= (signer.signsFrom ?? 0);
  const seat = event.validators.findIndex((validator) => isSigning && equalBytes(validator.blsKey, signer.publicKey));
  return {
    ...createConsensusState(),
    height: event.height,
    validators: event.validators,
    epochSeed: event.epochSeed,
    parent: event.parent,
    epochStart: event.epochStart,
    seat: seat === -1 ? undefined : seat,
    step: "propose",
    seen: event.validators.map(() => -1),
    transactionsSince: event.transactionsSince,
    hasUndrawnClaims: event.hasUndrawnClaims,
    guard: emptySignerGuard(event.height),
    lastCommit: lastCommitOf(turn, event),
  };
}

/** [CO-3] The votes this machine gathered itself, else the certificate the block came with. */
function lastCommitOf(turn: Turn, event: HeightStarted): LastCommit | undefined {
  const { decision, height } = turn.state;
  if (decision !== undefined && height + 1 === event.height && equalBytes(decision.blockId, event.parent.blockId)) {
    return gatherCommit(turn, decision.round, decision.blockId);
  }
  if (event.parentCommit === undefined) return undefined;
  const { certificate, validators } = event.parentCommit;
  return {
    height: (event.height - 1) as LastCommit["height"],
    blockId: event.parent.blockId,
    round: certificate.round,
    validators,
    base: certificate,
    votes: validators.map(() => undefined),
  };
}
