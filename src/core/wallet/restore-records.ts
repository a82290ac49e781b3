import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { hash } from "../values/hash.ts";
import { LEAF_INDEX_LIMIT, leafIndex, type LeafIndex } from "../values/height.ts";
import { readAmount, readHeight, readTime } from "./note.ts";
import {
  rangeCount,
  RESTORE_WINDOW,
  startRestore,
  type RestoreBoundary,
  type RestoreState,
  type SpentAt,
} from "./restore-state.ts";
import { UNBOND_FEES_MAX, type StakeChange } from "./stake-state.ts";
import type { RecordChanges, StoredRecord } from "./stored-record.ts";

const RECORD_VERSION = 1;
/** Of a restore that has seen stakes change. */
export const RESTORE_VERSION = 2;
export const RESTORE_KEY = "restore";
export const RESTORE_SPENT_PREFIX = "restore-spent/";
/** Spends in one record: a block appends to the last one. */
export const SPENT_PER_RECORD = 256;
/** Hits waiting to be opened, at most: no more ranges are read while many wait, and a range brings 1024 at most. */
export const RESTORE_HITS_MAX = 65_536;
/** Changes of stakes that a restore remembers: those of a few epochs. What comes after is not told apart any more. */
export const RESTORE_CHANGES_MAX = 4_096;
const KEY_DIGITS = 9;

const FLAG_BIRTHDAY = 1;
const FLAG_FIRST_RANGE = 2;
const FLAG_BOUNDARY = 4;
const FLAG_NEWEST = 8;
const FLAGS_ALL = FLAG_BIRTHDAY | FLAG_FIRST_RANGE | FLAG_BOUNDARY | FLAG_NEWEST;

/** True for the keys this module owns. */
export function isRestoreRecord(key: string): boolean {
  return key === RESTORE_KEY || key.startsWith(RESTORE_SPENT_PREFIX);
}

const spentKey = (pack: number): string => RESTORE_SPENT_PREFIX + pack.toString().padStart(KEY_DIGITS, "0");

/** Everything but the spends, which have records of their own. */
export function encodeRestore(restore: RestoreState): Uint8Array {
  const { birthdayMs, firstRange, boundary, newest, hits } = restore;
  const flags =
    (birthdayMs === undefined ? 0 : FLAG_BIRTHDAY) |
    (firstRange === undefined ? 0 : FLAG_FIRST_RANGE) |
    (boundary === undefined ? 0 : FLAG_BOUNDARY) |
    (newest === undefined ? 0 : FLAG_NEWEST);
  const hasChanges = restore.changed.length > 0;
  const writer = new Writer(256).u8(hasChanges ? RESTORE_VERSION : RECORD_VERSION).u8(flags);
  if (birthdayMs !== undefined) writer.u64(birthdayMs);
  if (firstRange !== undefined) writer.u32(firstRange);
  if (boundary !== undefined) writeBoundary(writer, boundary);
  if (newest !== undefined) writeBoundary(writer, newest);
  writer.u64(restore.endLeaf).u32(restore.cursor).bytes(encodeWindow(restore));
  writer.u64(restore.outputsChecked).u32(restore.coinsFound).u32(hits.length);
  writer.list(hits, (out, leaf) => out.u40(leaf));
  if (hasChanges) writer.u16(restore.changed.length).list(restore.changed, writeChange);
  return writer.finish();
}

function writeChange(writer: Writer, change: StakeChange): void {
  writer.u40(change.leaf).fixed(change.state, 32).u64(change.timeMs).u64(change.release).u16(change.slashBp);
  writer.u8(change.fees.length).list(change.fees, (out, fee) => out.u64(fee));
}

function readChange(reader: Reader): StakeChange {
  return {
    leaf: leafIndex(reader.u40()),
    state: hash(reader.bytes(32)),
    timeMs: readTime(reader),
    release: readTime(reader),
    slashBp: reader.u16(),
    fees: reader.list(reader.u8(), UNBOND_FEES_MAX, readAmount),
  };
}

export function decodeRestore(bytes: Uint8Array): RestoreState {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== RECORD_VERSION && version !== RESTORE_VERSION) throw new DecodeError(`record version ${version}`);
    const flags = reader.u8();
    if ((flags & ~FLAGS_ALL) !== 0) throw new DecodeError(`restore flags ${flags}`);
    const birthdayMs = (flags & FLAG_BIRTHDAY) === 0 ? undefined : readTime(reader);
    const firstRange = (flags & FLAG_FIRST_RANGE) === 0 ? undefined : reader.u32();
    const boundary = (flags & FLAG_BOUNDARY) === 0 ? undefined : readBoundary(reader);
    const newest = (flags & FLAG_NEWEST) === 0 ? undefined : readBoundary(reader);
    const endLeaf = reader.u53();
    if (endLeaf > LEAF_INDEX_LIMIT) throw new DecodeError("leaf out of range");
    const cursor = reader.u32();
    const head = { ...startRestore(birthdayMs), birthdayMs, firstRange, boundary, newest, endLeaf, cursor };
    if (cursor > rangeCount(head)) throw new DecodeError(`range ${cursor} behind the last one`);
    const done = decodeWindow(reader.bytes(RESTORE_WINDOW / 8), cursor);
    const counts = { outputsChecked: reader.u53(), coinsFound: reader.u32() };
    const hits = reader.list(reader.u32(), RESTORE_HITS_MAX, (from) => leafIndex(from.u40()));
    const changed = version === RECORD_VERSION ? [] : reader.list(reader.u16(), RESTORE_CHANGES_MAX, readChange);
    if (version === RESTORE_VERSION && changed.length === 0) throw new DecodeError("no changes of stakes");
    return { ...head, done, ...counts, hits, changed };
  });
}

