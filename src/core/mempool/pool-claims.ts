import type { Claim } from "../chain/claim.ts";
import { unpaidSlots } from "../chain/packet-coins.ts";
import type { FoundPacket } from "../state/live-packets.ts";
import type { Mempool, MempoolEntry } from "./mempool.ts";

/** Claims one pool holds (RP-12). */
export const POOL_CLAIMS_MAX = 512;
/** Take-backs one pool holds (RP-12): they pay nothing, and as many are in four blocks at most. */
export const POOL_TAKE_BACKS_MAX = 256;
/** Claims of one packet beyond the shares that are left of it (RP-12): some of those before them may not be valid in time. */
export const PACKET_CLAIMS_SPARE = 16;

/**
 * RP-12: which held claims go for one more, on this packet, that pays `claimFee`; undefined if it finds no room. Of all claims the one of
 * the lowest f_claim goes, of these the one that came last; only for one that pays more.
 */
export function claimEvictionsFor(
  { claims }: Pick<Mempool, "claims">,
  packet: FoundPacket | undefined,
  claim: Claim,
  claimFee: bigint,
): readonly MempoolEntry[] | undefined {
  if (packet === undefined) return undefined;
  const left = unpaidSlots(packet.core, packet.state.paidBitmap)!.length - packet.state.pending.length;
  const held = [...claims.values()];
  const ofPacket = held.filter((each) => each.claim.packetLeaf === claim.packetLeaf).length;
  if (ofPacket >= left + PACKET_CLAIMS_SPARE) return undefined;
  if (held.length < POOL_CLAIMS_MAX) return [];
  const [least] = held.sort((left, right) => compareFees(left.entry, right.entry));
  return least!.entry.claimFee < claimFee ? [least!.entry] : undefined;
}

function compareFees(left: MempoolEntry, right: MempoolEntry): number {
  if (left.claimFee !== right.claimFee) return left.claimFee < right.claimFee ? -1 : 1;
  return right.arrival - left.arrival;
}
