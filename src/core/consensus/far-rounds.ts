import type { Vote } from "../chain/vote.ts";
import type { HeldProposal } from "./held-proposal.ts";

/** What one sender said in the newest round we know it to be in. */
export interface FarRound {
  readonly round: number;
  readonly prevote: Vote | undefined;
  readonly precommit: Vote | undefined;
  readonly proposal: HeldProposal | undefined;
}

/** [CO-12] Above round r + 1: one round a seat, so far rounds cannot fill the memory. Verified messages only. */
export type FarRounds = ReadonlyMap<number, FarRound>;

export function emptyFarRounds(): FarRounds {
  return new Map();
}

/** Keeps a verified vote unless its sender is already known to be in a newer round. */
export function holdFarVote(far: FarRounds, vote: Vote): FarRounds {
  const held = newestOf(far, vote.validator, vote.round);
  if (held === undefined || held[vote.type] !== undefined) return far;
  return new Map(far).set(vote.validator, { ...held, [vote.type]: vote });
}

/** The same for a verified proposal; its sender is the proposer of its round. */
export function holdFarProposal(far: FarRounds, seat: number, proposal: HeldProposal): FarRounds {
  const held = newestOf(far, seat, proposal.proposal.round);
  if (held?.proposal !== undefined || held === undefined) return far;
  return new Map(far).set(seat, { ...held, proposal });
}

/** True if the very vote is held, so that a repetition costs no second verification. */
export function holdsFarVote(far: FarRounds, vote: Vote): boolean {
  const held = far.get(vote.validator);
  return (
    held !== undefined && (held.round > vote.round || (held.round === vote.round && held[vote.type] !== undefined))
  );
}

/** Splits off what belongs to rounds up to `round`, which are kept in full from now on. */
export function takeReached(far: FarRounds, round: number): readonly [FarRounds, readonly FarRound[]] {
  const reached = [...far].filter(([, held]) => held.round <= round);
  if (reached.length === 0) return [far, []];
  return [new Map([...far].filter(([, held]) => held.round > round)), reached.map(([, held]) => held)];
}

function newestOf(far: FarRounds, seat: number, round: number): FarRound | undefined {
  const held = far.get(seat);
  if (held !== undefined && held.round > round) return undefined;
  if (held !== undefined && held.round === round) return held;
  return { round, prevote: undefined, precommit: undefined, proposal: undefined };
}
