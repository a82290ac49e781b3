import { formatHex } from "../bytes/hex.ts";
import { isBlocking, totalPower } from "../chain/validator-set.ts";
import { PAST_ROUNDS_KEPT, QUORUM_ROUNDS_KEPT } from "../params/limits.ts";
import { isZeroHash, type Hash } from "../values/hash.ts";
import type { ConsensusState, KnownBlock, RoundState } from "./consensus-state.ts";
import { neededPolka } from "./have-set.ts";
import type { Turn } from "./turn.ts";
import { hasQuorumFor, votedIds, type VoteSet } from "./vote-set.ts";

/** Whether messages of a round are taken in: far rounds always, past ones while they can still matter. */
export function isRoundKept(state: ConsensusState, round: number): boolean {
  if (round > state.round - PAST_ROUNDS_KEPT || state.rounds.has(round)) return true;
  return neededPolka(state)?.round === round;
}

/**
 * The rounds kept on entering `current`. Of those further back only what the rules can still need: locks, and the newest
 * with a quorum for a block (CO-6, CO-11). A proposer keeps the round it stands on, and whoever has forgotten it asks.
 */
export function withoutStaleRounds(state: ConsensusState, current: number): ReadonlyMap<number, RoundState> {
  const oldest = current - PAST_ROUNDS_KEPT;
  const stale = [...state.rounds].filter(([round]) => round <= oldest);
  if (stale.length === 0) return state.rounds;
  const newest = (key: "prevotes" | "precommits"): readonly number[] =>
    stale
      .filter(([, held]) => quorumIds(state, held[key]).length > 0)
      .map(([round]) => round)
      .sort((left, right) => right - left)
      .slice(0, QUORUM_ROUNDS_KEPT);
  const kept = new Set([...newest("prevotes"), ...newest("precommits"), state.locked?.round, state.valid?.round]);
  return new Map([...state.rounds].filter(([round]) => round > oldest || kept.has(round)));
}

/**
 * The blocks kept beside these rounds: what this validator stands on, what was proposed in them, and what had a quorum.
 * Two are proposed in a round at most, so that a height of any number of rounds holds a bounded number of blocks.
 */
export function withoutStaleBlocks(state: ConsensusState): ReadonlyMap<string, KnownBlock> {
  const wanted = new Set<string>();
  for (const value of [state.locked, state.valid, state.decision]) {
    if (value !== undefined) wanted.add(formatHex(value.blockId));
  }
  for (const held of state.rounds.values()) {
    for (const { proposal } of held.proposals) wanted.add(formatHex(proposal.blockId));
    for (const set of [held.prevotes, held.precommits]) {
      for (const id of quorumIds(state, set)) wanted.add(formatHex(id));
    }
  }
  const kept = [...state.blocks].filter(([key]) => wanted.has(key));
  return kept.length === state.blocks.size ? state.blocks : new Map(kept);
}

/** Blocks for which two thirds voted. */
function quorumIds(state: ConsensusState, set: VoteSet): readonly Hash[] {
  return votedIds(set).filter((id) => !isZeroHash(id) && hasQuorumFor(set, state.validators, id));
}

/** Records that a seat was seen in a round; only verified messages come here. */
export function noteSeen(turn: Turn, seat: number, round: number): void {
  if (turn.state.seen[seat]! < round) turn.patch({ seen: turn.state.seen.with(seat, round) });
}

/** [CO-12] The largest round above the current one in which more than a third of the power was seen, or later. */
export function roundToJoin(state: ConsensusState): number | undefined {
  const total = totalPower(state.validators);
  const ahead = state.seen
    .map((round, seat) => ({ round, power: state.validators[seat]!.power }))
    .filter((item) => item.round > state.round)
    .sort((left, right) => right.round - left.round);
  let power = 0;
  for (const item of ahead) {
    power += item.power;
    if (isBlocking(power, total)) return item.round;
  }
  return undefined;
}
