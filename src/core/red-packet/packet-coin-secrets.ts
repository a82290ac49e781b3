import { equalBytes } from "../bytes/compare-bytes.ts";
import { Reader } from "../bytes/reader.ts";
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
import type { AddressKeys } from "../values/address.ts";
import { amount, isAmount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import { findOwner, type OpenedCoin } from "../wallet/output-secrets.ts";
import type { SubaddressTable } from "../wallet/subaddress-table.ts";
import {
  deriveLinkSecret,
  deriveShareBlinding,
  openShare,
  readShareAmount,
  type OpenedShare,
} from "./packet-secrets.ts";

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
  const keys = deriveRefundKeys(curve, viewAllSecret, ephemeralKey, to, packetKey, 0);
  return { ...keys, anchorEnc: maskAnchor(keys.context, linkSecret) };
}

/**
 * A drawn coin of ours, from the seed and the core of its packet: the coin itself brings L back (9.3). undefined for
 * whatever is not ours, with no word about why (OU-10).
 */
export function openDrawnCoin(
  curve: CurveBackend,
  addresses: SubaddressTable,
  viewAllSecret: Uint8Array,
  packet: PacketCore,
  coin: DrawnCore,
): OpenedCoin | undefined {
  const context = deriveContext(viewAllSecret, coin.ephemeralKey, 0);
  const share = { commitment: coin.commitment, amountEnc: coin.amountEnc };
  const opened = openShare(curve, maskAnchor(context, coin.anchorEnc), coin.slot, share);
  return opened && ownCoin(curve, addresses, packet, coin, context, { n: 0, ...opened });
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
  return ownCoin(curve, addresses, packet, coin, deriveContext(viewAllSecret, coin.ephemeralKey, n), { n, ...opening });
}

function ownCoin(
  curve: CurveBackend,
  addresses: SubaddressTable,
  packet: PacketCore,
  coin: DrawnCore,
  context: Hash,
  opening: OpenedShare & { readonly n: number },
): OpenedCoin | undefined {
  const keyOffset = deriveKeyOffset(curve, context, packet.packetKey);
  const owner = findOwner(curve, addresses, coin.oneTimeKey, keyOffset);
  if (owner === undefined) return undefined;
  return { origin: "internal", ...opening, keyOffset, account: owner.account, addressIndex: owner.index };
}
