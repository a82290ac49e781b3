import { amount, AMOUNT_LIMIT, type Amount } from "../values/amount.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";
import type { Label } from "./label.ts";
import { isCoinNote, type KeptNote, type Note } from "./note.ts";
import type { PacketClaim } from "./packet-claim.ts";
import { isUnread, type RestoreState } from "./restore-state.ts";
import type { OwnRequest } from "./own-request.ts";
import { isPending, type Payment } from "./payment.ts";
import { isStakeNote, type StakeNote } from "./stake-state.ts";
import { ADDRESS_LOOKAHEAD } from "./subaddress-table.ts";
import { NO_UNOPENED, type UnopenedCoins } from "./unopened-coins.ts";

/** The wallet as a value. It holds no secret key: those come to a worker for one job (architecture, threads). */
export interface WalletState {
  readonly account: number;
  /** First height whose blocks can hold coins of ours (AD-1); undefined until the chain was first seen. */
  readonly birthday: Height | undefined;
  /** Everything up to this block is in `notes`. undefined: balance unknown, never 0. */
  readonly scanned: { readonly height: Height; readonly timeMs: TimeMs } | undefined;
  /** j of the address shown now; only grows (AD-7). */
  readonly addressIndex: number;
  /** Highest j that has received coins. */
  readonly addressUsedMax: number;
  /** The person has seen the recovery words. */
  readonly wordsSeen: boolean;
  /** Made from keys that were there before: what they paid earlier is not known here. */
  readonly isRestored: boolean;
  readonly notes: ReadonlyMap<LeafIndex, KeptNote>;
  /** Keyed by txid in hex. */
  readonly payments: ReadonlyMap<string, Payment>;
  /** What this device asks others to pay, by id, oldest first (AD-9). */
  readonly requests: ReadonlyMap<string, OwnRequest>;
  /** What somebody calls lines of the history, by their ids. */
  readonly labels: ReadonlyMap<string, Label>;
  /** What this device claims from red packets of others, by the leaf of the packet. */
  readonly claims: ReadonlyMap<LeafIndex, PacketClaim>;
  /** Drawn coins that may be ours, and whose packet is still to be seen. */
  readonly unopened: UnopenedCoins;
  /** undefined: no restore is running. */
  readonly restore: RestoreState | undefined;
  /**
   * Notes of payments being built right now, by proposal. In memory only: before the signed bytes are stored nothing
   * has happened, so a restart forgets them.
   */
  readonly reserved: ReadonlyMap<string, readonly LeafIndex[]>;
}

export const EMPTY_WALLET: WalletState = {
  account: 0,
  birthday: undefined,
  scanned: undefined,
  addressIndex: 0,
  addressUsedMax: 0,
  wordsSeen: false,
  isRestored: false,
  notes: new Map(),
  payments: new Map(),
  requests: new Map(),
  labels: new Map(),
  claims: new Map(),
  unopened: NO_UNOPENED,
  restore: undefined,
  reserved: new Map(),
};

/** One number for the person, and what a payment may take now. */
export interface WalletBalance {
  readonly total: Amount;
  readonly usable: Amount;
}

/** Addresses a scan must know: 64 past the highest used or shown (AD-7). */
export function addressCount(wallet: WalletState): number {
  return Math.max(wallet.addressIndex, wallet.addressUsedMax) + 1 + ADDRESS_LOOKAHEAD;
}

/** Queued and sent payments, oldest first. */
export function pendingPayments(wallet: WalletState): readonly Payment[] {
  return [...wallet.payments.values()].filter(isPending).sort((left, right) => left.sequence - right.sequence);
}

/** Claims that no block has taken yet, as far as anybody knows, oldest first. */
export function claimsToSend({ claims }: WalletState): readonly PacketClaim[] {
  const open = [...claims.values()].filter(({ state }) => state === "made" || state === "sent");
  return open.sort((left, right) => left.sequence - right.sequence);
}

/** Leaves that a payment of ours already spends, or is about to. */
export function lockedLeaves(wallet: WalletState): ReadonlySet<LeafIndex> {
  const locked = new Set<LeafIndex>();
  for (const payment of pendingPayments(wallet)) for (const leaf of payment.inputs) locked.add(leaf);
  for (const leaves of wallet.reserved.values()) for (const leaf of leaves) locked.add(leaf);
  return locked;
}

/**
 * Notes a payment may take now, oldest first. Where blocks were missed, another device may have spent a note before its
 * range is read: a payment that took it would be refused, or be taken for the other's.
 */
export function usableNotes(wallet: WalletState): readonly Note[] {
  const { restore } = wallet;
  return freeNotes(wallet).filter(({ leaf }) => restore === undefined || !isUnread(restore, leaf));
}

/** Coins that no payment takes, oldest first, also those that may be gone. A stake is none, also not a released one, nor is a gift. */
function freeNotes(wallet: WalletState): readonly Note[] {
  const locked = lockedLeaves(wallet);
  const free: Note[] = [];
  for (const { note, spent } of wallet.notes.values())
    if (spent === undefined && !locked.has(note.leaf) && isCoinNote(note)) free.push(note);
  return free.sort((left, right) => left.leaf - right.leaf);
}

/** Stakes that are not withdrawn, oldest first. */
export function liveStakes(wallet: WalletState): readonly StakeNote[] {
  const stakes = [...wallet.notes.values()].flatMap(({ note, spent }) => {
    return spent === undefined && isStakeNote(note) ? [note] : [];
  });
  return stakes.sort((left, right) => left.leaf - right.leaf);
}

/** Does this wallet know of a stake, present or past? Of one withdrawn before a restore it does not. */
export function hasStaked({ notes }: WalletState): boolean {
  return [...notes.values()].some(({ note }) => isStakeNote(note));
}

/** Own outputs of payments that are not final yet. */
export function expectedChange(wallet: WalletState): Amount {
  let sum = 0n;
  for (const payment of pendingPayments(wallet)) {
    for (const output of payment.outputs) if (output.isOwn) sum += output.amount;
  }
  return boundedAmount(sum);
}

/**
 * undefined until the first verified block (principle 2 of the product: never 0 while checking). The total falls only
 * by the person's own act: locked notes leave it together with the arrival of the change they are expected to give.
 */
export function walletBalance(wallet: WalletState): WalletBalance | undefined {
  if (wallet.scanned === undefined) return undefined;
  const sumOf = (notes: readonly Note[]): bigint => notes.reduce((sum, note) => sum + note.amount, 0n);
  const usable = sumOf(usableNotes(wallet));
  // While a payment is being built its notes still count as a whole, unless another device spends one meanwhile.
  let building = 0n;
  for (const leaf of [...wallet.reserved.values()].flat()) {
    const kept = wallet.notes.get(leaf);
    if (kept !== undefined && kept.spent === undefined && isCoinNote(kept.note)) building += kept.note.amount;
  }
  return {
    total: boundedAmount(sumOf(freeNotes(wallet)) + building + expectedChange(wallet)),
    usable: boundedAmount(usable),
  };
}

/** All coins there are stay below 2^53 (EN-1), so this never cuts anything on an honest chain. */
function boundedAmount(micro: bigint): Amount {
  return amount(micro < AMOUNT_LIMIT ? micro : AMOUNT_LIMIT - 1n);
}
