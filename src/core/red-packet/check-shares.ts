import { equalBytes } from "../bytes/compare-bytes.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import { openGreeting, type PacketGreeting } from "./packet-greeting.ts";
import { derivePacketKey, openShare } from "./packet-secrets.ts";
import { checkSplit, splitPacket, type SplitPlan } from "./split-packet.ts";

/** What only holders of the link can check of a packet (9.6). */
export type ShareCheck =
  | "link_fits" // q·G = Q: this link, and this password, open this packet
  | "shares_open" // every C_i to the amount that the link reads
  | "split_as_promised"; // RP-3 recomputed from L, in the same order

export interface ShareReport {
  readonly checks: readonly { readonly check: ShareCheck; readonly held: boolean | undefined }[];
  /** The shares by slot; undefined without the link, or where one does not open. */
  readonly amounts: readonly Amount[] | undefined;
  readonly total: Amount | undefined;
  readonly greeting: PacketGreeting | undefined;
}

/** `guardedSecret`: L' where the asker knows the password of a guarded packet; for all others L is enough. */
export interface PacketLinkSecrets {
  readonly linkSecret: Uint8Array;
  readonly guardedSecret: Uint8Array | undefined;
}

/** The shares of a packet as its link opens them. A creator's lie shows here, before anybody has claimed. */
export function checkShares(curve: CurveBackend, core: PacketCore, link: PacketLinkSecrets | undefined): ShareReport {
  if (link === undefined) {
    const checks = (["link_fits", "shares_open", "split_as_promised"] as const).map((check) => ({
      check,
      held: undefined,
    }));
    return { checks, amounts: undefined, total: undefined, greeting: undefined };
  }
  const { linkSecret, guardedSecret } = link;
  const fits = equalBytes(derivePacketKey(curve, guardedSecret ?? linkSecret), core.packetKey);
  const greeting = openGreeting(linkSecret, core.packetKey, core.greeting);
  const opened = core.shares.map((share, slot) => openShare(curve, linkSecret, slot, share)?.amount);
  const amounts = opened.flatMap((each) => each ?? []);
  const sum = amounts.reduce((total, each) => total + each, 0n);
  const isOpen = amounts.length === opened.length && isAmount(sum);
  // Without its password a guarded packet is not told from one of another link by Q, but its greeting opens by L alone.
  const isGuarded = guardedSecret === undefined && !fits && greeting !== undefined;
  return {
    amounts: isOpen ? amounts : undefined,
    total: isOpen ? amount(sum) : undefined,
    greeting,
    checks: [
      { check: "link_fits", held: isGuarded ? undefined : fits },
      { check: "shares_open", held: isOpen },
      { check: "split_as_promised", held: isOpen ? isSplitAs(linkSecret, greeting, amounts, sum) : false },
    ],
  };
}

/** Of amounts that the creator chose himself nothing was promised. */
function isSplitAs(
  linkSecret: Uint8Array,
  greeting: PacketGreeting | undefined,
  amounts: readonly Amount[],
  sum: bigint,
): boolean | undefined {
  if (greeting === undefined) return false;
  if (greeting.split === "custom") return undefined;
  const plan: SplitPlan = {
    split: greeting.split,
    total: amount(sum),
    count: amounts.length,
    minimum: greeting.minimum,
  };
  if (!checkSplit(plan).ok) return false;
  const expected = splitPacket(linkSecret, plan);
  return amounts.every((each, slot) => each === expected[slot]);
}
