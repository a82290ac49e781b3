import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { PACKET_POW_BITS_MAX, type PacketGate } from "../chain/packet-output.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { packetPasswordBytes } from "../crypto/packet-password.ts";
import { TX_INPUTS_MAX } from "../params/limits.ts";
import { GREETING_TEXT_SIZE_MAX } from "../red-packet/packet-greeting.ts";
import { checkSplit, type SplitFailureCode, type SplitPlan } from "../red-packet/split-packet.ts";
import { unitFee } from "../state/fees.ts";
import { formatAddress } from "../values/address.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import { timeMs, type LeafIndex, type TimeMs } from "../values/height.ts";
import { chooseNotes } from "./choose-notes.ts";
import { deriveAddress, type ViewAllKeys } from "./keys.ts";
import type { Note } from "./note.ts";
import type { NewPacket } from "./packet-order.ts";
import { PACKET_PAYMENT_LIFE_MS } from "./payment-end.ts";
import {
  refuse,
  splitChange,
  type PaymentProposal,
  type PaymentTerms,
  type ProposePaymentResult,
} from "./propose-payment.ts";
import { lockedLeaves, usableNotes, walletBalance, type WalletState } from "./wallet-state.ts";

/** What a proposal about red packets needs beside the wallet. */
export interface PacketTerms extends PaymentTerms {
  readonly curve: CurveBackend;
  readonly view: ViewAllKeys;
}

/** What a creator asks for. */
export interface PacketRequest {
  /** Of this draft: its L, and the key of its picture, hang on it (9.2). See `makeEphemeralKey`. */
  readonly ephemeralKey: Uint8Array;
  readonly plan: SplitPlan;
  readonly gate: PacketGate;
  /** When it ends; or after how long, which may then be as long as any packet lives. */
  readonly expiry: TimeMs | { readonly afterMs: number };
  readonly text: string;
  readonly adBlobId: Hash | undefined;
  /** Empty: none. */
  readonly password: string;
}

export type PacketFailureCode =
  | SplitFailureCode
  | "gate_unfit" // bits of work that no packet may ask for (RP-1)
  | "expiry_too_soon"
  | "expiry_too_late"
  | "greeting_too_long"
  | "password_too_long"
  | "key_used" // one packet for each D (OU-12)
  | "unknown_gift" // no gift of this wallet's, or gone
  | "unknown_packet"
  | "packet_busy" // a transaction of ours about it is on its way
  | "gift_below_fee";

export type ProposePacketResult = ProposePaymentResult | { readonly ok: false; readonly code: PacketFailureCode };

/** A packet with its cost: the shares, f_claim for each of them, and the fee. Changes nothing until it is confirmed. */
export function proposePacket(wallet: WalletState, terms: PacketTerms, request: PacketRequest): ProposePacketResult {
  const { params, feeMultiplier, nowMs } = terms;
  const { plan, gate, ephemeralKey } = request;
  // What cannot be encoded is replaced here, so that it is seen before it is sealed.
  const text = decodeUtf8(encodeUtf8(request.text));
  const checked = checkSplit(plan);
  if (!checked.ok) return checked;
  if (gate.mode === "chance" && !isPowBits(gate.powBits)) return { ok: false, code: "gate_unfit" };
  if (encodeUtf8(text).length > GREETING_TEXT_SIZE_MAX) return { ok: false, code: "greeting_too_long" };
  const password = request.password === "" ? undefined : packetPasswordBytes(request.password);
  if (request.password !== "" && password === undefined) return { ok: false, code: "password_too_long" };
  if (isUsedKey(wallet, ephemeralKey)) return { ok: false, code: "key_used" };
  if (wallet.scanned === undefined) return { ok: false, code: "not_ready" };
  // RP-1 goes by the time of the parent of the block that takes it, which is not before the newest block of now.
  const firstMs = wallet.scanned.timeMs;
  const expiry = expiryOf(request.expiry, firstMs, nowMs, params.packetMaxMs);
  const latest = expiry - params.packetMinMs;
  if (latest < Math.max(nowMs, firstMs) + PACKET_PAYMENT_LIFE_MS) return { ok: false, code: "expiry_too_soon" };
  if (expiry - firstMs > params.packetMaxMs) return { ok: false, code: "expiry_too_late" };
  const { total, count } = checked.sum;
  const claimFee = unitFee(params, feeMultiplier, 1, 0);
  const packed = total + claimFee * BigInt(count);
  if (!isAmount(packed)) return { ok: false, code: "total_too_large" };
  const found = coverNotes(wallet, terms, packed, 1 + count);
  if (!found.ok) return found;
  const order: NewPacket = {
    act: "packet",
    ephemeralKey,
    plan,
    gate,
    claimFee: amount(claimFee),
    expiry,
    latest: timeMs(latest),
    text,
    adBlobId: request.adBlobId,
    password,
  };
  return { ok: true, proposal: { ...found.proposal, amount: total, packet: order } };
}

/** A gift for whoever opens its link first (9.1). */
export function proposeGift(wallet: WalletState, terms: PacketTerms, micro: Amount): ProposePacketResult {
  if (micro === 0n) return { ok: false, code: "amount_zero" };
  // Whoever opens it pays the fee of taking it.
  if (micro <= sweepFee(terms)) return { ok: false, code: "gift_below_fee" };
  const found = coverNotes(wallet, terms, micro, 1);
  if (!found.ok) return found;
  return { ok: true, proposal: { ...found.proposal, amount: micro, packet: { act: "gift" } } };
}

