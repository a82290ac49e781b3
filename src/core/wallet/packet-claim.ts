import type { PacketCore } from "../chain/packet-output.ts";
import type { Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";

/**
 * made: stored here · sent: a node took it · pending: in a block, drawn two blocks later · drawn: its share is ours ·
 * empty: others have it all · expired: back to its creator · refused: no block can take it any more.
 */
export type ClaimState = "made" | "sent" | "pending" | "drawn" | "empty" | "expired" | "refused";

/** Why no block can take it: its work is too old, or somebody has used the ticket (RP-5). */
export type ClaimRefusal = "work_stale" | "ticket_used";

/** The share that it got. */
export interface ClaimedShare {
  readonly leaf: LeafIndex;
  readonly slot: number;
  readonly amount: Amount;
}

/** One claim of ours, one for each packet: everything a restart needs to go on with it. */
export interface PacketClaim {
  readonly packetLeaf: LeafIndex;
  /** Place in the order of making; a claim in the place of a refused one keeps it. */
  readonly sequence: number;
  readonly createdMs: TimeMs;
  /** The packet as it was when it was claimed: its Q opens the share (OU-11), its greeting is shown again. */
  readonly core: PacketCore;
  /** L. */
  readonly linkSecret: Uint8Array;
  readonly hasPassword: boolean;
  readonly txid: Hash;
  /** P and D of the coin that it asks for. */
  readonly oneTimeKey: Uint8Array;
  readonly ephemeralKey: Uint8Array;
  /** Of a chance packet: the block that its work is for (RP-5). */
  readonly refHeight: Height | undefined;
  /** T. */
  readonly ticketKey: Uint8Array | undefined;
  readonly state: ClaimState;
  readonly refusal: ClaimRefusal | undefined;
  readonly share: ClaimedShare | undefined;
  /** Block that settled it. */
  readonly settled: { readonly height: Height; readonly timeMs: TimeMs } | undefined;
  /** The signed bytes, sent again unchanged until a block has them; dropped once it is settled. */
  readonly transaction: Uint8Array | undefined;
}

/** Not settled: its packet is watched, and its share looked for. */
export function isOpenClaim({ state }: PacketClaim): boolean {
  return state === "made" || state === "sent" || state === "pending";
}
