import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { readAmount } from "./note.ts";
import type { RecordChanges } from "./stored-record.ts";
import { walletBalance, type WalletBalance, type WalletState } from "./wallet-state.ts";

/** Of the record, alone in its row: the page reads that row and no other. */
export const SHOWN_KEY = "shown";

const RECORD_VERSION = 1;
const FLAG_WORDS_SEEN = 1;
const FLAG_RESTORED = 2;

/**
 * What a page shows of a wallet while its client is being opened. It follows from the other records and is written with
 * them; nothing is ever decided by it.
 */
export interface ShownWallet {
  readonly balance: WalletBalance;
  readonly wordsSeen: boolean;
  readonly isRestored: boolean;
}

/** undefined until the balance is known, and while a restore changes it. */
export function shownWallet(wallet: WalletState): ShownWallet | undefined {
  const balance = wallet.restore === undefined ? walletBalance(wallet) : undefined;
  return balance && { balance, wordsSeen: wallet.wordsSeen, isRestored: wallet.isRestored };
}

/** 18 bytes: `u8 version ‖ u8 flags ‖ total u64 ‖ usable u64`, µSTG. */
export function encodeShown({ balance, wordsSeen, isRestored }: ShownWallet): Uint8Array {
  const flags = (wordsSeen ? FLAG_WORDS_SEEN : 0) | (isRestored ? FLAG_RESTORED : 0);
  return new Writer(18).u8(RECORD_VERSION).u8(flags).u64(balance.total).u64(balance.usable).finish();
}

/** The inverse of {@link encodeShown}. Throws DecodeError. */
export function decodeShown(bytes: Uint8Array): ShownWallet {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== RECORD_VERSION) throw new DecodeError(`record version ${version}`);
    const flags = reader.u8();
    if (flags > (FLAG_WORDS_SEEN | FLAG_RESTORED)) throw new DecodeError(`flags ${flags}`);
    const balance = { total: readAmount(reader), usable: readAmount(reader) };
    const seen = { wordsSeen: (flags & FLAG_WORDS_SEEN) !== 0, isRestored: (flags & FLAG_RESTORED) !== 0 };
    return { balance, ...seen };
  });
}

/** The record that follows from another state, where it is another. */
export function diffShown(before: WalletState | undefined, after: WalletState): RecordChanges {
  if (before !== undefined && isSame(before, after)) return NONE;
  const shown = shownWallet(after);
  if (shown === undefined) return { puts: [], deletes: before === undefined ? [] : [SHOWN_KEY] };
  return { puts: [{ key: SHOWN_KEY, bytes: encodeShown(shown) }], deletes: [] };
}

const NONE: RecordChanges = { puts: [], deletes: [] };

/** Of everything that a balance follows from: summing thousands of notes with every block would be felt. */
function isSame(before: WalletState, after: WalletState): boolean {
  const isCounted = (before.scanned === undefined) === (after.scanned === undefined);
  const isSeen = before.wordsSeen === after.wordsSeen && before.isRestored === after.isRestored;
  const hasSameCoins = before.notes === after.notes && before.payments === after.payments;
  return isCounted && isSeen && hasSameCoins && before.restore === after.restore;
}
