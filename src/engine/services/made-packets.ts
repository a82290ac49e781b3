import type { MadePacketView } from "../../api/packets.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { deriveLinkSecret } from "../../core/red-packet/packet-secrets.ts";
import { amount, type Amount } from "../../core/values/amount.ts";
import type { LeafIndex } from "../../core/values/height.ts";
import { formatPacketFragment } from "../../core/values/packet-link.ts";
import type { ScanKeys } from "../../core/wallet/keys.ts";
import type { KeptNote, Note, NoteSpent, PacketMark } from "../../core/wallet/note.ts";
import { isPending, type Payment } from "../../core/wallet/payment.ts";
import { lockedLeaves, type WalletState } from "../../core/wallet/wallet-state.ts";
import { NOTHING_SAID, oddsOf, sayingOf } from "./packet-links.ts";
import { madeName } from "./packet-names.ts";
import type { PacketSecret } from "./packet-pictures.ts";

const NOTHING = amount(0n);

type OwnMark = Extract<PacketMark, { readonly type: "packet" | "gift" }>;

/** Packets and gifts of a wallet, newest first. */
export function madePackets(wallet: WalletState, view: ScanKeys): readonly MadePacketView[] {
  const making = [...wallet.payments.values()].filter(({ act }) => act === "packet" || act === "gift");
  const txids = new Map(making.map((payment) => [madeName(view, payment.anchorSource), formatHex(payment.txid)]));
  const made = [...wallet.notes.values()].flatMap((kept): MadePacketView[] => {
    const mark = ownMark(kept.note);
    return mark === undefined ? [] : [viewNote(wallet, view, kept, mark, txids)];
  });
  const paying = making.filter(({ state }) => state !== "final").map((payment) => viewPayment(view, payment));
  return [...made, ...paying].sort((left, right) => right.timeMs - left.timeMs);
}

/** The leaf of a packet or a gift of ours that is still there. */
export function liveLeaf(wallet: WalletState, view: ScanKeys, id: string): LeafIndex | undefined {
  const kept = madeNote(wallet, view, id);
  return kept?.spent === undefined ? kept?.note.leaf : undefined;
}

/** A packet or a gift of ours by its name, live or over; undefined before it is final. */
export function madeNote({ notes }: WalletState, view: ScanKeys, id: string): KeptNote | undefined {
  return [...notes.values()].find(
    ({ note }) => ownMark(note) !== undefined && madeName(view, note.ephemeralKey) === id,
  );
}

/** What opens a packet of ours and its picture, live or over; undefined for a gift, and before it is final. */
export function madePacketSecret(wallet: WalletState, view: ScanKeys, id: string): PacketSecret | undefined {
  const note = madeNote(wallet, view, id)?.note;
  const mark = note && ownMark(note);
  if (note === undefined || mark?.type !== "packet") return undefined;
  const linkSecret = linkSecretOf(note, mark, view);
  return linkSecret && { core: mark.core, linkSecret };
}

/** The secret behind `#`; undefined for what has no link. */
export function madeFragment(wallet: WalletState, view: ScanKeys, chainId: number, id: string): string | undefined {
  const leaf = liveLeaf(wallet, view, id);
  const note = leaf === undefined ? undefined : wallet.notes.get(leaf)!.note;
  const mark = note && ownMark(note);
  if (note === undefined || mark === undefined || leaf === undefined) return undefined;
  const linkSecret = linkSecretOf(note, mark, view);
  if (linkSecret === undefined) return undefined;
  const hasPassword = mark.type === "packet" && mark.hasPassword;
  return formatPacketFragment({ kind: mark.type, hasPassword, chainId, leaf, linkSecret });
}

function ownMark({ packet }: Note): OwnMark | undefined {
  if (packet?.type === "packet") return packet;
  return packet?.type === "gift" && packet.isOwn ? packet : undefined;
}

/** A view key that only sees what others pay has none. */
function linkSecretOf(note: Note, mark: OwnMark, { viewAllSecret }: ScanKeys): Uint8Array | undefined {
  if (mark.type === "gift") return mark.linkSecret;
  return viewAllSecret && deriveLinkSecret(viewAllSecret, note.ephemeralKey);
}

function viewNote(
  wallet: WalletState,
  view: ScanKeys,
  { note, spent }: KeptNote,
  mark: OwnMark,
  txids: ReadonlyMap<string, string>,
): MadePacketView {
  const secret = linkSecretOf(note, mark, view);
  const [id, back] = [madeName(view, note.ephemeralKey), backOf(wallet, note)];
  const end = spent === undefined ? undefined : endOf(wallet, mark, spent, back);
  const state = spent !== undefined ? "over" : lockedLeaves(wallet).has(note.leaf) ? "closing" : "live";
  const base = { id, txid: txids.get(id), state, end, timeMs: note.timeMs, back } as const;
  if (mark.type === "gift") {
    const none = { count: undefined, expiryMs: undefined, ...NOTHING_SAID, hasPassword: false, odds: 1 };
    return { ...base, ...none, kind: "gift", amount: note.amount };
  }
  const { core, hasPassword } = mark;
  const count = core.shares.length;
  return {
    ...base,
    kind: "packet",
    amount: amount(note.amount - core.claimFee * BigInt(count)),
    count,
    expiryMs: core.expiry,
    ...(secret === undefined ? NOTHING_SAID : sayingOf(core, secret)),
    hasPassword,
    odds: oddsOf(core),
  };
}

/** Another device with the same words may have taken it back: then the time of its end tells. */
function endOf(
  { payments }: WalletState,
  mark: OwnMark,
  { timeMs, txid }: NoteSpent,
  back: Amount,
): NonNullable<MadePacketView["end"]> {
  if (back === 0n) return "opened";
  const isOurs = txid !== undefined && payments.get(formatHex(txid))?.act === "packet_back";
  return mark.type === "packet" && !isOurs && timeMs >= mark.core.expiry ? "expired" : "taken-back";
}

/** Of a packet its refund; of a gift itself, if a payment of ours took it. */
function backOf({ notes, payments }: WalletState, { leaf, amount: whole, packet }: Note): Amount {
  if (packet?.type === "packet") {
    const refund = [...notes.values()].find(({ note }) => {
      return note.packet?.type === "refund" && note.packet.packetLeaf === leaf;
    });
    return refund?.note.amount ?? NOTHING;
  }
  const isBack = [...payments.values()].some(({ act, state, inputs }) => {
    return act === "gift_back" && state === "final" && inputs.includes(leaf);
  });
  return isBack ? whole : NOTHING;
}

/** What is not on the chain yet, or never came there. */
function viewPayment(view: ScanKeys, payment: Payment): MadePacketView {
  const { act, txid, amount: value, createdMs, anchorSource } = payment;
  return {
    id: madeName(view, anchorSource),
    txid: formatHex(txid),
    kind: act === "gift" ? "gift" : "packet",
    state: isPending(payment) ? "paying" : "failed",
    end: undefined,
    amount: value,
    count: undefined,
    expiryMs: undefined,
    ...NOTHING_SAID,
    hasPassword: false,
    odds: 1,
    back: NOTHING,
    timeMs: createdMs,
  };
}
