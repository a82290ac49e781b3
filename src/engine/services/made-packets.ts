import type { MadePacketView } from "../../api/packets.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { deriveLinkSecret } from "../../core/red-packet/packet-secrets.ts";
import { amount, type Amount } from "../../core/values/amount.ts";
import { leafIndex, LEAF_INDEX_LIMIT, type LeafIndex } from "../../core/values/height.ts";
import { formatPacketFragment } from "../../core/values/packet-link.ts";
import type { ScanKeys } from "../../core/wallet/keys.ts";
import type { KeptNote, Note, PacketMark } from "../../core/wallet/note.ts";
import { isPending, type Payment } from "../../core/wallet/payment.ts";
import { lockedLeaves, type WalletState } from "../../core/wallet/wallet-state.ts";
import { greetingOf } from "./packet-links.ts";

const NOTHING = amount(0n);
const LEAF_ID = /^made:([0-9]{1,13})$/;

type OwnMark = Extract<PacketMark, { readonly type: "packet" | "gift" }>;

/** Packets and gifts of a wallet, newest first. */
export function madePackets(wallet: WalletState, view: ScanKeys): readonly MadePacketView[] {
  const made = [...wallet.notes.values()].flatMap((kept): MadePacketView[] => {
    const mark = ownMark(kept.note);
    return mark === undefined ? [] : [viewNote(wallet, view, kept, mark)];
  });
  const paying = [...wallet.payments.values()].flatMap(viewPayment);
  return [...made, ...paying].sort((left, right) => right.timeMs - left.timeMs);
}

/** The leaf of a packet or a gift of ours that is still there. */
export function liveLeaf({ notes }: WalletState, id: string): LeafIndex | undefined {
  const digits = LEAF_ID.exec(id)?.[1];
  const leaf = digits === undefined ? NaN : Number(digits);
  if (!(leaf < LEAF_INDEX_LIMIT)) return undefined;
  const kept = notes.get(leafIndex(leaf));
  return kept === undefined || kept.spent !== undefined || ownMark(kept.note) === undefined
    ? undefined
    : kept.note.leaf;
}

/** The secret behind `#`; undefined for what has no link. */
export function madeFragment(wallet: WalletState, view: ScanKeys, chainId: number, id: string): string | undefined {
  const leaf = liveLeaf(wallet, id);
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

function viewNote(wallet: WalletState, view: ScanKeys, { note, spent }: KeptNote, mark: OwnMark): MadePacketView {
  const secret = linkSecretOf(note, mark, view);
  const base = { id: `made:${note.leaf}`, timeMs: note.timeMs, back: backOf(wallet, note) };
  const state = spent !== undefined ? "over" : lockedLeaves(wallet).has(note.leaf) ? "closing" : "live";
  if (mark.type === "gift") {
    const none = { count: undefined, expiryMs: undefined, greeting: undefined, hasPassword: false };
    return { ...base, ...none, kind: "gift", state, amount: note.amount };
  }
  const { core, hasPassword } = mark;
  const count = core.shares.length;
  return {
    ...base,
    kind: "packet",
    state,
    amount: amount(note.amount - core.claimFee * BigInt(count)),
    count,
    expiryMs: core.expiry,
    greeting: secret && greetingOf(core, secret),
    hasPassword,
  };
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
function viewPayment(payment: Payment): MadePacketView[] {
  const { act, state, txid, amount: value, createdMs } = payment;
  if ((act !== "packet" && act !== "gift") || state === "final") return [];
  return [
    {
      id: `payment:${formatHex(txid)}`,
      kind: act,
      state: isPending(payment) ? "paying" : "failed",
      amount: value,
      count: undefined,
      expiryMs: undefined,
      greeting: undefined,
      hasPassword: false,
      back: NOTHING,
      timeMs: createdMs,
    },
  ];
}
