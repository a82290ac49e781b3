import type { Claim } from "../chain/claim.ts";
import { unpaidSlots } from "../chain/packet-coins.ts";
import type { FoundPacket } from "../state/live-packets.ts";
import type { LeafIndex } from "../values/height.ts";
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
  const held = lookAt(claims);
  if ((held.byPacket.get(claim.packetLeaf) ?? 0) >= left + PACKET_CLAIMS_SPARE) return undefined;
  if (claims.size < POOL_CLAIMS_MAX) return [];
  const { least } = held;
  return least !== undefined && least.claimFee < claimFee ? [least] : undefined;
}

/** What is asked of the held claims for each one more. */
interface HeldClaims {
  readonly byPacket: ReadonlyMap<LeafIndex, number>;
  /** Who goes first. */
  readonly least: MempoolEntry | undefined;
}

/** Looked at once for each version of a pool: claims cost nothing, and thousands a second may be wrong. */
const looks = new WeakMap<Mempool["claims"], HeldClaims>();

function lookAt(claims: Mempool["claims"]): HeldClaims {
  const known = looks.get(claims) ?? count(claims);
  looks.set(claims, known);
  return known;
}

function count(claims: Mempool["claims"]): HeldClaims {
  const byPacket = new Map<LeafIndex, number>();
  let least: MempoolEntry | undefined;
  for (const { entry, claim } of claims.values()) {
    byPacket.set(claim.packetLeaf, (byPacket.get(claim.packetLeaf) ?? 0) + 1);
    if (least === undefined || compareFees(entry, least) < 0) least = entry;
  }
  return { byPacket, least };
}

function compareFees(left: MempoolEntry, right: MempoolEntry): number {
  if (left.claimFee !== right.claimFee) return left.claimFee < right.claimFee ? -1 : 1;
  return right.arrival - left.arrival;
}
