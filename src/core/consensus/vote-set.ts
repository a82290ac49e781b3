import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { isQuorum, totalPower, type ValidatorSet } from "../chain/validator-set.ts";
import { VOTE_TYPE, voteMessage, type Vote } from "../chain/vote.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { Hash } from "../values/hash.ts";

/** Different votes of one seat, round and type that are kept whatever they name: what evidence needs. */
const VOTES_PER_SEAT_MAX = 2;

/** What verifying votes needs. */
export interface VoteContext {
  readonly bls: BlsBackend;
  readonly chainId: number;
  readonly validators: ValidatorSet;
}

interface PendingVote {
  readonly vote: Vote;
  readonly from: PeerId;
}

/**
 * The votes of one round and type. A vote counts only once its signature verified; before that it is pending, so that
 * equal messages are checked together when they could matter (CO-17).
 */
export interface VoteSet {
  /** Verified votes by seat; more than one only of an equivocator, whose every vote counts for its own block. */
  readonly verified: readonly (readonly Vote[])[];
  /** At most one a seat. */
  readonly pending: readonly PendingVote[];
}

export interface VoteSetChange {
  readonly set: VoteSet;
  /** Who sent votes that did not verify. */
  readonly blamed: readonly PeerId[];
  /** Two different verified votes of one seat (ST-4). */
  readonly conflicts: readonly (readonly [Vote, Vote])[];
}

export function emptyVoteSet(seats: number): VoteSet {
  return { verified: Array.from({ length: seats }, () => []), pending: [] };
}

/** Power of the seats whose verified votes include this block id. */
export function powerFor(set: VoteSet, validators: ValidatorSet, blockId: Hash): number {
  return set.verified.reduce(
    (sum, votes, seat) => sum + (votes.some((vote) => equalBytes(vote.blockId, blockId)) ? validators[seat]!.power : 0),
    0,
  );
}

/** Power of the seats with any verified vote. */
export function powerAny(set: VoteSet, validators: ValidatorSet): number {
  return set.verified.reduce((sum, votes, seat) => sum + (votes.length > 0 ? validators[seat]!.power : 0), 0);
}

export function hasQuorumFor(set: VoteSet, validators: ValidatorSet, blockId: Hash): boolean {
  return isQuorum(powerFor(set, validators, blockId), totalPower(validators));
}

export function hasQuorumAny(set: VoteSet, validators: ValidatorSet): boolean {
  return isQuorum(powerAny(set, validators), totalPower(validators));
}

/** The different block ids with verified votes, nil included. */
export function votedIds(set: VoteSet): readonly Hash[] {
  return [...new Map(set.verified.flat().map((vote) => [formatHex(vote.blockId), vote.blockId])).values()];
}

/** One flag per seat: a verified vote, for `blockId` if given. */
export function seatsHeld(set: VoteSet, blockId?: Hash): readonly boolean[] {
  return set.verified.map((votes) => votes.some((vote) => blockId === undefined || equalBytes(vote.blockId, blockId)));
}

/**
 * Takes in a vote whose seat exists. It waits unverified until a quorum could hang on it; a seat with two different
 * ones, or `eager`, is settled at once. `isWanted` names the blocks for which even an equivocator's further votes are kept.
 */
export function addVote(
  context: VoteContext,
  set: VoteSet,
  vote: Vote,
  from: PeerId,
  eager: boolean,
  isWanted: (blockId: Hash) => boolean,
): VoteSetChange {
  const known = set.verified[vote.validator]!;
  if (known.some((other) => equalBytes(other.blockId, vote.blockId))) return unchanged(set);
  const waiting = set.pending.find((other) => other.vote.validator === vote.validator);
  if (waiting !== undefined && equalBytes(waiting.vote.signature, vote.signature)) return unchanged(set);
  const next: VoteSet = { verified: set.verified, pending: [...set.pending, { vote, from }] };
  if (!eager && waiting === undefined && known.length === 0) return settleDue(context, next, isWanted);
  const change = settle(context, next, isWanted, (other) => other.validator === vote.validator);
  // It may be what others waited for: they are sent again and again, and would be taken for known.
  const more = settleDue(context, change.set, isWanted);
  return {
    set: more.set,
    blamed: [...change.blamed, ...more.blamed],
    conflicts: [...change.conflicts, ...more.conflicts],
  };
}

