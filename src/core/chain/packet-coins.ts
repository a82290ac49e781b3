import { equalBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { Reader } from "../bytes/reader.ts";
import { u64 } from "../bytes/writer.ts";
import type { CurveBackend, Point } from "../crypto/backend/curve-backend.ts";
import { commitPublic } from "../crypto/commitment.ts";
import { encodePoint } from "../crypto/point.ts";
import { scalarOf } from "../crypto/scalar.ts";
import type { LeafIndex } from "../values/height.ts";
import type { UnsignedClaim } from "./claim.ts";
import type { DrawnCore } from "./output.ts";
import type { PacketCore } from "./packet-output.ts";

/** Slot of the refund (2.1). */
export const REFUND_SLOT = 255;

const ONE = scalarOf(1n);
const HALF = 0xffff_ffffn;

/** The slots whose bit in the paid bitmap is not set, ascending; undefined if a bit past the last share is set. */
export function unpaidSlots(packet: PacketCore, paidBitmap: bigint): readonly number[] | undefined {
  const { length } = packet.shares;
  if (paidBitmap >> BigInt(length) !== 0n) return undefined;
  // In halves: every claim that comes in asks, and a shift of a bigint is a number made for each slot.
  const [low, high] = [Number(paidBitmap & HALF), Number(paidBitmap >> 32n)];
  const unpaid: number[] = [];
  for (let slot = 0; slot < length; slot++) {
    if ((((slot < 32 ? low : high) >>> (slot & 31)) & 1) === 0) unpaid.push(slot);
  }
  return unpaid;
}

/**
 * C of a packet in balances: Σ unpaid C_i + unpaid·f_claim·H (table of 2.1). With nothing paid it is what the
 * transaction that makes the packet must cover (RP-2). The shares must have passed RP-1.
 */
export function packetCommitment(curve: CurveBackend, packet: PacketCore, paidBitmap: bigint): Point {
  const slots = unpaidSlots(packet, paidBitmap);
  if (slots === undefined) throw new RangeError(`paid slots past ${packet.shares.length}`);
  const points = curve.ristrettoDecode(concatBytes(...slots.map((slot) => packet.shares[slot]!.commitment)));
  if (points === undefined) throw new RangeError("packet with a commitment that is no point");
  const fees = commitPublic(curve, packet.claimFee * BigInt(slots.length));
  const terms = [...points, fees];
  return curve.msm(
    terms,
    terms.map(() => ONE),
  );
}

/** The coin a claim gets for its slot (RP-6): keys and tags of the claim, amount and commitment of the share. */
export function drawnCoin(packet: PacketCore, packetLeaf: LeafIndex, claim: UnsignedClaim, slot: number): DrawnCore {
  const share = packet.shares[slot];
  if (share === undefined) throw new RangeError(`slot ${slot} of ${packet.shares.length}`);
  return {
    type: "drawn",
    oneTimeKey: claim.oneTimeKey,
    commitment: share.commitment,
    ephemeralKey: claim.ephemeralKey,
    amountEnc: share.amountEnc,
    anchorEnc: claim.anchorEnc,
    viewTag: claim.viewTag,
    payloadTag: claim.payloadTag,
    packetLeaf,
    slot,
  };
}

/** What goes back to the creator (RP-7). The bitmap is in clear: it says which shares are in the sum. */
export function refundCoin(
  curve: CurveBackend,
  packet: PacketCore,
  packetLeaf: LeafIndex,
  paidBitmap: bigint,
): DrawnCore {
  return {
    type: "drawn",
    oneTimeKey: packet.refundKey,
    commitment: encodePoint(curve, packetCommitment(curve, packet, paidBitmap)),
    ephemeralKey: packet.ephemeralKey,
    amountEnc: u64(paidBitmap),
    anchorEnc: new Uint8Array(16),
    viewTag: packet.viewTag,
    payloadTag: new Uint8Array(16),
    packetLeaf,
    slot: REFUND_SLOT,
  };
}

/**
 * Is this what the packet gives for the coin's slot (BL-12)? The range of the coin is covered by the packet's proof then,
 * and by nothing else.
 */
export function isDrawnFrom(
  curve: CurveBackend,
  packet: PacketCore,
  { slot, commitment, amountEnc }: DrawnCore,
): boolean {
  if (slot !== REFUND_SLOT) {
    const share = packet.shares[slot];
    return share !== undefined && equalBytes(share.commitment, commitment);
  }
  const paidBitmap = new Reader(amountEnc).u64();
  if (unpaidSlots(packet, paidBitmap) === undefined) return false;
  return equalBytes(encodePoint(curve, packetCommitment(curve, packet, paidBitmap)), commitment);
}
