import { formatHex } from "../bytes/hex.ts";
import type { HaveSet } from "../chain/consensus-frames.ts";
import type { Vote } from "../chain/vote.ts";
import type { PeerId } from "../ports/network-port.ts";
import { isZeroHash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";
import type { ConsensusMessage } from "./consensus-events.ts";
import type { AnswerMemory, ConsensusState, RoundState } from "./consensus-state.ts";
import { hasQuorumFor, seatsHeld, votedIds } from "./vote-set.ts";

/** How often a have-set is sent while nothing is decided, and how often one vote may go to one peer (CO-19). */
export const HAVE_SET_INTERVAL_MS = 2_000;

/** What this node holds of one round (CO-19 frame 5). */
export function haveSetOf(state: ConsensusState, round: number): HaveSet {
  const held = state.rounds.get(round);
  const none = state.validators.map(() => false);
  // Where a proposal rests on the prevotes of this round, only those for its block count: an equivocator's other
  // vote must not hide the one that is missing.
  const wanted = neededPolka(state);
  const blockId = wanted?.round === round ? wanted.blockId : undefined;
  return {
    height: state.height,
    round,
    isProposalKnown: isProposalJudged(state, held) && !lacksDecidedBlock(state, round),
    prevotes: held === undefined ? none : seatsHeld(held.prevotes, blockId),
    precommits: held === undefined ? none : seatsHeld(held.precommits),
  };
}

/** Until its block has been judged a proposal is asked for: whoever sent it may have put wrong short ids behind it. */
function isProposalJudged(state: ConsensusState, held: RoundState | undefined): boolean {
  const first = held?.proposals[0];
  return first !== undefined && state.blocks.get(formatHex(first.proposal.blockId))?.validity !== "unknown";
}

/**
 * The sets to send: of the current round, of the round whose prevotes the current proposal needs (CO-6), and of rounds
 * that decided a block we never saw (CO-11).
 */
export function haveSets(state: ConsensusState): readonly HaveSet[] {
  const wanted = neededPolka(state);
  const decided = [...state.rounds.keys()].filter((round) => lacksDecidedBlock(state, round));
  const rounds = new Set([state.round, ...(wanted === undefined ? [] : [wanted.round]), ...decided]);
  return [...rounds].map((round) => haveSetOf(state, round));
}

/** True where two thirds precommitted a block whose proposal is not here. */
function lacksDecidedBlock(state: ConsensusState, round: number): boolean {
  const precommits = state.rounds.get(round)?.precommits;
  if (precommits === undefined) return false;
  return votedIds(precommits).some(
    (id) => !isZeroHash(id) && !state.blocks.has(formatHex(id)) && hasQuorumFor(precommits, state.validators, id),
  );
}

/** Messages the sender of `set` lacks and has not been given lately; the memory to keep for it. */
export function messagesLackedBy(
  state: ConsensusState,
  set: HaveSet,
  peer: PeerId,
  now: TimeMs,
): readonly [readonly ConsensusMessage[], AnswerMemory] {
  if (set.height !== state.height || set.prevotes.length !== state.validators.length) return [[], state.answers];
  const sent = new Map(state.answers.get(peer));
  for (const [key, at] of sent) {
    const isOver = key.startsWith("v") ? now - at >= HAVE_SET_INTERVAL_MS : !state.rounds.has(Number(key.slice(2)));
    if (isOver) sent.delete(key);
  }
  const fresh = candidates(state, set).filter((message) => {
    const key = messageKey(message);
    if (sent.has(key)) return false;
    sent.set(key, now);
    return true;
  });
  return [fresh, new Map(state.answers).set(peer, sent)];
}

/** Round and block of a proposal of the current round that waits for prevotes of an earlier one. */
export function neededPolka(
  state: ConsensusState,
): { readonly round: number; readonly blockId: Vote["blockId"] } | undefined {
  const first = state.rounds.get(state.round)?.proposals[0];
  if (first === undefined || first.verdict !== "acceptable" || first.proposal.validRound < 0) return undefined;
  const { validRound: round, blockId } = first.proposal;
  const prevotes = state.rounds.get(round)?.prevotes;
  const isHeld = prevotes !== undefined && hasQuorumFor(prevotes, state.validators, blockId);
  return isHeld ? undefined : { round, blockId };
}

function candidates(state: ConsensusState, set: HaveSet): readonly ConsensusMessage[] {
  const held = state.rounds.get(set.round);
  const messages: ConsensusMessage[] = [];
  const first = held?.proposals[0];
  // A block that was not found valid is not passed on; it would count as sent, and once is all a peer gets.
  const isValid =
    first?.verdict !== "refused" &&
    first !== undefined &&
    state.blocks.get(formatHex(first.proposal.blockId))?.validity === "valid";
  if (!set.isProposalKnown && isValid) {
    messages.push({ type: "proposal", proposal: first.proposal });
  }
  const push = (vote: Vote): number => messages.push({ type: "vote", vote });
  held?.prevotes.verified.forEach((votes, seat) => set.prevotes[seat] === true || votes.forEach(push));
  held?.precommits.verified.forEach((votes, seat) => set.precommits[seat] === true || votes.forEach(push));
  if (set.round < state.round) newestVotes(state, set.round).forEach(push);
  return messages;
}

/** Each seat's newest vote above a round: what shows a sender that the others have gone on (CO-12). */
function newestVotes(state: ConsensusState, above: number): readonly Vote[] {
  const newest = new Map<number, Vote>();
  for (const [round, held] of state.rounds) {
    if (round <= above) continue;
    for (const vote of [...held.prevotes.verified.flat(), ...held.precommits.verified.flat()]) {
      if (round >= (newest.get(vote.validator)?.round ?? 0)) newest.set(vote.validator, vote);
    }
  }
  return [...newest.values()];
}

function messageKey(message: ConsensusMessage): string {
  switch (message.type) {
    case "vote": {
      const { type, round, validator, blockId } = message.vote;
      return `v:${type}:${round}:${validator}:${formatHex(blockId)}`;
    }
    case "proposal":
      return `p:${message.proposal.round}`;
    case "have-set":
      return `h:${message.set.round}`;
    default:
      return message satisfies never;
  }
}
