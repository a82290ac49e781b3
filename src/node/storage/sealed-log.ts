import { open, readFile, type FileHandle } from "node:fs/promises";
import { equalBytes, isZeroBytes } from "../../core/bytes/compare-bytes.ts";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { Reader } from "../../core/bytes/reader.ts";
import { encodeUtf8 } from "../../core/bytes/utf8.ts";
import { u32, u64, Writer } from "../../core/bytes/writer.ts";
import { AEAD_TAG_SIZE, aeadOpen, aeadSeal } from "../../core/crypto/aead.ts";
import { hash32, sha256Hash } from "../../core/crypto/tagged-hash.ts";
import { systemRandom } from "../edges.ts";
import { replaceDurably } from "./durable-file.ts";
import { storeRefusal } from "./store-refusal.ts";

/** Which log this is: its entries open nowhere else. */
export interface LogKeys {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 16 bytes. */
  readonly logId: Uint8Array;
}

const MAGIC = encodeUtf8("stgwlog");
const VERSION = 1;
const HEAD_SIZE = 8;
const SALT_SIZE = 16;
const CHECK_SIZE = 4;
const ENTRY_HEAD_SIZE = 4 + SALT_SIZE + CHECK_SIZE;

/**
 * An append-only file of sealed entries: `"stgwlog" ‖ ver u8 ‖ n × (size u32 ‖ salt16 ‖ check4 ‖ sealed)`. Each has a
 * key of its own out of its salt, and its place is sealed in, so that none can be moved, copied or exchanged.
 */
export interface SealedLog {
  /** Bytes in the file. */
  readonly size: number;
  /** Durable when it resolves; after a failure nothing more may be appended. */
  append(entry: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Makes a log of these entries in place of one that may be there, wholly or not at all, and opens it. */
export async function writeLog(path: string, keys: LogKeys, entries: readonly Uint8Array[]): Promise<SealedLog> {
  const sealed = entries.map((entry, index) => sealEntry(keys, index, entry));
  const bytes = concatBytes(MAGIC, Uint8Array.of(VERSION), ...sealed);
  await replaceDurably(path, bytes);
  return new OpenLog(await open(path, "r+"), keys, entries.length, bytes.length);
}

/**
 * The entries of a log. A torn one at the end was never acknowledged and is passed over (`isTorn`: write the log anew
 * before appending). Any other damage is refused with `storage_broken`, a newer version with `storage_newer`.
 */
export async function readLog(
  path: string,
  keys: LogKeys,
): Promise<{ readonly entries: readonly Uint8Array[]; readonly isTorn: boolean; readonly size: number }> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === "ENOENT" ? storeRefusal("storage_broken") : error;
  });
  return parseLog(new Uint8Array(bytes), keys);
}

/** Opens a log that {@link readLog} has read to its end. */
export async function continueLog(path: string, keys: LogKeys, count: number, size: number): Promise<SealedLog> {
  return new OpenLog(await open(path, "r+"), keys, count, size);
}

function parseLog(bytes: Uint8Array, keys: LogKeys) {
  // The file is renamed into place with its first bytes synced, so a crash cannot have left less.
  if (bytes.length < HEAD_SIZE || !equalBytes(bytes.slice(0, MAGIC.length), MAGIC))
    throw storeRefusal("storage_broken");
  if (bytes[MAGIC.length]! > VERSION) throw storeRefusal("storage_newer");
  if (bytes[MAGIC.length] !== VERSION) throw storeRefusal("storage_broken");
  const entries: Uint8Array[] = [];
  let offset = HEAD_SIZE;
  while (offset < bytes.length) {
    const rest = bytes.subarray(offset);
    const size =
      rest.length < ENTRY_HEAD_SIZE ? undefined : entrySize(rest.subarray(0, ENTRY_HEAD_SIZE), entries.length);
    const end = size === undefined ? Infinity : ENTRY_HEAD_SIZE + size;
    const isCut = rest.length < ENTRY_HEAD_SIZE || (size !== undefined && rest.length < end);
    const entry = size === undefined || isCut ? undefined : openEntry(keys, entries.length, rest.subarray(0, end));
    if (entry === undefined) {
      if (isCut || hasUnwrittenEnd(rest)) return { entries, isTorn: true, size: offset };
      throw storeRefusal("storage_broken");
    }
    entries.push(entry);
    offset += end;
  }
  return { entries, isTorn: false, size: offset };
}

/**
 * A system that goes down may have made the file longer and not filled it. No entry ends so by itself: its last bytes
 * are a tag.
 */
function hasUnwrittenEnd(rest: Uint8Array): boolean {
  return isZeroBytes(rest.slice(-AEAD_TAG_SIZE));
}

function entryCheck(head: Uint8Array, index: number): Uint8Array {
  return sha256Hash(head, u64(index)).slice(0, CHECK_SIZE);
}

/** undefined for a damaged head: its size must not decide what counts as torn. */
function entrySize(head: Uint8Array, index: number): number | undefined {
  const checked = head.subarray(0, 4 + SALT_SIZE);
  if (!equalBytes(entryCheck(checked, index), head.subarray(4 + SALT_SIZE))) return undefined;
  return new Reader(head).u32();
}

function entryKey({ key }: LogKeys, salt: Uint8Array): Uint8Array {
  return hash32("stg/store-entry", key, salt);
}

function place({ logId }: LogKeys, index: number): Uint8Array {
  return concatBytes(logId, u64(index));
}

function sealEntry(keys: LogKeys, index: number, entry: Uint8Array): Uint8Array {
  const salt = systemRandom.bytes(SALT_SIZE);
  const sealed = aeadSeal(entryKey(keys, salt), entry, place(keys, index));
  const head = concatBytes(u32(sealed.length), salt);
  return new Writer(ENTRY_HEAD_SIZE + sealed.length).bytes(head).bytes(entryCheck(head, index)).bytes(sealed).finish();
}

function openEntry(keys: LogKeys, index: number, bytes: Uint8Array): Uint8Array | undefined {
  const salt = bytes.slice(4, 4 + SALT_SIZE);
  return aeadOpen(entryKey(keys, salt), bytes.slice(ENTRY_HEAD_SIZE), place(keys, index));
}

class OpenLog implements SealedLog {
  readonly #file: FileHandle;
  readonly #keys: LogKeys;
  #count: number;
  #size: number;

  constructor(file: FileHandle, keys: LogKeys, count: number, size: number) {
    this.#file = file;
    this.#keys = keys;
    this.#count = count;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  async append(entry: Uint8Array): Promise<void> {
    const bytes = sealEntry(this.#keys, this.#count, entry);
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#size + done);
      done += bytesWritten;
    }
    await this.#file.datasync();
    this.#count++;
    this.#size += bytes.length;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
