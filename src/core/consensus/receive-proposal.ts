import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Header } from "../chain/header.ts";
import { proposalMessage } from "../chain/vote.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { TimeMs } from "../values/height.ts";
import type { BlockProposal } from "./consensus-events.ts";
import type { KnownBlock } from "./consensus-state.ts";
import type { HeldProposal } from "./held-proposal.ts";
import { holdFarProposal } from "./far-rounds.ts";
import { haveSetOf, neededPolka } from "./have-set.ts";
import { recordSigned } from "./hold-votes.ts";
import { reportProposals } from "./report-evidence.ts";
import { isRoundKept, noteSeen } from "./rounds.ts";
import type { Turn } from "./turn.ts";

/** How far a new block's time may be from the voter's clock (CO-2). */
export const CLOCK_TOLERANCE_MS = 5_000;
/** A second proposal of a round is kept because it proves the equivocation; a third adds nothing. */
const PROPOSALS_PER_ROUND_MAX = 2;

/** Takes in a proposal of this height. `receivedAt` is when it first came, also where it waited for its height. */
export function receiveProposal(turn: Turn, proposal: BlockProposal, from: PeerId, receivedAt: TimeMs): void {
  const { round, blockId } = proposal;
  if (!isRoundKept(turn.state, round)) return;
  const held = turn.round(round).proposals;
  if (held.length >= PROPOSALS_PER_ROUND_MAX || held.some((other) => isSame(other.proposal, proposal))) return;
  const seat = turn.proposerOf(round);
  if (round > turn.state.round + 1 && turn.state.far.get(seat)?.proposal?.proposal.round === round) return;
  const message = proposalMessage(turn.deps.chainId, proposal.height, round, proposal.validRound, blockId);
  if (!turn.deps.bls.verify(turn.state.validators[seat]!.blsKey, message, proposal.signature)) {
    turn.emit({ type: "blame-peer", peer: from, reason: "bad_signature" });
    return;
  }
  noteSeen(turn, seat, round);
  if (seat === turn.state.seat) recordSigned(turn, "proposal", round, message);
  const verdict = judgeProposal(turn, proposal, receivedAt);
  if (round > turn.state.round + 1) {
    turn.patch({ far: holdFarProposal(turn.state.far, seat, { proposal, verdict }) });
  } else {
    holdProposal(turn, seat, { proposal, verdict }, from);
  }
}

/** Puts a verified proposal into its round, reports a second one, and asks for the block and for missing prevotes. */
export function holdProposal(turn: Turn, seat: number, held: HeldProposal, from: PeerId | undefined): void {
  const { proposal, verdict } = held;
  const { proposals } = turn.round(proposal.round);
  if (proposals.some((other) => isSame(other.proposal, proposal))) return;
  if (proposals.length >= PROPOSALS_PER_ROUND_MAX) return;
  turn.patchRound(proposal.round, { proposals: [...proposals, held] });
  if (proposals[0] !== undefined) reportProposals(turn, seat, proposals[0].proposal, proposal);
  if (verdict === "refused") return;
  learnBlock(turn, proposal.header, proposal.blockId, from);
  askForPolka(turn, from);
}

/** [CO-6] A proposal of the current round rests on earlier prevotes: whoever lacks them asks at once. */
export function askForPolka(turn: Turn, from: PeerId | undefined): void {
  const wanted = neededPolka(turn.state);
  if (wanted === undefined || turn.state.step !== "propose") return;
  const set = haveSetOf(turn.state, wanted.round);
  turn.emit({ type: "send", message: { type: "have-set", set }, to: from ?? "all" });
}

/** Remembers a proposed block and asks the full node to judge it, once. */
export function learnBlock(turn: Turn, header: Header, blockId: KnownBlock["blockId"], from: PeerId | undefined): void {
  if (turn.block(blockId) !== undefined) return;
  turn.patchBlock({ blockId, header, validity: "unknown", isStored: false });
  turn.emit({ type: "validate-block", height: turn.state.height, blockId, header, from });
}

/**
 * [CO-1] The bytes of a block say under which round it was made: a new block names the round of its proposal, one
 * proposed again an earlier round than the prevotes it rests on. [CO-2] The clock is asked here and never again.
 */
function judgeProposal(turn: Turn, proposal: BlockProposal, receivedAt: TimeMs): HeldProposal["verdict"] {
  const { header, round, validRound } = proposal;
  const isNew = validRound === -1;
  if (header.chainId !== turn.deps.chainId || header.height !== turn.state.height) return "refused";
  if (!equalBytes(header.prev, turn.state.parent.blockId)) return "refused";
  if (isNew ? header.round !== round : validRound >= round || header.round > validRound) return "refused";
  if (header.proposer !== turn.proposerOf(header.round)) return "refused";
  if (isNew && Math.abs(header.time - receivedAt) > CLOCK_TOLERANCE_MS) return "untimely";
  return "acceptable";
}

function isSame(left: BlockProposal, right: BlockProposal): boolean {
  return left.validRound === right.validRound && equalBytes(left.blockId, right.blockId);
}