/** Verifies the pending votes that could complete a quorum now. */
export function settleDue(context: VoteContext, set: VoteSet, isWanted: (blockId: Hash) => boolean): VoteSetChange {
  const due = dueVotes(set, context.validators);
  return due === undefined ? unchanged(set) : settle(context, set, isWanted, due);
}

/** Puts in a vote of our own, or one verified elsewhere. */
export function addVerifiedVote(set: VoteSet, vote: Vote, isWanted: (blockId: Hash) => boolean): VoteSetChange {
  const known = set.verified[vote.validator]!;
  if (known.some((other) => equalBytes(other.blockId, vote.blockId))) return unchanged(set);
  const conflicts = known.length > 0 ? [[known[0]!, vote] as const] : [];
  if (known.length >= VOTES_PER_SEAT_MAX && !isWanted(vote.blockId)) return { set, blamed: [], conflicts };
  const verified = set.verified.with(vote.validator, [...known, vote]);
  return { set: { verified, pending: set.pending }, blamed: [], conflicts };
}

/** Verifies the pending votes that `isDue` picks. */
export function settle(
  context: VoteContext,
  set: VoteSet,
  isWanted: (blockId: Hash) => boolean,
  isDue: (vote: Vote) => boolean,
): VoteSetChange {
  const due = set.pending.filter((item) => isDue(item.vote));
  const groups = new Map<string, PendingVote[]>();
  for (const item of due) {
    const key = formatHex(item.vote.blockId);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  let next: VoteSet = { verified: set.verified, pending: set.pending.filter((item) => !due.includes(item)) };
  const conflicts: (readonly [Vote, Vote])[] = [];
  const good = new Set<PendingVote>();
  for (const group of groups.values()) {
    for (const item of verifyEqual(context, group)) {
      good.add(item);
      const change = addVerifiedVote(next, item.vote, isWanted);
      next = change.set;
      conflicts.push(...change.conflicts);
    }
  }
  return { set: next, blamed: due.filter((item) => !good.has(item)).map((item) => item.from), conflicts };
}

/** [CO-17] Votes of one message: one pairing check for all of them, halves on failure. Returns those that verify. */
function verifyEqual(context: VoteContext, group: readonly PendingVote[]): readonly PendingVote[] {
  const [first] = group;
  if (first === undefined) return [];
  const { type, height, round, blockId } = first.vote;
  const message = voteMessage(context.chainId, VOTE_TYPE[type], height, round, blockId);
  const keyOf = (item: PendingVote): Uint8Array => context.validators[item.vote.validator]!.blsKey;
  if (group.length === 1) return context.bls.verify(keyOf(first), message, first.vote.signature) ? group : [];
  const isDistinct = new Set(group.map((item) => item.vote.validator)).size === group.length;
  const sum = isDistinct ? context.bls.aggregate(group.map((item) => item.vote.signature)) : undefined;
  if (sum !== undefined && context.bls.verifyAggregate(group.map(keyOf), message, sum)) return group;
  const half = group.length >> 1;
  return [...verifyEqual(context, group.slice(0, half)), ...verifyEqual(context, group.slice(half))];
}

/** Which pending votes could complete a quorum, for one block or for any; undefined while none could. */
function dueVotes(set: VoteSet, validators: ValidatorSet): ((vote: Vote) => boolean) | undefined {
  const total = totalPower(validators);
  const fresh = set.pending.filter((item) => set.verified[item.vote.validator]!.length === 0);
  const any = powerAny(set, validators);
  const anyPending = fresh.reduce((sum, item) => sum + validators[item.vote.validator]!.power, 0);
  if (!isQuorum(any, total) && isQuorum(any + anyPending, total)) return () => true;
  const ids = set.pending.map((item) => item.vote.blockId);
  const due = ids.filter((blockId) => {
    const held = powerFor(set, validators, blockId);
    const waiting = set.pending.reduce(
      (sum, item) => sum + (equalBytes(item.vote.blockId, blockId) ? validators[item.vote.validator]!.power : 0),
      0,
    );
    return !isQuorum(held, total) && isQuorum(held + waiting, total);
  });
  return due.length === 0 ? undefined : (vote) => due.some((blockId) => equalBytes(blockId, vote.blockId));
}

function unchanged(set: VoteSet): VoteSetChange {
  return { set, blamed: [], conflicts: [] };
}
