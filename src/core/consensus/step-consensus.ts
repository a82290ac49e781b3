import type { Certificate } from "../chain/certificate.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { ZERO_HASH } from "../values/hash.ts";
import type { ConsensusDeps, ConsensusEffect, ConsensusEvent, ConsensusTimer } from "./consensus-events.ts";
import type { ConsensusState } from "./consensus-state.ts";
import { holdEarly, type EarlyMessage } from "./early-messages.ts";
import { HAVE_SET_INTERVAL_MS, messagesLackedBy } from "./have-set.ts";
import { commitCertificate } from "./last-commit.ts";
import { receiveProposal } from "./receive-proposal.ts";
import { receiveLateVote, receiveVote, settleRound } from "./receive-vote.ts";
import { applyRules, precommit, prevote } from "./rules.ts";
import { castProposal } from "./sign-message.ts";
import { startHeight } from "./start-height.ts";
import { schedulePace, sendHaveSets, startRound } from "./start-round.ts";
import { Turn } from "./turn.ts";

/** The consensus machine of 6.2: same state and event, same answer. */
export function stepConsensus(
  deps: ConsensusDeps,
  state: ConsensusState,
  event: ConsensusEvent,
): readonly [ConsensusState, readonly ConsensusEffect[]] {
  const turn = new Turn(deps, state, event.now);
  takeEvent(turn, event);
  applyRules(turn);
  return [turn.state, turn.effects];
}

/** [CO-3] What the next proposer puts in as last_cert: every precommit for the parent seen so far. */
export function lastCertificate(bls: BlsBackend, state: ConsensusState): Certificate {
  return commitCertificate(bls, state.lastCommit);
}

function takeEvent(turn: Turn, event: ConsensusEvent): void {
  const { state } = turn;
  switch (event.type) {
    case "height-started": {
      if (event.height <= state.height) return;
      startHeight(turn, event);
      const early = state.height + 1 === event.height ? [...state.early.values()].flat() : [];
      for (const message of early) takeMessage(turn, message);
      return;
    }
    case "proposal-received":
    case "vote-received":
      takeMessage(turn, event);
      return;
    case "have-set-received": {
      const [messages, answers] = messagesLackedBy(state, event.set, event.from, event.now);
      turn.patch({ answers });
      for (const message of messages) turn.emit({ type: "send", message, to: event.from });
      return;
    }
    case "block-validated": {
      const block = turn.block(event.blockId);
      if (block !== undefined) turn.patchBlock({ ...block, validity: event.ok ? "valid" : "invalid" });
      return;
    }
    case "block-built":
      takeBuiltBlock(turn, event);
      return;
    case "timer-fired":
      takeTimer(turn, event.timer);
      return;
    case "transactions-waiting":
      turn.patch({ transactionsSince: state.transactionsSince ?? event.now });
      schedulePace(turn);
      return;
    case "peer-connected":
    case "peer-disconnected": {
      const answers = new Map(state.answers);
      answers.delete(event.peer);
      turn.patch({ answers });
      if (event.type === "peer-connected" && state.step !== "decided") sendHaveSets(turn, event.peer);
      return;
    }
    default:
      event satisfies never;
  }
}

function takeMessage(turn: Turn, event: EarlyMessage): void {
  const { height } = turn.state;
  const message = event.type === "vote-received" ? event.vote : event.proposal;
  if (height === 0) return;
  if (message.height === height + 1) turn.patch({ early: holdEarly(turn.state.early, event) });
  if (event.type === "vote-received") {
    if (event.vote.height === height) receiveVote(turn, event.vote, event.from);
    if (event.vote.height === height - 1) receiveLateVote(turn, event.vote, event.from);
  } else if (message.height === height) {
    receiveProposal(turn, event.proposal, event.from, event.now);
  }
}

/** [CO-4] A block built too late for its round is dropped: a new one names its own round (CO-1). */
function takeBuiltBlock(turn: Turn, event: Extract<ConsensusEvent, { type: "block-built" }>): void {
  const { round, step, buildingRound } = turn.state;
  if (step === "decided" || event.round !== round || buildingRound !== round) return;
  turn.patch({ buildingRound: undefined });
  const block = { blockId: event.blockId, header: event.header, validity: "valid", isStored: false } as const;
  turn.patchBlock(block);
  castProposal(turn, block, -1);
}

/** [CO-13] Timers of a past round or height have no effect. */
function takeTimer(turn: Turn, timer: ConsensusTimer): void {
  const { height, round, step } = turn.state;
  if (timer.height !== height || step === "decided") return;
  if (timer.kind === "have-set") {
    settleRound(turn, round);
    sendHaveSets(turn, "all");
    turn.armTimer("have-set", turn.now + HAVE_SET_INTERVAL_MS);
    return;
  }
  if (timer.round !== round) return;
  switch (timer.kind) {
    case "pace":
      schedulePace(turn);
      return;
    case "propose":
      if (step === "propose") prevote(turn, ZERO_HASH);
      return;
    case "prevote":
      if (step === "prevote") precommit(turn, ZERO_HASH);
      return;
    case "precommit":
      startRound(turn, round + 1);
      return;
    default:
      timer.kind satisfies never;
  }
}
