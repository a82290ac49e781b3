import type { Amount } from "../core/values/amount.ts";
import type { TimeMs } from "../core/values/height.ts";
import type { PacketLinkCode } from "../core/values/packet-link.ts";
import type { ProposeResult } from "./propose-result.ts";
import type { ProposalView } from "./views.ts";

/** What a link to a red packet leads to, as the chain has it. Looking takes nothing. */
export interface LinkView {
  /** gift: one coin, for whoever takes it first. */
  readonly kind: "gift" | "packet";
  /** gone: all opened, taken back or refunded, or never there. */
  readonly state: "open" | "expired" | "gone";
  readonly hasPassword: boolean;
  /** Who may open it; a gift and a packet that is gone say "open". */
  readonly gate: "open" | "chance" | "ticket";
  /** Of one try, 0 to 1; 1 where nothing is left to chance. */
  readonly odds: number;
  /** In all, and not yet opened; undefined for a gift, and for what is gone. */
  readonly shares: LinkShares | undefined;
  readonly expiryMs: TimeMs | undefined;
  /** From the sender; undefined where nothing was written, or nothing that can be read. */
  readonly greeting: string | undefined;
  /** The sender has put one in: see `packets.picture`. */
  readonly hasPicture: boolean;
  /** This wallet has opened it. */
  readonly isOpened: boolean;
}

/** How far a packet is shared out. */
export interface LinkShares {
  readonly count: number;
  /** Nobody has asked for them yet. */
  readonly left: number;
  /** Places of those that somebody has by now, from 0, ascending: fewer than were asked for while a draw is due. */
  readonly drawn: readonly number[];
}

/** Why nothing can be said of a link; of a packet's state nobody is believed without proof. */
export type LookLinkCode =
  | PacketLinkCode
  | "not_ready" // the network is not known yet
  | "offline"
  | "checkpoint_too_old" // this device knows of no block to compare answers with
  | "fork";

export type LookLinkResult =
  { readonly ok: true; readonly link: LinkView } | { readonly ok: false; readonly code: LookLinkCode };

export type OpenLinkCode =
  | LookLinkCode
  | "no_wallet" // or one that only sees
  | "wrong_password"
  | "gone"
  | "expired"
  | "not_for_you" // for the members of a group
  | "not_this_time" // the try was lost: another may be made
  | "already_opened"
  | "restoring" // nobody knows yet whether this wallet has its share
  | "gift_below_fee"
  | "failed"; // came out wrong by our own check, or its worker died: nothing has left

/**
 * ok: stored here, and on its way; `claims` follows it, and `views.history` what was a gift. `id` of a refusal: of the
 * claim that this wallet has made before, where it has.
 */
export type OpenLinkResult =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly code: OpenLinkCode; readonly id?: string | undefined };

/** How far an opening has come that no claim stands for yet. */
export interface OpeningView {
  readonly step: "looking" | "trying" | "signing";
  /** Of the try, 0 to 1. */
  readonly done: number;
  /** What is being opened, as soon as that is known. */
  readonly link: LinkView | undefined;
}

/** A red packet that this wallet has opened. */
export interface ClaimView {
  /** Stands for the packet on this device. */
  readonly id: string;
  readonly state: "sending" | "drawing" | "won" | "empty" | "expired" | "refused";
  readonly amount: Amount | undefined;
  /** 1 is the luckiest of `count`; equal shares have one rank. undefined until it is won, and where all are equal. */
  readonly rank: number | undefined;
  readonly count: number;
  readonly greeting: string | undefined;
  readonly hasPicture: boolean;
  readonly timeMs: TimeMs;
}

/**
 * The picture of a packet, as its sender made it: bytes of a stranger, shown only through the media worker. `none`: it has
 * no picture, or is no packet that this wallet has made or was asked to open. The rest as blobs are read (MS-14).
 */
export type PacketPictureResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: "none" | "missing" | "offline" | "unreadable" };

/** What somebody wants to give away. */
export interface PacketDraft {
  /** lucky: by chance · equal: the same for everybody. */
  readonly kind: "lucky" | "equal";
  /** Of all shares together, µSTG. */
  readonly total: Amount;
  /** Shares, 64 at most. */
  readonly count: number;
  /** How long it can be opened, in milliseconds; undefined: a day, or as long as this network lets packets live. */
  readonly lifeMs: number | undefined;
  /** Whoever has the link reads it: 102 bytes at most. */
  readonly greeting: string;
  /** Empty: the link is enough. */
  readonly password: string;
  /** Bits of work (RP-1) that opening takes, for packets in public places; undefined: everybody with the link opens it. */
  readonly workBits: number | undefined;
  /** As the media worker has made it, 256 KiB at most with what seals it; everybody with the link sees it. */
  readonly picture: Uint8Array | undefined;
}

/** What packets may be on this network. */
export interface PacketTermsView {
  /** Shares of one packet. */
  readonly countMax: number;
  /** UTF-8 bytes. */
  readonly greetingBytesMax: number;
  /** UTF-8 bytes. */
  readonly passwordBytesMax: number;
  /** How long a packet can be opened, in milliseconds. */
  readonly lifeMaxMs: number;
  /** What a packet for a public place may ask for, and the odds of one try, 0 to 1; the easiest first. */
  readonly chances: readonly { readonly workBits: number; readonly odds: number }[];
}

/** Of a packet: until when it could be opened, and what is set aside for the fees of those who open it, µSTG. */
export interface PacketProposalView extends ProposalView {
  readonly expiryMs?: TimeMs;
  readonly claimFees?: Amount;
}

export type ProposePacketCode =
  | "share_count"
  | "share_empty" // less than the smallest unit for each
  | "total_too_small"
  | "total_too_large"
  | "gate_unfit" // more work than a packet may ask for
  | "expiry_too_soon"
  | "expiry_too_late"
  | "greeting_too_long"
  | "password_too_long"
  | "picture_too_large"
  | "unknown_packet" // gone, or none of this wallet's
  | "packet_busy" // it is being taken back already
  | "gift_below_fee"; // whoever opens it pays the fee out of it

export type ProposePacketResult =
  | Extract<ProposeResult, { readonly ok: false }>
  | { readonly ok: true; readonly proposal: PacketProposalView }
  | { readonly ok: false; readonly code: ProposePacketCode };

/** A packet or a gift of this wallet's. */
export interface MadePacketView {
  /** 32 hex digits that stand for it on this device, the same from its payment on, and mean nothing elsewhere. */
  readonly id: string;
  /** Of the payment that made it; undefined where another device did. */
  readonly txid: string | undefined;
  readonly kind: "packet" | "gift";
  /**
   * paying: stored here, not final yet, so it has no link · live: can be opened · closing: its rest is on its way back ·
   * over: all opened, or ended with what came back · failed: it never came to be.
   */
  readonly state: "paying" | "live" | "closing" | "over" | "failed";
  /** How it ended, while it is over. opened: all of it. */
  readonly end: "opened" | "expired" | "taken-back" | undefined;
  /** What was given away, without fees. */
  readonly amount: Amount;
  /** Shares; undefined for a gift, and before it is final. */
  readonly count: number | undefined;
  readonly expiryMs: TimeMs | undefined;
  readonly greeting: string | undefined;
  readonly hasPicture: boolean;
  readonly hasPassword: boolean;
  /** Of one try, 0 to 1; 1 where nothing is left to chance. */
  readonly odds: number;
  /** What came back; 0 while it is live. */
  readonly back: Amount;
  readonly timeMs: TimeMs;
}
