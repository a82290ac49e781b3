import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";
import type { BuiltPayment } from "./built-payment.ts";
import type { KeptNote, Note } from "./note.ts";
import { splitCount } from "./packet-order.ts";
import type { Payment, PaymentFailure } from "./payment.ts";
import type { RestoreBoundary } from "./restore-state.ts";
import { setLabel } from "./label-book.ts";
import { addRequest, cancelRequest, nextAddressIndex } from "./request-book.ts";
import type { ScannedBlock } from "./scanned-block.ts";
import { beginRestore, openAgain, passBlock, stepRestore, type RestoreEvent } from "./step-restore.ts";
import { findProofParts } from "./proof-parts.ts";
import { hasRefund, isUndecided, restoreAfter } from "./missed-blocks.ts";
import type { RequestTerms } from "./own-request.ts";
import type { PaymentProposal } from "./propose-payment.ts";
import { changeStakes } from "./settle-stakes.ts";
import { settleClaims, settledSince, stepClaims, type ClaimEffect, type ClaimEvent } from "./step-claims.ts";
import { passUnopened } from "./unopened-coins.ts";
import { lockedLeaves, pendingPayments, type WalletState } from "./wallet-state.ts";

export type WalletEvent =
  | RestoreEvent
  | ClaimEvent
  /** The chain was first seen: coins of ours can stand in the blocks above `trusted` only. */
  | {
      readonly type: "chain-found";
      readonly trusted: { readonly height: Height; readonly timeMs: TimeMs };
      readonly boundary?: RestoreBoundary | undefined;
    }
  /**
   * The blocks from here to a later boundary can no longer be had. `firstLeaf`: outputs made by the newest block that is
   * scanned.
   */
  | {
      readonly type: "blocks-missed";
      readonly trusted: { readonly height: Height; readonly timeMs: TimeMs };
      readonly boundary: RestoreBoundary;
      readonly firstLeaf: number;
    }
  /** Blocks in order, each right above the one before. Those already known are passed over. */
  | { readonly type: "blocks-scanned"; readonly blocks: readonly ScannedBlock[] }
  /** The person said yes: from now on no other payment may take these notes. */
  | { readonly type: "payment-confirmed"; readonly proposalId: string; readonly inputs: readonly LeafIndex[] }
  | {
      readonly type: "payment-built";
      readonly proposalId: string;
      readonly proposal: PaymentProposal;
      readonly built: BuiltPayment;
      readonly nowMs: TimeMs;
    }
  | { readonly type: "payment-dropped"; readonly proposalId: string }
  /**
   * A link has led to a gift, live in the state at this height (9.1). From here on it can be swept as any note is spent.
   * Nothing happens where the wallet has scanned further: a block since may have spent it, so it has to be looked at anew.
   */
  | { readonly type: "gift-opened"; readonly note: Note; readonly height: Height }
  /** A node took it. */
  | { readonly type: "payment-sent"; readonly txid: Hash }
  | { readonly type: "fresh-address-wanted"; readonly nowMs: TimeMs }
  /** Nothing happens where there is no room for one more. */
  | { readonly type: "request-made"; readonly id: string; readonly terms: RequestTerms; readonly nowMs: TimeMs }
  | { readonly type: "request-cancelled"; readonly id: string; readonly nowMs: TimeMs }
  /** A line of the history is called so from now on; by an empty text, nothing. */
  | { readonly type: "line-labelled"; readonly id: string; readonly text: string }
  | { readonly type: "words-seen" };

/** What others may want to know; the state says everything else. */
export type WalletEffect =
  | ClaimEffect
  | { readonly type: "coins-arrived"; readonly notes: readonly Note[] }
  | { readonly type: "payment-settled"; readonly payment: Payment }
  | { readonly type: "payment-refused"; readonly proposalId: string; readonly code: "funds_changed" }
  | { readonly type: "payment-stored"; readonly proposalId: string; readonly payment: Payment };

