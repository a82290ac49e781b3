import type { PacketGate } from "../chain/packet-output.ts";
import type { SplitPlan } from "../red-packet/split-packet.ts";
import type { Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";

/** What a payment does with red packets (chapter 9), as it is proposed, confirmed and signed. */
export type PacketOrder =
  /** Makes a gift (9.1). */
  | { readonly act: "gift" }
  /** Takes a gift by its link, or one of our own back. */
  | { readonly act: "gift_taken" | "gift_back" }
  | NewPacket
  /** Closes a packet of ours before it expires (RP-7). */
  | { readonly act: "packet_back" };

/** Makes a packet (9.2). */
export interface NewPacket {
  readonly act: "packet";
  /** D, of this packet and of nothing else (OU-12): the link, and the key of a picture, hang on it. */
  readonly ephemeralKey: Uint8Array;
  readonly plan: SplitPlan;
  readonly gate: PacketGate;
  readonly claimFee: Amount;
  readonly expiry: TimeMs;
  /** No block whose parent is later may take it (RP-1): the payment ends then at the latest. */
  readonly latest: TimeMs;
  /** At most 102 bytes (RP-10). */
  readonly text: string;
  readonly adBlobId: Hash | undefined;
  /** Bytes of RP-4; undefined: the link is enough. */
  readonly password: Uint8Array | undefined;
}

/** Shares of a plan. */
export function splitCount(plan: SplitPlan): number {
  return plan.split === "custom" ? plan.amounts.length : plan.count;
}
