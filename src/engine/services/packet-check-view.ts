import type { Held, OwnPlace, PacketCheckView } from "../../api/packet-check.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { blockId } from "../../core/chain/header.ts";
import type { PacketCore } from "../../core/chain/packet-output.ts";
import { deriveLinkSecret } from "../../core/red-packet/packet-secrets.ts";
import type { LifeCheck, PacketHistory, PacketReplay } from "../../core/red-packet/replay-packet.ts";
import { DRAW_DELAY_BLOCKS } from "../../core/state/draw-packets.ts";
import { amount, type Amount } from "../../core/values/amount.ts";
import type { LeafIndex } from "../../core/values/height.ts";
import type { ScanKeys } from "../../core/wallet/keys.ts";
import type { WalletState } from "../../core/wallet/wallet-state.ts";
import { madeNote } from "./made-packets.ts";
import { claimName } from "./packet-names.ts";

/** A packet of which this wallet knows enough to recheck it. */
export interface SoughtPacket {
  readonly leaf: LeafIndex;
  readonly core: PacketCore;
  /** L. */
  readonly linkSecret: Uint8Array;
  /** A block of its life. */
  readonly knownAt: number;
  /** The last block that matters; undefined: all up to its end. */
  readonly endsAt: number | undefined;
  /** The share that this wallet has got. */
  readonly own: { readonly slot: number; readonly amount: Amount; readonly oneTimeKey: Uint8Array } | undefined;
}

/** What is known of the packet behind an id of `claims` or `made`. */
export function soughtPacket(
  wallet: WalletState,
  view: ScanKeys,
  id: string,
): SoughtPacket | "unknown_packet" | "not_drawn" {
  const claim = [...wallet.claims.values()].find(({ packetLeaf }) => claimName(view, packetLeaf) === id);
  if (claim !== undefined) {
    const { packetLeaf: leaf, core, linkSecret, share, settled, oneTimeKey } = claim;
    if (share === undefined || settled === undefined) return "not_drawn";
    const own = { slot: share.slot, amount: share.amount, oneTimeKey };
    return { leaf, core, linkSecret, knownAt: settled.height, endsAt: settled.height, own };
  }
  const kept = madeNote(wallet, view, id);
  if (kept?.note.packet?.type !== "packet" || view.viewAllSecret === undefined) return "unknown_packet";
  const { leaf, height: knownAt, ephemeralKey, packet } = kept.note;
  const linkSecret = deriveLinkSecret(view.viewAllSecret, ephemeralKey);
  return { leaf, core: packet.core, linkSecret, knownAt, endsAt: kept.spent?.height, own: undefined };
}

const TOTAL: readonly LifeCheck[] = ["shares_in_range", "link_fits", "shares_open", "split_as_promised"];
const FIXED: readonly LifeCheck[] = ["packet_made", "packet_included"];
/** Nothing is known of the split where its sender has chosen the shares, nor of a password's part of the key. */
const MAY_BE_UNKNOWN: readonly LifeCheck[] = ["split_as_promised", "link_fits", "beacon_signed"];

/** The three things that people ask of a draw, each from all the checks that it rests on. */
export function viewPacketCheck(sought: SoughtPacket, history: PacketHistory, replay: PacketReplay): PacketCheckView {
  const { checks, opened, total } = replay;
  const mine = sought.own && ownPlace(sought.own, history, replay);
  const placed = checks.map(({ check }) => check).filter((check) => ![...TOTAL, ...FIXED].includes(check));
  const isMine = sought.own === undefined || mine !== undefined;
  const first = opened.length === 0 ? undefined : Math.min(...opened.map(({ claimedAt }) => claimedAt));
  return {
    total: {
      held: heldIn(replay, TOTAL),
      amount: total === undefined ? undefined : amount(total),
      shares: sought.core.shares.length,
    },
    fixed: { held: heldIn(replay, FIXED), madeAt: history.made.header.height, firstClaimAt: first },
    placed: { held: isMine ? heldIn(replay, placed) : false, own: mine, draws: opened.length },
    items: checks,
    leaf: sought.leaf,
    madeIn: formatHex(blockId(history.made.header)),
  };
}

/** undefined: the blocks have drawn another slot for it, or none. */
function ownPlace(
  own: NonNullable<SoughtPacket["own"]>,
  { blocks }: PacketHistory,
  { opened }: PacketReplay,
): OwnPlace | undefined {
  const found = opened.find(({ slot, claim }) => slot === own.slot && equalBytes(claim.oneTimeKey, own.oneTimeKey));
  if (found === undefined) return undefined;
  const drawnAt = found.claimedAt + DRAW_DELAY_BLOCKS;
  const drawing = blocks.find(({ header }) => header.height === drawnAt);
  if (drawing === undefined) return undefined;
  const beacon = formatHex(drawing.header.beacon);
  return { slot: own.slot, amount: own.amount, claimedAt: found.claimedAt, drawnAt, beacon };
}

function heldIn({ checks }: PacketReplay, names: readonly LifeCheck[]): Held {
  const asked = checks.filter(({ check }) => names.includes(check));
  if (asked.some(({ held }) => held === false)) return false;
  return asked.some(({ check, held }) => held === undefined && !MAY_BE_UNKNOWN.includes(check)) ? undefined : true;
}
