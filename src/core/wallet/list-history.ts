import { formatHex } from "../bytes/hex.ts";
import type { Address } from "../values/address.ts";
import { amount, type Amount } from "../values/amount.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";
import type { KeptNote } from "./note.ts";
import { isTaking, type Payment, type PaymentAct, type PaymentFailure, type PaymentState } from "./payment.ts";
import type { Reward } from "./stake-rewards.ts";
import type { WalletState } from "./wallet-state.ts";

/** One line of history: coins that arrived in one payment, or a payment of ours. */
export interface HistoryEntry {
  /** What it did with a stake of ours, or what was paid for one; undefined: it paid or was paid. */
  readonly act?: PaymentAct | Reward | "share" | "refund";
  /** txid in hex for our payments; `leaf:<n>` of the first coin for what arrived, `pool:<txid>` for what may arrive. */
  readonly id: string;
  readonly direction: "in" | "out";
  readonly amount: Amount;
  readonly fee: Amount;
  readonly state: PaymentState;
  /** Of a failed payment of ours. */
  readonly failure?: PaymentFailure;
  /** The block's time once final, the device's before. */
  readonly timeMs: TimeMs;
  readonly height: Height | undefined;
  /** It came at `timeMs` or before. */
  readonly isTimeBound?: boolean;
  readonly memo: string | undefined;
  /** What somebody calls it; nobody else sees that. */
  readonly label?: string;
  readonly to: Address | undefined;
  /** The failed payment may be proposed again as it was: it has not been made since. */
  readonly canRetry: boolean;
}

const NOTHING: Amount = amount(0n);

/** Newest first: what is still open, with what others have on its way to us, then everything by its time on the chain. */
export function listHistory(
  wallet: WalletState,
  pending: readonly HistoryEntry[] = [],
  rewards: ReadonlyMap<LeafIndex, Reward> = new Map(),
): readonly HistoryEntry[] {
  const own = [...listPayments(wallet), ...listArrivals(wallet, rewards), ...listDrawn(wallet)];
  const rows = [...pending, ...own.map((row) => withLabel(wallet, row))];
  return rows.sort((left, right) => right.timeMs - left.timeMs || compareIds(right.id, left.id));
}

function withLabel({ labels }: WalletState, row: HistoryEntry): HistoryEntry {
  const label = labels.get(row.id)?.text;
  return label === undefined ? row : { ...row, label };
}

function listPayments(wallet: WalletState): HistoryEntry[] {
  const made = newestMade(wallet);
  return [...wallet.payments.values()].map((payment) => ({
    ...(payment.act === undefined ? {} : { act: payment.act }),
    id: formatHex(payment.txid),
    direction: isTaking(payment.act) ? "in" : "out",
    amount: payment.amount,
    fee: payment.fee,
    state: payment.state,
    ...(payment.failure === undefined ? {} : { failure: payment.failure }),
    timeMs: payment.state === "final" && payment.settled !== undefined ? payment.settled.timeMs : payment.createdMs,
    height: payment.state === "final" ? payment.settled?.height : undefined,
    memo: payment.memo,
    to: payment.act === undefined ? payment.to : undefined,
    // While missed blocks are made up for, what looks failed may still turn out to have gone through.
    canRetry:
      payment.state === "failed" &&
      payment.act === undefined &&
      wallet.restore === undefined &&
      (made.get(purposeOf(payment)) ?? -1) < payment.sequence,
  }));
}

/** What a retry repeats. */
const purposeOf = ({ to, amount: value, memo }: Payment): string => JSON.stringify([to, `${value}`, memo ?? ""]);

/** The newest payment of each kind that did not fail: one that failed before it has been made good. */
function newestMade(wallet: WalletState): ReadonlyMap<string, number> {
  const made = new Map<string, number>();
  for (const payment of wallet.payments.values()) {
    if (payment.state === "failed" || payment.act !== undefined) continue;
    const purpose = purposeOf(payment);
    made.set(purpose, Math.max(made.get(purpose) ?? -1, payment.sequence));
  }
  return made;
}

/** External notes of one block under one D came in one payment (OU-6). Change is no arrival. */
function listArrivals(wallet: WalletState, rewards: ReadonlyMap<LeafIndex, Reward>): HistoryEntry[] {
  const groups = new Map<string, KeptNote[]>();
  for (const kept of wallet.notes.values()) {
    if (kept.note.isInternal) continue;
    const key = `${kept.note.height}/${formatHex(kept.note.ephemeralKey)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [kept]);
    else group.push(kept);
  }
  const rows: HistoryEntry[] = [];
  for (const group of groups.values()) {
    const notes = group.map((kept) => kept.note).sort((left, right) => left.leaf - right.leaf);
    const first = notes[0]!;
    const sum = notes.reduce((total, note) => total + note.amount, 0n);
    const memo = notes.find((note) => note.memo !== undefined)?.memo;
    // Empty coins without a word are padding or spam: nothing to tell.
    if (sum === 0n && memo === undefined) continue;
    // A public output is alone in its group (OU-2).
    const act = rewards.get(first.leaf);
    rows.push({
      ...(act === undefined ? {} : { act }),
      id: `leaf:${first.leaf}`,
      direction: "in",
      amount: amount(sum),
      fee: NOTHING,
      state: "final",
      timeMs: first.timeMs,
      height: first.height,
      ...(first.isTimeBound === true ? { isTimeBound: true } : {}),
      memo,
      to: undefined,
      canRetry: false,
    });
  }
  return rows;
}

/** Shares that were drawn for us, and what came back of packets of ours. */
function listDrawn(wallet: WalletState): HistoryEntry[] {
  return [...wallet.notes.values()].flatMap(({ note }): HistoryEntry[] => {
    const { packet, leaf, timeMs, height } = note;
    if (packet?.type !== "share" && packet?.type !== "refund") return [];
    return [
      {
        act: packet.type,
        id: `leaf:${leaf}`,
        direction: "in",
        amount: note.amount,
        fee: NOTHING,
        state: "final",
        timeMs,
        height,
        ...(note.isTimeBound === true ? { isTimeBound: true } : {}),
        memo: undefined,
        to: undefined,
        canRetry: false,
      },
    ];
  });
}

function compareIds(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
