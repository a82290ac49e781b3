import { isBlocking, totalPower } from "../chain/validator-set.ts";
import { isZeroHash } from "../values/hash.ts";
import type { ConsensusState, RoundState } from "./consensus-state.ts";
import { neededPolka } from "./have-set.ts";
import type { Turn } from "./turn.ts";
import { hasQuorumFor, votedIds, type VoteSet } from "./vote-set.ts";

/** Past rounds whose votes are kept even where no block came close in them. */
const PAST_ROUNDS_KEPT = 32;

/** Whether messages of a round are taken in: far rounds always, past ones while they can still matter. */
export function isRoundKept(state: ConsensusState, round: number): boolean {
  if (round > state.round - PAST_ROUNDS_KEPT || state.rounds.has(round)) return true;
  return neededPolka(state)?.round === round;
}

/** Rounds that may be forgotten on entering `current`: old, and without a quorum for a block (CO-6, CO-11 need those). */
export function withoutStaleRounds(state: ConsensusState, current: number): ReadonlyMap<number, RoundState> {
  const oldest = current - PAST_ROUNDS_KEPT;
  const hasBlock = (set: VoteSet): boolean =>
    votedIds(set).some((id) => !isZeroHash(id) && hasQuorumFor(set, state.validators, id));
  const kept = [...state.rounds].filter(
    ([round, held]) => round > oldest || hasBlock(held.prevotes) || hasBlock(held.precommits),
  );
  return kept.length === state.rounds.size ? state.rounds : new Map(kept);
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
