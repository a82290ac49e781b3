import { equalBytes } from "../bytes/compare-bytes.ts";
import { outputHash } from "../chain/output.ts";
import { DRAW_DELAY_BLOCKS } from "../state/draw-packets.ts";
import type { KnownPackets } from "./open-packet.ts";
import { isOpenClaim, type PacketClaim } from "./packet-claim.ts";
import type { WantedPacket } from "./restore-packets.ts";
import type { GiftSearch } from "./scan-gifts.ts";
import type { WalletState } from "./wallet-state.ts";

/** What a scan has to know of red packets beside the keys. */
export interface PacketTargets {
  readonly packets: KnownPackets;
  readonly gifts: GiftSearch;
}

/**
 * Packets that may still give this wallet something: its own, and those that it claims from. A restore may meet what came
 * of one before it meets the packet, so then all that are known count.
 */
export function packetTargets(wallet: WalletState): PacketTargets {
  const gifts = wallet.restore === undefined ? "beside_ours" : "everywhere";
  const restored = wallet.restore?.packetWaits?.packets ?? [];
  return { packets: new Map([...restored, ...provenPackets(wallet)]), gifts };
}

/** Those whose cores the chain itself has shown us, and not only a node. */
function provenPackets(wallet: WalletState): KnownPackets {
  const own = [...wallet.notes.values()].flatMap(({ note, spent }) => {
    const isLive = wallet.restore !== undefined || spent === undefined;
    return note.packet?.type === "packet" && isLive ? [[note.leaf, note.packet.core] as const] : [];
  });
  const claimed = [...wallet.claims.values()].flatMap((claim) => {
    return mayGive(claim, wallet) ? [[claim.packetLeaf, claim.core] as const] : [];
  });
  return new Map([...own, ...claimed]);
}

/** Whether a coin did not open with what is certainly the core of its packet: it only looks like ours. */
export function isStrangers(wallet: WalletState, { packetLeaf, tried }: WantedPacket): boolean {
  const core = provenPackets(wallet).get(packetLeaf);
  return tried !== undefined && core !== undefined && equalBytes(tried, outputHash(core));
}

/** A claim that was settled longer ago than a draw takes gets no share any more. */
function mayGive(claim: PacketClaim, { scanned, restore }: WalletState): boolean {
  if (isOpenClaim(claim)) return true;
  const isPast = claim.settled !== undefined && claim.settled.height + DRAW_DELAY_BLOCKS <= (scanned?.height ?? 0);
  return claim.state !== "drawn" && (restore !== undefined || !isPast);
}
