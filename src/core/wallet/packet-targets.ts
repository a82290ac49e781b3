import type { KnownPackets } from "./open-packet.ts";
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
  const claimed = [...wallet.claims.values()].flatMap(({ state, packetLeaf, core }) => {
    return state === "drawn" ? [] : [[packetLeaf, core] as const];
  });
  const gifts = isRestoring ? "everywhere" : "beside_ours";
  const restored = wallet.restore?.packetWaits?.packets ?? [];
  return { packets: new Map([...restored, ...own, ...claimed]), gifts };
}
