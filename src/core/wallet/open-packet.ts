import { outputHash, type DrawnCore } from "../chain/output.ts";
import { REFUND_SLOT } from "../chain/packet-coins.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { deriveContext, deriveKeyOffset } from "../crypto/output-keys.ts";
import { ZERO_SCALAR } from "../crypto/scalar.ts";
import { deriveLinkSecret, derivePacketKey } from "../red-packet/packet-secrets.ts";
import type { LeafIndex } from "../values/height.ts";
import type { PacketMark } from "./note.ts";
import type { OpenedNote, OpeningGuess } from "./opened-note.ts";
import { findOwner, type OpenedCoin } from "./output-secrets.ts";
import { deriveRefundOpening, openDrawnCoin, openRefund, readDrawnCoin } from "./packet-coin-secrets.ts";
import type { SubaddressTable } from "./subaddress-table.ts";

/** Packets that the wallet knows, its own and those that it claims from: their cores open what is drawn from them (OU-11). */
export type KnownPackets = ReadonlyMap<LeafIndex, PacketCore>;

/** A packet of ours, from the seed alone: L, and with it every share, hangs on s_vb and D (9.2). */
export function openOwnPacket(
  curve: CurveBackend,
  addresses: SubaddressTable,
  core: PacketCore,
  { secret, n }: OpeningGuess,
): OpenedNote | undefined {
  const { ephemeralKey, packetKey, refundKey } = core;
  const keyOffset = deriveKeyOffset(curve, deriveContext(secret, ephemeralKey, n), packetKey);
  const owner = findOwner(curve, addresses, refundKey, keyOffset);
  if (owner === undefined) return undefined;
  const linkSecret = deriveLinkSecret(secret, ephemeralKey);
  const whole = deriveRefundOpening(curve, linkSecret, core, 0n);
  if (whole === undefined) return undefined;
  // The chain does not say that there is a password; that L alone gives another Q does.
  const hasPassword = !equalBytes(derivePacketKey(curve, linkSecret), packetKey);
  return {
    amount: whole.amount,
    blinding: ZERO_SCALAR,
    oneTimeKey: refundKey,
    keyOffset,
    account: owner.account,
    addressIndex: owner.index,
    isInternal: true,
    ephemeralKey,
    counter: n,
    memo: undefined,
    outputHash: outputHash(core),
    packet: { type: "packet", core, hasPassword },
  };
}

/** A share that was drawn for us, or what came back of a packet of ours; a refund needs its packet's core (RP-7). */
export function openDrawn(
  curve: CurveBackend,
  addresses: SubaddressTable,
  core: DrawnCore,
  { secret, n }: OpeningGuess,
  packets: KnownPackets,
): OpenedNote | undefined {
  const { packetLeaf, slot } = core;
  const packet = packets.get(packetLeaf);
  if (slot === REFUND_SLOT) {
    const coin = packet && openRefund(curve, addresses, secret, packet, core, n);
    return coin && noteOf(core, coin, { type: "refund", packetLeaf });
  }
  const coin = n === 0 ? openDrawnCoin(curve, addresses, secret, packet?.packetKey, core) : undefined;
  return coin && noteOf(core, coin, { type: "share", packetLeaf, slot, linkSecret: coin.linkSecret });
}

/**
 * Whether a drawn coin with our tag, which could not be opened, may be ours all the same, and only its packet's core, or
 * another than the one that was given, can tell: a share that its own anchor opens, or a refund.
 */
export function lacksPacket(curve: CurveBackend, coin: DrawnCore, { origin, secret, n }: OpeningGuess): boolean {
  if (origin !== "internal") return false;
  return coin.slot === REFUND_SLOT || (n === 0 && readDrawnCoin(curve, secret, coin) !== undefined);
}

function noteOf(core: DrawnCore, coin: OpenedCoin, packet: PacketMark): OpenedNote {
  return {
    amount: coin.amount,
    blinding: coin.blinding,
    oneTimeKey: core.oneTimeKey,
    keyOffset: coin.keyOffset,
    account: coin.account,
    addressIndex: coin.addressIndex,
    isInternal: true,
    ephemeralKey: core.ephemeralKey,
    counter: coin.n,
    memo: undefined,
    outputHash: outputHash(core),
    packet,
  };
}