/** The wallet's machine: no keys, no clock, no store. Same state and event, same answer. */
export function stepWallet(state: WalletState, event: WalletEvent): readonly [WalletState, readonly WalletEffect[]] {
  switch (event.type) {
    case "chain-found":
      if (state.scanned !== undefined) return [state, []];
      return [findChain(state, event), []];
    case "blocks-missed":
      return [missBlocks(state, event), []];
    case "blocks-scanned":
      return event.blocks.reduce<readonly [WalletState, readonly WalletEffect[]]>(
        ([wallet, effects], block) => {
          const [next, more] = applyBlock(wallet, block);
          return [next, [...effects, ...more]];
        },
        [state, []],
      );
    case "payment-confirmed": {
      if (!areFree(state, event.inputs)) {
        return [state, [{ type: "payment-refused", proposalId: event.proposalId, code: "funds_changed" }]];
      }
      return [{ ...state, reserved: new Map(state.reserved).set(event.proposalId, event.inputs) }, []];
    }
    case "payment-built":
      return storePayment(state, event);
    case "payment-dropped":
      return [release(state, event.proposalId), []];
    case "gift-opened":
      return [keepGift(state, event), []];
    case "payment-sent": {
      const payment = state.payments.get(formatHex(event.txid));
      if (payment?.state !== "queued") return [state, []];
      return [replacePayment(state, { ...payment, state: "sent" }), []];
    }
    case "fresh-address-wanted":
      return [{ ...state, addressIndex: nextAddressIndex(state, event.nowMs) }, []];
    case "request-made":
      return [addRequest(state, event.id, event.terms, event.nowMs), []];
    case "request-cancelled":
      return [cancelRequest(state, event.id, event.nowMs), []];
    case "line-labelled":
      return [setLabel(state, event.id, event.text), []];
    case "words-seen":
      return [state.wordsSeen ? state : { ...state, wordsSeen: true }, []];
    case "claim-built":
    case "claim-sent":
    case "packet-seen":
      return stepClaims(state, event);
    case "restore-birthday-found":
    case "restore-range-scanned":
    case "restore-buckets-opened":
    case "restore-moved": {
      const next = stepRestore(state, event);
      return [next, settledSince(state, next)];
    }
    default:
      return event satisfies never;
  }
}

/** A new wallet has nothing below; one from words looks for its coins in the state there. */
function findChain(state: WalletState, event: Extract<WalletEvent, { type: "chain-found" }>): WalletState {
  const found = { ...state, scanned: event.trusted };
  if (state.restore === undefined) return { ...found, birthday: (event.trusted.height + 1) as Height };
  if (event.boundary === undefined) throw new RangeError("a restore begins at a boundary");
  return beginRestore({ ...found, birthday: 0 as Height }, event.boundary);
}

function missBlocks(state: WalletState, event: Extract<WalletEvent, { type: "blocks-missed" }>): WalletState {
  const restore = restoreAfter(state, event.firstLeaf);
  return beginRestore({ ...state, scanned: event.trusted, restore }, event.boundary);
}

/** A gift of our own is among the notes by itself. */
function keepGift(state: WalletState, { note, height }: Extract<WalletEvent, { type: "gift-opened" }>): WalletState {
  if (note.packet?.type !== "gift") throw new RangeError("no gift");
  if (state.scanned === undefined || state.scanned.height > height || state.notes.has(note.leaf)) return state;
  const notes = new Map(state.notes).set(note.leaf, { sequence: state.notes.size, note, spent: undefined });
  return { ...state, notes };
}

/** Known, unspent, and taken by no other payment. */
function areFree(state: WalletState, leaves: readonly LeafIndex[]): boolean {
  const locked = lockedLeaves(state);
  return leaves.every((leaf) => {
    const kept = state.notes.get(leaf);
    return kept !== undefined && kept.spent === undefined && !locked.has(leaf);
  });
}

function release(state: WalletState, proposalId: string): WalletState {
  if (!state.reserved.has(proposalId)) return state;
  const reserved = new Map(state.reserved);
  reserved.delete(proposalId);
  return { ...state, reserved };
}

/** The signed bytes and the lock come into being in one step, hence in one write. */
function storePayment(
  state: WalletState,
  event: Extract<WalletEvent, { type: "payment-built" }>,
): readonly [WalletState, readonly WalletEffect[]] {
  const { proposalId, proposal, built } = event;
  const free = release(state, proposalId);
  // What has no random part has the id of the try before it, and takes its place in the store.
  const before = free.payments.get(formatHex(built.txid));
  const isTakenUp = before !== undefined && before.state !== "failed";
  if (isTakenUp || !areFree(free, proposal.inputs) || isUsed(free, event))
    return [free, [{ type: "payment-refused", proposalId, code: "funds_changed" }]];
  const payment: Payment = {
    ...actOf(proposal),
    txid: built.txid,
    sequence: before?.sequence ?? state.payments.size,
    createdMs: event.nowMs,
    to: proposal.to,
    amount: proposal.amount,
    fee: amount(proposal.fee + claimFees(proposal)),
    memo: proposal.memo,
    inputs: proposal.inputs,
    outputs: built.outputs,
    notAfter: built.notAfter,
    anchorSource: built.anchorSource,
    state: "queued",
    failure: undefined,
    settled: undefined,
    proofParts: undefined,
    transaction: built.transaction,
  };
  return [replacePayment(free, payment), [{ type: "payment-stored", proposalId, payment }]];
}

function actOf({ stake, packet }: PaymentProposal): Pick<Payment, "act"> {
  const act = stake?.act ?? packet?.act;
  return act === undefined ? {} : { act };
}

/** What a packet sets aside for its claims goes out with it, like a fee; that of shares nobody claims comes back (RP-7). */
function claimFees({ packet }: PaymentProposal): bigint {
  return packet?.act === "packet" ? packet.claimFee * BigInt(splitCount(packet.plan)) : 0n;
}

