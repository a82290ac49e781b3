import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Hash } from "../values/hash.ts";
import type { Height } from "../values/height.ts";

/** What a validator can sign in one place. */
export type SignedType = "proposal" | "prevote" | "precommit";

/** Everything signed at one height: r → type → message. Lower heights and rounds are over and refused whole (CO-14). */
export interface SignerGuard {
  readonly height: Height;
  /** The lowest round in which anything is signed any more. */
  readonly round: number;
  readonly signed: ReadonlyMap<number, Readonly<Partial<Record<SignedType, Hash>>>>;
}

export interface SignedPlace {
  readonly height: Height;
  readonly round: number;
  readonly type: SignedType;
}

export function emptySignerGuard(height: Height): SignerGuard {
  return { height, round: 0, signed: new Map() };
}

/** The rounds below are over: what was signed there is forgotten, and nothing is signed there again. */
export function enterRound(guard: SignerGuard, round: number): SignerGuard {
  if (round <= guard.round) return guard;
  return { ...guard, round, signed: new Map([...guard.signed].filter(([each]) => each >= round)) };
}

/**
 * [CO-14] Records that `message` is signed for a place. Undefined refuses: another message was signed there, the round
 * is over, or the height is not the guard's. The same message again is allowed, because a restart sends it again.
 */
export function guardSigning(guard: SignerGuard, place: SignedPlace, message: Hash): SignerGuard | undefined {
  const { height, round, type } = place;
  if (height !== guard.height || round < guard.round) return undefined;
  const held = guard.signed.get(round);
  const known = held?.[type];
  if (known !== undefined) return equalBytes(known, message) ? guard : undefined;
  return { ...guard, signed: new Map(guard.signed).set(round, { ...held, [type]: message }) };
}
