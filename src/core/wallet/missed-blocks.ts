import { formatHex } from "../bytes/hex.ts";
import type { LeafIndex } from "../values/height.ts";
import type { KeptNote, Note, NoteSpent } from "./note.ts";
import { isPending, type Payment } from "./payment.ts";
import {
  areRangesRead,
  isUnread,
  RESTORE_RANGE_LEAVES,
  startRestore,
  type RestoreBoundary,
  type RestoreState,
} from "./restore-state.ts";
import { lockedLeaves, pendingPayments, type WalletState } from "./wallet-state.ts";

/**
 * A wallet that slept so long that no node has the blocks since: its coins are looked for in the state, as after a
 * restore. Everything new has a number from `firstLeaf` on, and what it had is below: so ranges are read from its oldest
 * unspent coin on, or the oldest that could not be opened yet. What came and went in between, memos that nodes have dropped
 * and exact times are lost. A restore that it was in the middle of begins again: it does not know what lies in the ranges
 * below.
 */
export function restoreAfter(wallet: WalletState, firstLeaf: number): RestoreState {
  const { restore } = wallet;
  if (restore !== undefined && !areRangesRead(restore)) {
    return { ...startRestore(restore.birthdayMs), firstRange: restore.firstRange };
  }
  const unopened = [...(restore?.hits ?? []), ...wallet.unopened.keys()];
  const lowest = unopened.reduce<number>(
    (min, leaf) => Math.min(min, leaf),
    Math.min(firstLeaf, lowestUnspent(wallet)),
  );
  return { ...startRestore(undefined), firstRange: Math.floor(lowest / RESTORE_RANGE_LEAVES) };
}

/**
 * Number of the oldest coin that is not known to be spent. A gift that somebody else made may be as old as the chain, and
 * its link leads to it at any time: it is not waited for, unless we are just taking it.
 */
export function lowestUnspent(wallet: WalletState): number {
  const locked = lockedLeaves(wallet);
  let lowest = Infinity;
  for (const { note, spent } of wallet.notes.values()) {
    const { leaf, packet } = note;
    const isWaitedFor = packet?.type !== "gift" || packet.isOwn || locked.has(leaf);
    if (spent === undefined && isWaitedFor) lowest = Math.min(lowest, leaf);
  }
  return lowest;
}

/** A range was read at a boundary: what of ours is in it without being among its live outputs has been spent. */
export function loseSpent(
  wallet: WalletState,
  range: number,
  live: ReadonlySet<LeafIndex>,
  boundary: RestoreBoundary,
): WalletState {
  const first = range * RESTORE_RANGE_LEAVES;
  const end = Math.min(first + RESTORE_RANGE_LEAVES, boundary.nextLeaf);
  const gone = [...wallet.notes.values()].filter(({ note, spent }) => {
    return spent === undefined && note.leaf >= first && note.leaf < end && !live.has(note.leaf);
  });
  if (gone.length === 0) return wallet;
  const notes = new Map<LeafIndex, KeptNote>(wallet.notes);
  for (const kept of gone) {
    const txid = finalSpender(wallet.payments, kept.note.leaf)?.txid;
    notes.set(kept.note.leaf, { ...kept, spent: { height: boundary.height, timeMs: boundary.timeMs, txid } });
  }
  return { ...wallet, notes };
}

/**
 * A payment of ours all of whose coins are spent, by nothing that we know of, has gone through, as far as anybody can
 * tell without the blocks; but if it has change for us, that is waited for ({@link settleByOutputs}). One coin that is
 * still there says that something else took the others. And so it is with a payment that was made after the boundary, by
 * this device's clock: another device was faster. If the clock was wrong, settleByOutputs corrects it.
 */