/** OU-8, OU-12: a stake, a packet or a gift was built under the same D before, whatever became of it. */
function isUsed(wallet: WalletState, { built }: Extract<WalletEvent, { type: "payment-built" }>): boolean {
  return [...wallet.payments.values()].some(({ act, anchorSource }) => {
    const hasOwnKey = act === "stake" || act === "packet" || act === "gift";
    return hasOwnKey && equalBytes(anchorSource, built.anchorSource);
  });
}

function replacePayment(state: WalletState, payment: Payment): WalletState {
  return { ...state, payments: new Map(state.payments).set(formatHex(payment.txid), payment) };
}

/** One block: payments settle first, so that spent notes learn which payment of ours took them. */
function applyBlock(state: WalletState, block: ScannedBlock): readonly [WalletState, readonly WalletEffect[]] {
  if (state.scanned === undefined) throw new RangeError("block before the chain was found");
  if (block.height <= state.scanned.height) return [state, []];
  if (block.height !== state.scanned.height + 1)
    throw new RangeError(`block ${block.height} after ${state.scanned.height}`);
  const [decided, effects] = settlePayments(state, block);
  const { wallet: settled, settled: unbonds } = changeStakes(decided, block.changed ?? [], block);
  const [claimed, claimEffects] = settleClaims(settled, block);
  const { notes, arrived } = updateNotes(claimed, block);
  const used = arrived.reduce((max, note) => Math.max(max, note.addressIndex), claimed.addressUsedMax);
  const passed: WalletState = {
    ...claimed,
    notes,
    addressUsedMax: used,
    unopened: passUnopened(claimed.unopened, block),
    restore: claimed.restore && passBlock(claimed.restore, block),
    scanned: { height: block.height, timeMs: block.timeMs },
  };
  const next = block.boundary === undefined ? passed : openAgain(passed, block.boundary);
  const told: WalletEffect[] = unbonds.map((payment) => ({ type: "payment-settled", payment }));
  if (arrived.length > 0) told.push({ type: "coins-arrived", notes: arrived });
  return [next, [...effects, ...claimEffects, ...told]];
}

/**
 * Inputs gone together with all our outputs there, or with the refund that a take-back is for: final. Inputs gone
 * otherwise: something else took them, for good. A
 * block later than not_after with the inputs still there: the next block's parent is too late already (TX-2), so it
 * can never become final and the coins are free again.
 */
function settlePayments(state: WalletState, block: ScannedBlock): readonly [WalletState, readonly WalletEffect[]] {
  const pending = pendingPayments(state);
  if (pending.length === 0) return [state, []];
  const spent = new Set(block.spent);
  const made = new Set(block.outputHashes.map(formatHex));
  let next = state;
  const effects: WalletEffect[] = [];
  const settle = (payment: Payment, outcome: "final" | PaymentFailure): void => {
    const isFinal = outcome === "final";
    const done: Payment = {
      ...payment,
      state: isFinal ? "final" : "failed",
      failure: isFinal ? undefined : outcome,
      settled: { height: block.height, timeMs: block.timeMs },
      proofParts: isFinal && payment.act === undefined ? findProofParts(payment, block) : undefined,
      transaction: undefined,
    };
    next = replacePayment(next, done);
    effects.push({ type: "payment-settled", payment: done });
  };
  for (const payment of pending) {
    if (payment.inputs.some((leaf) => spent.has(leaf))) {
      const isOurs =
        payment.inputs.every((leaf) => spent.has(leaf)) &&
        payment.outputs.every((output) => made.has(formatHex(output.outputHash))) &&
        (payment.act !== "packet_back" || hasRefund(payment, block.notes));
      settle(payment, isOurs ? "final" : "conflict");
    } else if (block.timeMs > payment.notAfter && !isUndecided(next, payment)) {
      settle(payment, "expired");
    }
  }
  return [next, effects];
}

function updateNotes(
  state: WalletState,
  block: ScannedBlock,
): { readonly notes: WalletState["notes"]; readonly arrived: readonly Note[] } {
  const gone = block.spent.filter((leaf) => state.notes.get(leaf)?.spent === undefined && state.notes.has(leaf));
  const arrived = block.notes.filter((note) => !state.notes.has(note.leaf));
  if (gone.length === 0 && arrived.length === 0) return { notes: state.notes, arrived };
  const notes = new Map<LeafIndex, KeptNote>(state.notes);
  for (const leaf of gone) {
    const spent = { height: block.height, timeMs: block.timeMs, txid: spenderOf(state, leaf, block.height) };
    notes.set(leaf, { ...notes.get(leaf)!, spent });
  }
  for (const note of arrived) notes.set(note.leaf, { sequence: notes.size, note, spent: undefined });
  return { notes, arrived };
}

/** The own payment that became final in this block and took this leaf. */
function spenderOf(state: WalletState, leaf: LeafIndex, height: Height): Hash | undefined {
  for (const payment of state.payments.values()) {
    if (payment.state === "final" && payment.settled?.height === height && payment.inputs.includes(leaf)) {
      return payment.txid;
    }
  }
  return undefined;
}
