import { u32, u64, u8 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import type { Hash } from "../values/hash.ts";
import type { Height } from "../values/height.ts";

export const VOTE_TYPE = { prevote: 1, precommit: 2 } as const;
export type VoteType = keyof typeof VOTE_TYPE;

/** One validator's prevote or precommit; block id 0^32 means nil (6.2). */
export interface Vote {
  readonly type: VoteType;
  readonly height: Height;
  readonly round: number;
  readonly blockId: Hash;
  /** Seat in the set of `height`. */
  readonly validator: number;
  /** BLS, 96 bytes. */
  readonly signature: Uint8Array;
}

/** The 32 bytes a vote signs. No timestamp: equal votes are equal messages and aggregate (6.2). */
export function voteMessage(chainId: number, type: 1 | 2, height: Height, round: number, blockId: Hash): Hash {
  return hash32("stg/vote", u32(chainId), u8(type), u64(height), u32(round), blockId);
}

/** The 32 bytes a proposal signs; `validRound` is −1 for a new block (6.2). */
export function proposalMessage(
  chainId: number,
  height: Height,
  round: number,
  validRound: number,
  blockId: Hash,
): Hash {
  return hash32("stg/proposal", u32(chainId), u64(height), u32(round), u32(validRound + 1), blockId);
}
