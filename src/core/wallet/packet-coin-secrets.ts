import { equalBytes } from "../bytes/compare-bytes.ts";
import { Reader } from "../bytes/reader.ts";
import type { UnsignedClaim } from "../chain/claim.ts";
import type { DrawnCore } from "../chain/output.ts";
import { REFUND_SLOT, unpaidSlots } from "../chain/packet-coins.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { commit } from "../crypto/commitment.ts";
import {
  deriveContext,
  deriveKeyOffset,
  deriveOneTimeKey,
  deriveTags,
  maskAnchor,
  viewTagOf,
} from "../crypto/output-keys.ts";
import { encodePoint } from "../crypto/point.ts";
import { ZERO_SCALAR, type Scalar } from "../crypto/scalar.ts";
import {
  deriveLinkSecret,
  derivePacketKey,
  deriveShareBlinding,
  openShare,
  readShareAmount,
  type OpenedShare,
} from "../red-packet/packet-secrets.ts";
import type { AddressKeys } from "../values/address.ts";
import { amount, isAmount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import { findOwner, type OpenedCoin } from "./output-secrets.ts";
import type { SubaddressTable } from "./subaddress-table.ts";

/** Own keys of a packet: P_refund of its creator, or P of a claim; k_o is bound to Q (OU-11). */
export interface PacketOutputKeys {
  readonly oneTimeKey: Uint8Array;
  readonly viewTag: Uint8Array;
  /** k_o. */
  readonly keyOffset: Scalar;
  /** Kctx. */
  readonly context: Hash;
}

/** P_refund and vtag of a packet, the n-th own output of its D (9.2, OU-11). `to` is one of our addresses. */
export function deriveRefundKeys(
  curve: CurveBackend,
  viewAllSecret: Uint8Array,
  ephemeralKey: Uint8Array,
  to: AddressKeys,
  packetKey: Uint8Array,
  n: number,
): PacketOutputKeys {
  const context = deriveContext(viewAllSecret, ephemeralKey, n);
  const keyOffset = deriveKeyOffset(curve, context, packetKey);
  return {
    oneTimeKey: deriveOneTimeKey(curve, to.spendKey, keyOffset),
    viewTag: viewTagOf(deriveTags(viewAllSecret, ephemeralKey), n),
    keyOffset,
    context,
  };
}

/** A claim has a D of its own, so its coin is the first under it (9.3). */
const CLAIM_COUNTER = 0;

/** Keys of a claim with L for its own later self (9.3). */
export interface ClaimKeys extends PacketOutputKeys {
  readonly anchorEnc: Uint8Array;
}

/** P, vtag and anchor_enc of a claim: an own output with n = 0 under its own D (9.3). */
export function deriveClaimKeys(
  curve: CurveBackend,
  viewAllSecret: Uint8Array,
  ephemeralKey: Uint8Array,
  to: AddressKeys,
  packetKey: Uint8Array,
  linkSecret: Uint8Array,
): ClaimKeys {
  const keys = deriveRefundKeys(curve, viewAllSecret, ephemeralKey, to, packetKey, CLAIM_COUNTER);
  return { ...keys, anchorEnc: maskAnchor(keys.context, linkSecret) };
}

/** Whether a claim will bring its share, and L, back to us, whatever slot it gets (9.3). */
export function isOwnClaim(
  curve: CurveBackend,
  addresses: SubaddressTable,
  viewAllSecret: Uint8Array,
  packetKey: Uint8Array,
  linkSecret: Uint8Array,
  claim: UnsignedClaim,
): boolean {
  const { ephemeralKey, oneTimeKey, viewTag, anchorEnc } = claim;
  const context = deriveContext(viewAllSecret, ephemeralKey, CLAIM_COUNTER);
  return (
    equalBytes(viewTag, viewTagOf(deriveTags(viewAllSecret, ephemeralKey), CLAIM_COUNTER)) &&
    equalBytes(maskAnchor(context, anchorEnc), linkSecret) &&
    findOwner(curve, addresses, oneTimeKey, deriveKeyOffset(curve, context, packetKey)) !== undefined
  );
}

/** A share that was drawn for us, before anybody has looked whether its key is ours too. */
export interface ReadDrawnCoin extends OpenedShare {
  /** L: the coin itself brings it back. */
  readonly linkSecret: Uint8Array;
}

/** Whether a drawn coin was made with our view-all secret: then its anchor holds L, and L opens its commitment (9.3). */
export function readDrawnCoin(
  curve: CurveBackend,
  viewAllSecret: Uint8Array,
  coin: DrawnCore,
): ReadDrawnCoin | undefined {
  const context = deriveContext(viewAllSecret, coin.ephemeralKey, CLAIM_COUNTER);
  const linkSecret = maskAnchor(context, coin.anchorEnc);
  const opened = openShare(curve, linkSecret, coin.slot, coin);
  return opened && { ...opened, linkSecret };
}

/**
 * A drawn coin of ours. `packetKey` is Q out of the core of its packet. Without one only a packet that no password guards
 * is tried, whose Q follows from L: P must be ours under it all the same. undefined for whatever is not ours, with no word
 * about why (OU-10).
 */
export function openDrawnCoin(
  curve: CurveBackend,
  addresses: SubaddressTable,
  viewAllSecret: Uint8Array,
  packetKey: Uint8Array | undefined,
  coin: DrawnCore,
): (OpenedCoin & Pick<ReadDrawnCoin, "linkSecret">) | undefined {
  const read = readDrawnCoin(curve, viewAllSecret, coin);
  if (read === undefined) return undefined;
  const context = deriveContext(viewAllSecret, coin.ephemeralKey, CLAIM_COUNTER);
  const key = packetKey ?? derivePacketKey(curve, read.linkSecret);
  const { amount: micro, blinding, linkSecret } = read;
  const opened = ownCoin(curve, addresses, key, coin, context, { n: CLAIM_COUNTER, amount: micro, blinding });
  return opened && { ...opened, linkSecret };
}

/** a and z of a refund (RP-7): Σ unpaid a_i + unpaid·f_claim and Σ unpaid z_i; undefined if the bitmap or an amount cannot be. */
export function deriveRefundOpening(
  curve: CurveBackend,
  linkSecret: Uint8Array,
  packet: PacketCore,
  paidBitmap: bigint,
): OpenedShare | undefined {
  const slots = unpaidSlots(packet, paidBitmap);
  if (slots === undefined) return undefined;
  let total = packet.claimFee * BigInt(slots.length);
  let blinding = ZERO_SCALAR;
  for (const slot of slots) {
    const micro = readShareAmount(linkSecret, slot, packet.shares[slot]!.amountEnc);
    if (micro === undefined) return undefined;
    total += micro;
    blinding = curve.scalars.add(blinding, deriveShareBlinding(curve, linkSecret, slot));
  }
  return isAmount(total) ? { amount: amount(total), blinding } : undefined;
}

/**
 * A refund of ours, also after a restore (RP-7); `n` is how its view tag was explained. Q comes from the core, never
 * from L, so a password packet needs no password here (OU-11).
 */
export function openRefund(
  curve: CurveBackend,
  addresses: SubaddressTable,
  viewAllSecret: Uint8Array,
  packet: PacketCore,
  coin: DrawnCore,
  n: number,
): OpenedCoin | undefined {
  if (coin.slot !== REFUND_SLOT) return undefined;
  const linkSecret = deriveLinkSecret(viewAllSecret, packet.ephemeralKey);
  const opening = deriveRefundOpening(curve, linkSecret, packet, new Reader(coin.amountEnc).u64());
  if (opening === undefined) return undefined;
  const expected = encodePoint(curve, commit(curve, opening.blinding, opening.amount));
  if (!equalBytes(expected, coin.commitment)) return undefined;
  const context = deriveContext(viewAllSecret, coin.ephemeralKey, n);
  return ownCoin(curve, addresses, packet.packetKey, coin, context, { n, ...opening });
}

function ownCoin(
  curve: CurveBackend,
  addresses: SubaddressTable,
  packetKey: Uint8Array,
  coin: DrawnCore,
  context: Hash,
  opening: OpenedShare & { readonly n: number },
): OpenedCoin | undefined {
  const keyOffset = deriveKeyOffset(curve, context, packetKey);
  const owner = findOwner(curve, addresses, coin.oneTimeKey, keyOffset);
  if (owner === undefined) return undefined;
  return { origin: "internal", ...opening, keyOffset, account: owner.account, addressIndex: owner.index };
}
