import { DecodeError, tryDecode, type Decoded } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import type { LeafIndex } from "../values/height.ts";
import { readHeight, readNote, readTime, writeNote, type KeptNote } from "./note.ts";
import { diffLabels, isLabelRecord, readLabels } from "./label-records.ts";
import { diffRequests, isRequestRecord, readRequests } from "./own-request-records.ts";
import { diffClaims, isClaimRecord, readClaims } from "./packet-claim-records.ts";
import { PAYMENT_VERSION, readPayment, writePayment } from "./payment-record.ts";
import type { Payment } from "./payment.ts";
import { diffRestore, isRestoreRecord, readRestore, RESTORE_KEY, RESTORE_VERSION } from "./restore-records.ts";
import { isStakeNote } from "./stake-state.ts";
import { diffUnopened, readUnopened, UNOPENED_KEY } from "./unopened-records.ts";
import { EMPTY_WALLET, type WalletState } from "./wallet-state.ts";
import type { RecordChanges, StoredRecord } from "./stored-record.ts";
import { formatHex } from "../bytes/hex.ts";

const RECORD_VERSION = 1;
/** Of notes among which there is a stake: an older app would take it for a coin. */
const STAKES_VERSION = 2;
/** Of notes among which there is one with its anchor. */
const ANCHORS_VERSION = 3;
/** Of notes among which there is one of a red packet. */
const PACKETS_VERSION = 4;
/** Of counts among which there is one of claims. */
const CLAIMS_VERSION = 2;
const META_KEY = "wallet";
/** How many notes, payments and claims there are: without it nobody would miss the last ones. */
const COUNTS_KEY = "wallet-counts";
const NOTES_PREFIX = "notes/";
const PAYMENT_PREFIX = "payment/";
/** Names them all where one is damaged. */
const REQUESTS_NAME = "request/";
const CLAIMS_NAME = "claim/";
const LABELS_NAME = "label/";
/** Notes in one record: few enough to rewrite when one is spent, enough that a large wallet loads in few reads. */
export const NOTES_PER_RECORD = 64;
/** Length of a sequence number in a key, so that keys sort as numbers do. */
const KEY_DIGITS = 9;

const NOTHING = new Uint8Array(0);

const FLAG_BIRTHDAY = 1;
const FLAG_SCANNED = 2;
const FLAG_WORDS_SEEN = 4;
const FLAG_RESTORED = 8;

const numbered = (prefix: string, value: number): string => prefix + value.toString().padStart(KEY_DIGITS, "0");

/** True for the keys this module owns. */
export function isWalletRecord(key: string): boolean {
  const isSingle = key === META_KEY || key === COUNTS_KEY || key === UNOPENED_KEY;
  if (isSingle || isRestoreRecord(key) || isRequestRecord(key) || isClaimRecord(key) || isLabelRecord(key)) return true;
  return key.startsWith(NOTES_PREFIX) || key.startsWith(PAYMENT_PREFIX);
}

export function encodeWalletMeta(wallet: WalletState): Uint8Array {
  const flags =
    (wallet.birthday === undefined ? 0 : FLAG_BIRTHDAY) |
    (wallet.scanned === undefined ? 0 : FLAG_SCANNED) |
    (wallet.wordsSeen ? FLAG_WORDS_SEEN : 0) |
    (wallet.isRestored ? FLAG_RESTORED : 0);
  const writer = new Writer(64).u8(RECORD_VERSION).u8(flags).u32(wallet.account);
  writer.u32(wallet.addressIndex).u32(wallet.addressUsedMax);
  if (wallet.birthday !== undefined) writer.u64(wallet.birthday);
  if (wallet.scanned !== undefined) writer.u64(wallet.scanned.height).u64(wallet.scanned.timeMs);
  return writer.finish();
}

export function decodeWalletMeta(bytes: Uint8Array): WalletState {
  return decodeWhole(bytes, (reader) => {
    readVersion(reader);
    const flags = reader.u8();
    if (flags > (FLAG_BIRTHDAY | FLAG_SCANNED | FLAG_WORDS_SEEN | FLAG_RESTORED))
      throw new DecodeError(`wallet flags ${flags}`);
    const head = { account: reader.u32(), addressIndex: reader.u32(), addressUsedMax: reader.u32() };
    const birthday = (flags & FLAG_BIRTHDAY) === 0 ? undefined : readHeight(reader);
    const scanned = (flags & FLAG_SCANNED) === 0 ? undefined : { height: readHeight(reader), timeMs: readTime(reader) };
    const seen = { wordsSeen: (flags & FLAG_WORDS_SEEN) !== 0, isRestored: (flags & FLAG_RESTORED) !== 0 };
    return { ...EMPTY_WALLET, ...head, birthday, scanned, ...seen };
  });
}

