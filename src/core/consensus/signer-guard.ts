import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Hash } from "../values/hash.ts";
import type { Height } from "../values/height.ts";

/** What a validator can sign in one place. */
export type SignedType = "proposal" | "prevote" | "precommit";

/** Everything signed at one height: (r, type) → message. Lower heights are over and refused whole (CO-14). */
export interface SignerGuard {
  readonly height: Height;
  readonly signed: ReadonlyMap<string, Hash>;
}

export interface SignedPlace {
  readonly height: Height;
  readonly round: number;
  readonly type: SignedType;
}

export function emptySignerGuard(height: Height): SignerGuard {
  return { height, signed: new Map() };
}

/**
 * [CO-14] Records that `message` is signed for a place. Undefined refuses: another message was signed there, or the
 * height is not the guard's. The same message again is allowed, because a restart sends it again.
 */
export function guardSigning(guard: SignerGuard, place: SignedPlace, message: Hash): SignerGuard | undefined {
  if (place.height !== guard.height) return undefined;
  const key = `${place.type}:${place.round}`;
  const known = guard.signed.get(key);
  if (known !== undefined) return equalBytes(known, message) ? guard : undefined;
  return { height: guard.height, signed: new Map(guard.signed).set(key, message) };
}