/** Turns a gift into two coins of ours: one that a link has led to, or one of our own that nobody has opened. */
export function proposeSweep(wallet: WalletState, terms: PacketTerms, leaf: LeafIndex): ProposePacketResult {
  const balance = walletBalance(wallet);
  if (balance === undefined) return { ok: false, code: "not_ready" };
  const gift = liveNote(wallet, leaf);
  if (gift?.packet?.type !== "gift") return { ok: false, code: "unknown_gift" };
  if (lockedLeaves(wallet).has(leaf)) return { ok: false, code: "packet_busy" };
  const fee = sweepFee(terms);
  if (gift.amount <= fee) return { ok: false, code: "gift_below_fee" };
  const rest = gift.amount - fee;
  const proposal = {
    ...ownProposal(terms),
    amount: amount(rest),
    fee: amount(fee),
    inputs: [leaf],
    change: [amount(rest - rest / 2n), amount(rest / 2n)],
    usableAfter: balance.usable,
    totalAfter: amount(balance.total + rest),
    packet: { act: gift.packet.isOwn ? "gift_back" : "gift_taken" },
  } as const;
  return { ok: true, proposal };
}

/** Closes a packet of ours, free of charge (RP-7). */
export function proposeTakeBack(wallet: WalletState, terms: PacketTerms, leaf: LeafIndex): ProposePacketResult {
  const balance = walletBalance(wallet);
  if (balance === undefined) return { ok: false, code: "not_ready" };
  if (liveNote(wallet, leaf)?.packet?.type !== "packet") return { ok: false, code: "unknown_packet" };
  if (lockedLeaves(wallet).has(leaf)) return { ok: false, code: "packet_busy" };
  const proposal = {
    ...ownProposal(terms),
    // What comes back shows when it is back: others may claim until then.
    amount: amount(0n),
    fee: amount(0n),
    inputs: [leaf],
    change: [],
    usableAfter: balance.usable,
    totalAfter: balance.total,
    packet: { act: "packet_back" },
  } as const;
  return { ok: true, proposal };
}

/** The longest time is counted from the newest block, which is a little before our clock. */
function expiryOf(asked: PacketRequest["expiry"], firstMs: TimeMs, nowMs: TimeMs, packetMaxMs: number): TimeMs {
  if (typeof asked === "number") return asked;
  const { afterMs } = asked;
  return timeMs(
    afterMs > packetMaxMs ? firstMs + afterMs : Math.min(Math.max(firstMs, nowMs) + afterMs, firstMs + packetMaxMs),
  );
}

const isPowBits = (bits: number): boolean => Number.isInteger(bits) && bits >= 1 && bits <= PACKET_POW_BITS_MAX;

/** What it costs to take a gift: one input and two coins. */
const sweepFee = ({ params, feeMultiplier }: PacketTerms): bigint => unitFee(params, feeMultiplier, 2, 1);

function liveNote({ notes }: WalletState, leaf: LeafIndex): Note | undefined {
  const kept = notes.get(leaf);
  return kept === undefined || kept.spent !== undefined ? undefined : kept.note;
}

/** OU-8, OU-12: also of a packet that never became final, since somebody may have seen it. */
function isUsedKey({ notes, payments }: WalletState, ephemeralKey: Uint8Array): boolean {
  const isBuilt = [...payments.values()].some(({ anchorSource }) => equalBytes(anchorSource, ephemeralKey));
  return isBuilt || [...notes.values()].some(({ note }) => equalBytes(note.ephemeralKey, ephemeralKey));
}

/** Notes, fee and change for what is packed; its weight is what it counts in fees without its change (TX-8). */
function coverNotes(
  wallet: WalletState,
  terms: PacketTerms,
  packed: bigint,
  weight: number,
):
  | { readonly ok: true; readonly proposal: Omit<PaymentProposal, "amount" | "packet"> }
  | Extract<ProposePaymentResult, { readonly ok: false }> {
  const balance = walletBalance(wallet);
  if (balance === undefined) return { ok: false, code: "not_ready" };
  const fee = (inputCount: number, changeCount: number): bigint =>
    unitFee(terms.params, terms.feeMultiplier, weight + changeCount, inputCount);
  const usable = usableNotes(wallet).filter((note) => note.amount > 0n);
  const chosen = chooseNotes(usable, (inputCount) => packed + fee(inputCount, 1));
  if (chosen === undefined) {
    const inputCount = Math.min(Math.max(usable.length, 1), TX_INPUTS_MAX);
    return refuse(balance, packed + fee(inputCount, 1));
  }
  const sum = chosen.reduce((total, note) => total + note.amount, 0n);
  const ready = usable.length - chosen.length;
  const { change, paid } = splitChange(sum - packed, (count) => fee(chosen.length, count), ready);
  const proposal = {
    ...ownProposal(terms),
    fee: amount(paid),
    inputs: chosen.map((note) => note.leaf).sort((left, right) => left - right),
    change,
    usableAfter: amount(balance.usable - sum),
    totalAfter: amount(balance.total - packed - paid),
  };
  return { ok: true, proposal };
}

/** It pays nobody that has an address. */
function ownProposal({
  curve,
  view,
  network,
  feeMultiplier,
  nowMs,
}: PacketTerms): Pick<PaymentProposal, "to" | "recipient" | "memo" | "feeMultiplier" | "madeMs"> {
  const recipient = deriveAddress(curve, view, 0);
  return { to: formatAddress(recipient, network), recipient, memo: undefined, feeMultiplier, madeMs: nowMs };
}
