import { blockId, type Header } from "../chain/header.ts";
import { proposalMessage, VOTE_TYPE, voteMessage } from "../chain/vote.ts";
import type { Hash } from "../values/hash.ts";
import { decodeLogEntry, type LogEntry } from "./consensus-log.ts";
import type { Step } from "./consensus-state.ts";
import { holdVerifiedVote, recordSigned } from "./hold-votes.ts";
import type { Turn } from "./turn.ts";

/**
 * [CO-14] Puts back what this validator signed, locked and saw as valid at this height, and takes up the round and
 * step of its newest message. Returns false if the log holds nothing for this height. A line that cannot be read
 * throws: signing on without knowing what was signed would risk the stake.
 */
export function replayLog(turn: Turn, log: readonly Uint8Array[]): boolean {
  let isEmpty = true;
  for (const bytes of log) {
    const entry = decodeLogEntry(bytes);
    if (entry.type === "block" || heightOf(entry) !== turn.state.height) continue;
    replayEntry(turn, entry);
    isEmpty = false;
  }
  return !isEmpty;
}

function replayEntry(turn: Turn, entry: Exclude<LogEntry, { type: "block" }>): void {
  const { chainId } = turn.deps;
  switch (entry.type) {
    case "vote": {
      const { type, height, round, blockId: id } = entry.vote;
      mustRecord(turn, type, round, voteMessage(chainId, VOTE_TYPE[type], height, round, id));
      holdVerifiedVote(turn, entry.vote);
      goTo(turn, round, type);
      return;
    }
    case "proposal": {
      const { height, round, validRound, header, blockId: id } = entry.proposal;
      mustRecord(turn, "proposal", round, proposalMessage(chainId, height, round, validRound, id));
      learnStored(turn, header, id);
      turn.patchRound(round, { proposals: [{ proposal: entry.proposal, verdict: "acceptable" }] });
      goTo(turn, round, "propose");
      return;
    }
    case "polka":
      for (const vote of entry.votes) holdVerifiedVote(turn, vote);
      return;
    case "lock":
    case "valid": {
      const value = { round: entry.round, blockId: blockId(entry.header) };
      learnStored(turn, entry.header, value.blockId);
      turn.patch(entry.type === "lock" ? { locked: value } : { valid: value });
      return;
    }
    default:
      entry satisfies never;
  }
}

function heightOf(entry: Exclude<LogEntry, { type: "block" }>): number {
  switch (entry.type) {
    case "vote":
      return entry.vote.height;
    case "proposal":
      return entry.proposal.height;
    case "polka":
      return entry.votes[0]!.height;
    case "lock":
    case "valid":
      return entry.header.height;
    default:
      return entry satisfies never;
  }
}

function mustRecord(turn: Turn, type: "proposal" | "prevote" | "precommit", round: number, message: Hash): void {
  if (!recordSigned(turn, type, round, message)) throw new Error(`log holds two ${type}s of round ${round}`);
}

/** Our own bytes were stored before the entry; they must be judged again, because validity is not in the log. */
function learnStored(turn: Turn, header: Header, id: Hash): void {
  if (turn.block(id) !== undefined) return;
  turn.patchBlock({ blockId: id, header, validity: "unknown", isStored: true });
  turn.emit({ type: "validate-block", height: turn.state.height, blockId: id, header, from: undefined });
}

const STEP_ORDER: readonly Step[] = ["propose", "prevote", "precommit"];

function goTo(turn: Turn, round: number, step: Step): void {
  const { round: at, step: was } = turn.state;
  if (round > at || (round === at && STEP_ORDER.indexOf(step) > STEP_ORDER.indexOf(was))) turn.patch({ round, step });
}
