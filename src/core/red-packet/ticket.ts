import { u16 } from "../bytes/writer.ts";
import { TICKET_PATH_SIZE_MAX, type Ticket } from "../chain/claim.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { merkleRoot } from "../crypto/merkle.ts";
import { addOffset } from "../crypto/output-keys.ts";
import { decodePoint, encodePoint } from "../crypto/point.ts";
import type { Scalar } from "../crypto/scalar.ts";
import { hashToScalar } from "../crypto/tagged-hash.ts";
import type { Hash } from "../values/hash.ts";

/** Tickets of one packet: as many as a path of 6 reaches (RP-5). */
const TICKETS_MAX = 2 ** TICKET_PATH_SIZE_MAX;

/** Hs("stg/rp/tk", L, i): without L nobody can tell whose ticket a claim shows, though claim keys are known in the group. */
function ticketOffset(curve: CurveBackend, linkSecret: Uint8Array, rank: number): Scalar {
  return hashToScalar(curve, "stg/rp/tk", linkSecret, u16(rank));
}

/**
 * T_i of every member (9.3), from the claim keys that they have published in the group, in the order of their ranks.
 * undefined where one of these is no point: what members publish is theirs to choose.
 */
export function ticketKeys(
  curve: CurveBackend,
  linkSecret: Uint8Array,
  claimKeys: readonly Uint8Array[],
): readonly Uint8Array[] | undefined {
  const keys: Uint8Array[] = [];
  for (const [rank, claimKey] of claimKeys.entries()) {
    const point = decodePoint(curve, claimKey);
    if (point === undefined) return undefined;
    keys.push(encodePoint(curve, addOffset(curve, point, ticketOffset(curve, linkSecret, rank))));
  }
  return keys;
}

/** t_i: signs for T_i. `claimSecret` is κ_i, of the claim key that this member has published. */
export function ticketSecret(curve: CurveBackend, linkSecret: Uint8Array, claimSecret: Scalar, rank: number): Scalar {
  return curve.scalars.add(claimSecret, ticketOffset(curve, linkSecret, rank));
}

/** ticket_root of the packet: RFC 6962 over all T_i. */
export function ticketRoot(keys: readonly Uint8Array[]): Hash {
  if (keys.length === 0 || keys.length > TICKETS_MAX) throw new RangeError(`${keys.length} tickets`);
  return merkleRoot(keys);
}

/** The ticket of one rank with its path to {@link ticketRoot} (9.3). */
export function ticketOf(keys: readonly Uint8Array[], rank: number): Ticket {
  const ticketKey = keys[rank];
  if (ticketKey === undefined || keys.length > TICKETS_MAX) throw new RangeError(`ticket ${rank} of ${keys.length}`);
  // From the root down: each step leaves the half without our ticket behind, as a sibling.
  let [from, to] = [0, keys.length];
  const steps: { readonly sibling: Hash; readonly isLeft: boolean }[] = [];
  while (to - from > 1) {
    // RFC 6962 splits at the largest power of two below the size.
    const middle = from + 2 ** (Math.ceil(Math.log2(to - from)) - 1);
    const isLeft = rank >= middle;
    steps.push({ sibling: merkleRoot(isLeft ? keys.slice(from, middle) : keys.slice(middle, to)), isLeft });
    if (isLeft) from = middle;
    else to = middle;
  }
  steps.reverse();
  const index = steps.reduce((bits, { isLeft }, level) => bits + (isLeft ? 2 ** level : 0), 0);
  return { index, ticketKey, path: steps.map(({ sibling }) => sibling) };
}
