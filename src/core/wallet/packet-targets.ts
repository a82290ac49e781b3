import type { KnownPackets } from "./open-packet.ts";
import { isOpenClaim, type PacketClaim } from "./packet-claim.ts";
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
  const isRestoring = wallet.restore !== undefined;
  const own = [...wallet.notes.values()].flatMap(({ note, spent }) => {
    const isLive = isRestoring || spent === undefined;
    return note.packet?.type === "packet" && isLive ? [[note.leaf, note.packet.core] as const] : [];
  });
  const claimed = [...wallet.claims.values()].flatMap((claim) => {
    return mayGive(claim, wallet) ? [[claim.packetLeaf, claim.core] as const] : [];
  });
  const gifts = isRestoring ? "everywhere" : "beside_ours";
  const restored = wallet.restore?.packetWaits?.packets ?? [];
  return { packets: new Map([...restored, ...own, ...claimed]), gifts };
}

/** A claim is drawn two blocks after the one that takes it, so none that was settled before these gets a share any more. */
const DRAW_BLOCKS = 2;

function mayGive(claim: PacketClaim, { scanned, restore }: WalletState): boolean {
  if (isOpenClaim(claim)) return true;
  const isPast = claim.settled !== undefined && claim.settled.height + DRAW_BLOCKS <= (scanned?.height ?? 0);
  return claim.state !== "drawn" && (restore !== undefined || !isPast);
}