function writeBoundary(writer: Writer, boundary: RestoreBoundary): void {
  writer.u64(boundary.height).u64(boundary.timeMs).fixed(boundary.utxoRoot, 32).u64(boundary.nextLeaf);
}

function readBoundary(reader: Reader): RestoreBoundary {
  const head = { height: readHeight(reader), timeMs: readTime(reader), utxoRoot: hash(reader.bytes(32)) };
  const nextLeaf = reader.u53();
  if (nextLeaf > LEAF_INDEX_LIMIT) throw new DecodeError("leaf out of range");
  return { ...head, nextLeaf };
}

/** Bit k&7 of byte k>>3 = range `cursor - 1 - k` is done. */
function encodeWindow({ cursor, done }: RestoreState): Uint8Array {
  const window = new Uint8Array(RESTORE_WINDOW / 8);
  for (const range of done) {
    const place = cursor - 1 - range;
    if (place < 0 || place >= RESTORE_WINDOW) throw new RangeError(`range ${range} outside the window`);
    window[place >> 3]! |= 1 << (place & 7);
  }
  return window;
}

function decodeWindow(window: Uint8Array, cursor: number): ReadonlySet<number> {
  const done = new Set<number>();
  for (let place = 0; place < RESTORE_WINDOW; place++) {
    if ((window[place >> 3]! & (1 << (place & 7))) === 0) continue;
    if (place === 0 || place >= cursor) throw new DecodeError("range outside the window");
    done.add(cursor - 1 - place);
  }
  return done;
}

type Spend = readonly [LeafIndex, SpentAt];

/** Up to {@link SPENT_PER_RECORD} spends, in the order of the blocks. */
export function encodeSpends(spends: readonly Spend[]): Uint8Array {
  const writer = new Writer(3 + 21 * spends.length).u8(RECORD_VERSION).u16(spends.length);
  return writer.list(spends, (out, [leaf, at]) => out.u40(leaf).u64(at.height).u64(at.timeMs)).finish();
}

export function decodeSpends(bytes: Uint8Array): readonly Spend[] {
  return decodeWhole(bytes, (reader) => {
    readVersion(reader);
    const count = reader.u16();
    if (count === 0) throw new DecodeError("record without spends");
    return reader.list(count, SPENT_PER_RECORD, (from): Spend => [
      leafIndex(from.u40()),
      { height: readHeight(from), timeMs: readTime(from) },
    ]);
  });
}

/** The records that differ between two states of a restore; undefined stands for none. */
export function diffRestore(before: RestoreState | undefined, after: RestoreState | undefined): RecordChanges {
  if (before === after) return { puts: [], deletes: [] };
  const packsBefore = packCount(before);
  const packsAfter = packCount(after);
  const deletes = [...Array(Math.max(0, packsBefore - packsAfter)).keys()].map((pack) => spentKey(packsAfter + pack));
  if (after === undefined) return { puts: [], deletes: [RESTORE_KEY, ...deletes] };
  const puts: StoredRecord[] = [{ key: RESTORE_KEY, bytes: encodeRestore(after) }];
  if (before?.spent !== after.spent) puts.push(...changedSpends(before, after));
  return { puts, deletes };
}

function packCount(restore: RestoreState | undefined): number {
  return Math.ceil((restore?.spent.size ?? 0) / SPENT_PER_RECORD);
}

/** Blocks append; only another boundary drops what came before it. */
function changedSpends(before: RestoreState | undefined, after: RestoreState): StoredRecord[] {
  const isAppended = before?.boundary === after.boundary;
  const first = isAppended ? Math.floor((before?.spent.size ?? 0) / SPENT_PER_RECORD) : 0;
  const spends = [...after.spent];
  const puts: StoredRecord[] = [];
  for (let pack = first; pack < packCount(after); pack++) {
    const members = spends.slice(pack * SPENT_PER_RECORD, (pack + 1) * SPENT_PER_RECORD);
    puts.push({ key: spentKey(pack), bytes: encodeSpends(members) });
  }
  return puts;
}

/** The restore of a store; undefined where none is running. Spends without a restore, or in two places, are damage. */
export function readRestore(records: readonly StoredRecord[]): RestoreState | undefined {
  const head = records.find(({ key }) => key === RESTORE_KEY);
  const packs = records.filter(({ key }) => key.startsWith(RESTORE_SPENT_PREFIX));
  if (head === undefined) {
    if (packs.length > 0) throw new DecodeError("spends without a restore");
    return undefined;
  }
  packs.sort((left, right) => (left.key < right.key ? -1 : 1));
  const spent = new Map<LeafIndex, SpentAt>();
  packs.forEach(({ key, bytes }, pack) => {
    if (key !== spentKey(pack)) throw new DecodeError("spends missing");
    for (const [leaf, at] of decodeSpends(bytes)) spent.set(leaf, at);
  });
  return { ...decodeRestore(head.bytes), spent };
}

function readVersion(reader: Reader): void {
  const version = reader.u8();
  if (version !== RECORD_VERSION) throw new DecodeError(`record version ${version}`);
}