/** What a wallet's other records hold in all. */
export interface WalletCounts {
  readonly notes: number;
  readonly payments: number;
  readonly claims: number;
}

export function encodeCounts({ notes, payments, claims }: WalletCounts): Uint8Array {
  const writer = new Writer(13)
    .u8(claims === 0 ? RECORD_VERSION : CLAIMS_VERSION)
    .u32(notes)
    .u32(payments);
  return (claims === 0 ? writer : writer.u32(claims)).finish();
}

export function decodeCounts(bytes: Uint8Array): WalletCounts {
  return decodeWhole(bytes, (reader) => {
    const version = readVersion(reader, CLAIMS_VERSION);
    const head = { notes: reader.u32(), payments: reader.u32() };
    const claims = version === CLAIMS_VERSION ? reader.u32() : 0;
    if (version === CLAIMS_VERSION && claims === 0) throw new DecodeError("no claims");
    return { ...head, claims };
  });
}

/** Up to {@link NOTES_PER_RECORD} notes that were found one after the other; the first one's number is a multiple of it. */
export function encodeNotes(notes: readonly KeptNote[]): Uint8Array {
  const writer = new Writer(256 * notes.length)
    .u8(notesVersion(notes))
    .u32(notes[0]?.sequence ?? 0)
    .u8(notes.length);
  return writer.list(notes, writeNote).finish();
}

function notesVersion(notes: readonly KeptNote[]): number {
  if (notes.some(({ note }) => note.packet !== undefined)) return PACKETS_VERSION;
  if (notes.some(({ note }) => note.anchor !== undefined)) return ANCHORS_VERSION;
  return notes.some(({ note }) => isStakeNote(note)) ? STAKES_VERSION : RECORD_VERSION;
}

export function decodeNotes(bytes: Uint8Array): readonly KeptNote[] {
  return decodeWhole(bytes, (reader) => {
    const version = readVersion(reader, PACKETS_VERSION);
    const first = reader.u32();
    if (first % NOTES_PER_RECORD !== 0) throw new DecodeError(`notes from ${first}`);
    const count = reader.u8();
    if (count === 0) throw new DecodeError("record without notes");
    let sequence = first;
    const notes = reader.list(count, NOTES_PER_RECORD, (from) => readNote(from, sequence++));
    if (notesVersion(notes) !== version) throw new DecodeError(`record version ${version} of other notes`);
    return notes;
  });
}

export function encodePayment(payment: Payment): Uint8Array {
  const writer = new Writer(4096);
  writePayment(writer, payment);
  return writer.finish();
}

export function decodePayment(bytes: Uint8Array): Payment {
  return decodeWhole(bytes, readPayment);
}

/** The records that differ between two states; what was read at a start counts as the first. */
export function diffWallet(before: WalletState | undefined, after: WalletState): RecordChanges {
  if (before === after) return { puts: [], deletes: [] };
  const puts: StoredRecord[] = [];
  const meta = encodeWalletMeta(after);
  if (before === undefined || formatHex(encodeWalletMeta(before)) !== formatHex(meta)) {
    puts.push({ key: META_KEY, bytes: meta });
  }
  if (before?.notes !== after.notes) puts.push(...changedNotes(before?.notes, after.notes));
  if (before?.payments !== after.payments) {
    for (const [txid, payment] of after.payments) {
      if (before?.payments.get(txid) === payment) continue;
      puts.push({ key: numbered(PAYMENT_PREFIX, payment.sequence), bytes: encodePayment(payment) });
    }
  }
  const counts = countsOf(after);
  if (before === undefined || formatHex(encodeCounts(countsOf(before))) !== formatHex(encodeCounts(counts))) {
    puts.push({ key: COUNTS_KEY, bytes: encodeCounts(counts) });
  }
  const restore = diffRestore(before?.restore, after.restore);
  const requests = diffRequests(before?.requests, after.requests);
  const labels = diffLabels(before?.labels, after.labels);
  const claims = diffClaims(before?.claims, after.claims);
  const unopened = diffUnopened(before?.unopened, after.unopened);
  return {
    puts: [...puts, ...restore.puts, ...requests.puts, ...labels.puts, ...claims.puts, ...unopened.puts],
    deletes: [...restore.deletes, ...requests.deletes, ...labels.deletes, ...unopened.deletes],
  };
}

function countsOf({ notes, payments, claims }: WalletState): WalletCounts {
  return { notes: notes.size, payments: payments.size, claims: claims.size };
}

