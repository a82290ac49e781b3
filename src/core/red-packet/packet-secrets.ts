import { equalBytes } from "../bytes/compare-bytes.ts";
import { xorBytes } from "../bytes/concat-bytes.ts";
import { Reader } from "../bytes/reader.ts";
import { u16, u64 } from "../bytes/writer.ts";
import { paddedShareCount, type PacketShare } from "../chain/packet-output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { commit } from "../crypto/commitment.ts";
import { encodePoint } from "../crypto/point.ts";
import { packetRangeContext } from "../crypto/range-proof.ts";
import type { RangeWitness } from "../crypto/range-proof-prover.ts";
import { scalarOf, type Scalar } from "../crypto/scalar.ts";
import { schnorrPublicKey } from "../crypto/schnorr.ts";
import { hashToScalar, taggedHash } from "../crypto/tagged-hash.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import { LINK_SECRET_SIZE } from "../values/packet-link.ts";

/** The formulas of 9.2, one function each: what creator and holders of the link compute. */

/** Blinding factor of the commitments that fill an aggregate up: they are 1·G (9.2). */
const PADDING_BLINDING = scalarOf(1n);

/** L. It hangs on s_vb and D alone, so the seed restores it, and one D has one packet (OU-12). */
export function deriveLinkSecret(viewAllSecret: Uint8Array, ephemeralKey: Uint8Array): Uint8Array {
  return taggedHash("stg/rp/L", viewAllSecret, ephemeralKey).slice(0, LINK_SECRET_SIZE);
}

/** q out of L, or out of L' where a password guards the packet (RP-4). */
export function derivePacketSecret(curve: CurveBackend, linkSecret: Uint8Array): Scalar {
  return hashToScalar(curve, "stg/rp/q", linkSecret);
}

/** Q = q·G. */
export function derivePacketKey(curve: CurveBackend, linkSecret: Uint8Array): Uint8Array {
  return schnorrPublicKey(curve, derivePacketSecret(curve, linkSecret));
}

/** z_i. */
export function deriveShareBlinding(curve: CurveBackend, linkSecret: Uint8Array, slot: number): Scalar {
  return hashToScalar(curve, "stg/rp/z", linkSecret, u16(slot));
}

/** a_enc_i, and back: the mask is its own inverse. */
export function maskShareAmount(linkSecret: Uint8Array, slot: number, bytes: Uint8Array): Uint8Array {
  return xorBytes(bytes, taggedHash("stg/rp/a", linkSecret, u16(slot)).slice(0, 8));
}

/** The shares of a packet from their amounts, which are split and shuffled already (RP-3). */
export function buildShares(
  curve: CurveBackend,
  linkSecret: Uint8Array,
  amounts: readonly Amount[],
): readonly PacketShare[] {
  return amounts.map((micro, slot) => ({
    commitment: encodePoint(curve, commit(curve, deriveShareBlinding(curve, linkSecret, slot), micro)),
    amountEnc: maskShareAmount(linkSecret, slot, u64(micro)),
  }));
}

/** a_i as the packet states it, not yet compared with C_i; undefined if it is no amount. */
export function readShareAmount(linkSecret: Uint8Array, slot: number, amountEnc: Uint8Array): Amount | undefined {
  const micro = new Reader(maskShareAmount(linkSecret, slot, amountEnc)).u64();
  return isAmount(micro) ? amount(micro) : undefined;
}

/** A share that opens: C_i = z_i·G + a_i·H. */
export interface OpenedShare {
  readonly amount: Amount;
  readonly blinding: Scalar;
}

/** a_i and z_i of a share, or undefined if its creator lied about the amount. */
export function openShare(
  curve: CurveBackend,
  linkSecret: Uint8Array,
  slot: number,
  share: PacketShare,
): OpenedShare | undefined {
  const micro = readShareAmount(linkSecret, slot, share.amountEnc);
  if (micro === undefined) return undefined;
  const blinding = deriveShareBlinding(curve, linkSecret, slot);
  const expected = encodePoint(curve, commit(curve, blinding, micro));
  return equalBytes(expected, share.commitment) ? { amount: micro, blinding } : undefined;
}

/** The keys a packet's aggregate proof is bound to (RG-3). */
export interface PacketKeys {
  readonly packetKey: Uint8Array;
  readonly refundKey: Uint8Array;
  readonly ephemeralKey: Uint8Array;
}

/** What the creator proves: his shares, filled up with commitments to zero (9.2). */
export function packetRangeWitness(
  curve: CurveBackend,
  chainId: number,
  keys: PacketKeys,
  linkSecret: Uint8Array,
  amounts: readonly Amount[],
): RangeWitness {
  const padding = Array.from({ length: paddedShareCount(amounts.length) - amounts.length });
  return {
    chainId,
    context: packetRangeContext(keys.packetKey, keys.refundKey, keys.ephemeralKey),
    values: [...amounts, ...padding.map(() => 0n)],
    blindings: [
      ...amounts.map((_, slot) => deriveShareBlinding(curve, linkSecret, slot)),
      ...padding.map(() => PADDING_BLINDING),
    ],
  };
}
