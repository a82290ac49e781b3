import type { Amount } from "../core/values/amount.ts";
import type { LookupProgress } from "./explorer.ts";

/** Why nothing can be said of how a packet was shared out. */
export type PacketCheckCode =
  | "unknown_packet" // not opened and not made by this wallet, or a gift, which nobody shares out
  | "not_drawn" // opened, and its share is not final yet, or there is none
  | "not_ready"
  | "offline"
  | "checkpoint_too_old"
  | "fork"
  | "gone" // nobody keeps blocks of that time any more
  | "too_long" // more blocks than a device reads: it lived for long
  | "too_large"
  | "unproven" // nobody known to this device has signed those blocks
  | "failed"; // the work came to nothing; another try may do

/** true: it holds · false: it does not · undefined: nobody could tell from what there was. */
export type Held = boolean | undefined;

/** One thing that was looked at, by its name in the protocol (9.6). */
export interface PacketCheckItem {
  readonly check: string;
  readonly held: Held;
}

/** Of a packet that this wallet has opened or made: how it was shared out, rechecked from the chain on this device. */
export interface PacketCheckView {
  /** The total adds up: no share is less than nothing, each is what its sender sealed, and all were split as the greeting says. */
  readonly total: { readonly held: Held; readonly amount: Amount | undefined; readonly shares: number };
  /** The shares were fixed before anybody asked for one, and those that were drawn are of them. */
  readonly fixed: { readonly held: Held; readonly madeAt: number; readonly firstClaimAt: number | undefined };
  /** Who got which share was decided by a later block, which nobody knew. */
  readonly placed: { readonly held: Held; readonly own: OwnPlace | undefined; readonly draws: number };
  /** In the order of the protocol. */
  readonly items: readonly PacketCheckItem[];
  readonly leaf: number;
  /** Block that made it, as hex. */
  readonly madeIn: string;
}

/** The place of this wallet's share. */
export interface OwnPlace {
  /** From 0 on. */
  readonly slot: number;
  readonly amount: Amount;
  readonly claimedAt: number;
  readonly drawnAt: number;
  /** Of the block that drew it, as hex. */
  readonly beacon: string;
}

export type PacketCheckResult =
  { readonly ok: true; readonly view: PacketCheckView } | { readonly ok: false; readonly code: PacketCheckCode };

/** How far a check has come; undefined while none runs. */
export type PacketCheckProgress = LookupProgress | undefined;