function changedNotes(
  before: ReadonlyMap<LeafIndex, KeptNote> | undefined,
  after: ReadonlyMap<LeafIndex, KeptNote>,
): StoredRecord[] {
  const packs = new Map<number, KeptNote[]>();
  const changed = new Set<number>();
  for (const [leaf, kept] of after) {
    const pack = Math.floor(kept.sequence / NOTES_PER_RECORD);
    const members = packs.get(pack);
    if (members === undefined) packs.set(pack, [kept]);
    else members.push(kept);
    if (before?.get(leaf) !== kept) changed.add(pack);
  }
  return [...changed].map((pack) => {
    const members = packs.get(pack)!.sort((left, right) => left.sequence - right.sequence);
    return { key: numbered(NOTES_PREFIX, pack), bytes: encodeNotes(members) };
  });
}

/** The wallet of a store; `value` undefined on a device that has none. Never throws, whatever the records hold. */
export function restoreWallet(
  records: readonly StoredRecord[],
): Decoded<WalletState | undefined> & { readonly key?: string } {
  let wallet: WalletState | undefined;
  // An older app kept none; then only what lies in between can be missed.
  let counts: WalletCounts | undefined;
  const notes: KeptNote[] = [];
  const payments: Payment[] = [];
  for (const { key, bytes } of records) {
    const decoded = tryDecode(() => {
      if (key === META_KEY) wallet = decodeWalletMeta(bytes);
      else if (key === COUNTS_KEY) counts = decodeCounts(bytes);
      else if (key.startsWith(NOTES_PREFIX)) notes.push(...decodeNotes(bytes));
      else if (key.startsWith(PAYMENT_PREFIX)) payments.push(decodePayment(bytes));
    }, bytes);
    if (!decoded.ok) return { ...decoded, key };
  }
  const restore = tryDecode(() => readRestore(records), NOTHING);
  if (!restore.ok) return { ...restore, key: RESTORE_KEY };
  const requests = tryDecode(() => readRequests(records), NOTHING);
  if (!requests.ok) return { ...requests, key: REQUESTS_NAME };
  const labels = tryDecode(() => readLabels(records), NOTHING);
  if (!labels.ok) return { ...labels, key: LABELS_NAME };
  const claims = tryDecode(() => readClaims(records), NOTHING);
  if (!claims.ok) return { ...claims, key: CLAIMS_NAME };
  const unopened = tryDecode(() => readUnopened(records), NOTHING);
  if (!unopened.ok) return { ...unopened, key: UNOPENED_KEY };
  if (wallet === undefined) {
    if (restore.value !== undefined) return { ok: false, reason: "a restore without a wallet", key: RESTORE_KEY };
    if (notes.length + payments.length + claims.value.size > 0 || counts !== undefined)
      return { ok: false, reason: "notes without a wallet", key: META_KEY };
    return { ok: true, value: undefined };
  }
  notes.sort((left, right) => left.sequence - right.sequence);
  if (notes.some((kept, index) => kept.sequence !== index) || isOther(counts?.notes, notes.length))
    return { ok: false, reason: "notes missing", key: NOTES_PREFIX };
  payments.sort((left, right) => left.sequence - right.sequence);
  // A lost one may still be on its way: without its lock its notes would be paid out a second time.
  if (payments.some((payment, index) => payment.sequence !== index) || isOther(counts?.payments, payments.length))
    return { ok: false, reason: "payments missing", key: PAYMENT_PREFIX };
  // Without it its link would be claimed from once more.
  if (isOther(counts?.claims, claims.value.size)) return { ok: false, reason: "claims missing", key: CLAIMS_NAME };
  return {
    ok: true,
    value: {
      ...wallet,
      restore: restore.value,
      requests: requests.value,
      labels: labels.value,
      claims: claims.value,
      unopened: unopened.value,
      notes: new Map(notes.map((kept) => [kept.note.leaf, kept])),
      payments: new Map(payments.map((payment) => [formatHex(payment.txid), payment])),
    },
  };
}

const isOther = (stored: number | undefined, found: number): boolean => stored !== undefined && stored !== found;

/** Records of a newer version of the app are refused by name, so that nobody mistakes them for damage. */
function readVersion(reader: Reader, newest = RECORD_VERSION): number {
  const version = reader.u8();
  if (version < RECORD_VERSION || version > newest) throw new DecodeError(`record version ${version}`);
  return version;
}

/** The first byte of every record is its version. */
export function isNewerRecord({ key, bytes }: StoredRecord): boolean {
  return bytes[0] !== undefined && bytes[0] > newestVersion(key);
}

function newestVersion(key: string): number {
  if (key.startsWith(PAYMENT_PREFIX)) return PAYMENT_VERSION.packet;
  if (key.startsWith(NOTES_PREFIX)) return PACKETS_VERSION;
  if (key === COUNTS_KEY) return CLAIMS_VERSION;
  return key === RESTORE_KEY ? RESTORE_VERSION : RECORD_VERSION;
}