export function settleByInputs(wallet: WalletState, boundary: RestoreBoundary): WalletState {
  const at = { height: boundary.height, timeMs: boundary.timeMs };
  let next = wallet;
  for (const payment of pendingPayments(wallet)) {
    const inputs = payment.inputs.map((leaf) => next.notes.get(leaf)?.spent);
    if (inputs.every((spent) => spent === undefined)) continue;
    const isLost = payment.createdMs > boundary.timeMs || inputs.some((spent) => spent?.txid !== undefined);
    if (!isLost && isUndecided(next, payment)) continue;
    next = isLost || inputs.includes(undefined) ? makeConflict(next, payment, at) : makeFinal(next, payment, at);
  }
  return next;
}

/**
 * Everything was read and opened: a payment whose coins are gone and whose change was nowhere has failed. Another device
 * has brought that about: it was faster, or, which takes more, the payment went through and it has spent the change.
 */
export function settleAtEnd(wallet: WalletState, boundary: RestoreBoundary): WalletState {
  const at = { height: boundary.height, timeMs: boundary.timeMs };
  return pendingPayments(wallet)
    .filter((payment) => isGone(wallet, payment))
    .reduce((next, payment) => makeConflict(next, payment, at), wallet);
}

/**
 * Coins were found in the state: a payment of ours that made one of them has gone through, whatever was thought of it
 * before, and what it spent is gone, though the ranges that show it may not have been read yet.
 */
export function settleByOutputs(wallet: WalletState, found: readonly Note[], at: Omit<NoteSpent, "txid">): WalletState {
  const hashes = new Set(found.map((note) => formatHex(note.outputHash)));
  const done = [...wallet.payments.values()].filter((payment) => {
    if (payment.act === "packet_back") return isPending(payment) && hasRefund(payment, found);
    return payment.state !== "final" && payment.outputs.some(({ outputHash }) => hashes.has(formatHex(outputHash)));
  });
  return done.reduce((next, payment) => makeFinal(next, payment, at), wallet);
}

/**
 * Whether a take-back of ours has brought what was left of its packet. A packet that was paid out to the last share, or
 * whose rest is still to come, has ended or lives without it.
 */
export function hasRefund({ inputs }: Payment, notes: readonly Note[]): boolean {
  return notes.some(({ packet }) => packet?.type === "refund" && packet.packetLeaf === inputs[0]);
}

function makeConflict(wallet: WalletState, payment: Payment, at: Omit<NoteSpent, "txid">): WalletState {
  const failed = { state: "failed", failure: "conflict", settled: at, transaction: undefined } as const;
  return { ...wallet, payments: new Map(wallet.payments).set(formatHex(payment.txid), { ...payment, ...failed }) };
}

function makeFinal(wallet: WalletState, payment: Payment, at: Omit<NoteSpent, "txid">): WalletState {
  const notes = new Map<LeafIndex, KeptNote>(wallet.notes);
  for (const leaf of payment.inputs) {
    const kept = notes.get(leaf);
    if (kept !== undefined) notes.set(leaf, { ...kept, spent: { ...(kept.spent ?? at), txid: payment.txid } });
  }
  const settled = { state: "final", failure: undefined, settled: at, transaction: undefined } as const;
  const payments = new Map(wallet.payments).set(formatHex(payment.txid), { ...payment, ...settled });
  return { ...wallet, notes, payments };
}

function finalSpender(payments: ReadonlyMap<string, Payment>, leaf: LeafIndex): Payment | undefined {
  return [...payments.values()].find(({ state, inputs }) => state === "final" && inputs.includes(leaf));
}

/**
 * Whether the ranges that hold a payment's inputs are still to be read, or its inputs are gone and its change may still be
 * found: until then its end of time decides nothing.
 */
export function isUndecided(wallet: WalletState, payment: Payment): boolean {
  const { restore } = wallet;
  if (restore?.boundary === undefined) return false;
  const brings = payment.act === "packet_back" || payment.outputs.some(({ isOwn }) => isOwn);
  const waitsForChange = isGone(wallet, payment) && brings;
  return waitsForChange || payment.inputs.some((leaf) => isUnread(restore, leaf));
}

function isGone({ notes }: WalletState, payment: Payment): boolean {
  return payment.inputs.every((leaf) => notes.get(leaf)?.spent !== undefined);
}
