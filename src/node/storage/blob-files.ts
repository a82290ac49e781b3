import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { blobSizeOf, SEALED_BLOB_SIZE_MAX } from "../../core/blob/sealed-blob.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import type { BlobHoldings, BlobStore } from "../../core/ports/blob-store.ts";
import type { Hash } from "../../core/values/hash.ts";
import { timeMs, type TimeMs } from "../../core/values/height.ts";
import { replaceDurably, syncFolder } from "./durable-file.ts";

export interface BlobFilesOptions {
  /** Made if missing; nothing else belongs there. */
  readonly directory: string;
  /** How long a blob is kept (MS-13). */
  readonly ttlMs: number;
  /** Room on the disk that all of them may take. */
  readonly quotaBytes: number;
}

/** One blob on the disk. */
interface StoredBlob {
  readonly since: TimeMs;
  /** Of its bytes. */
  readonly size: number;
}

/** `since-id-size`, so that a look at the names tells everything, and so that they sort by age. */
const FILE_NAME = /^(\d{16})-([0-9a-f]{64})-(\d{1,7})$/;
const TIME_DIGITS = 16;
/** What is being written; a start takes it away. */
const UNFINISHED = ".new";
/** File systems give room by blocks of this many bytes. */
const DISK_BLOCK_SIZE = 4_096;
/** Renewed sooner than this a blob stays as old as it is: a put that comes again and again costs the disk nothing. */
export const RENEW_MS_MIN = 60_000;

/**
 * Blobs as files beside the database. In it they would share its log and the one thread that rewrites it with votes and
 * blocks; as files a stranger's megabyte waits for nobody but itself, and its room is free as soon as it goes. Each change
 * is one step of the file system, a file that is renamed or removed: what a power cut leaves is a store between two
 * changes. Throws what the system throws; memory says then what the names on the disk say.
 */
export async function openBlobFiles(options: BlobFilesOptions): Promise<BlobStore> {
  const { directory } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const blobs = new Map<string, StoredBlob>();
  for (const name of (await readdir(directory)).sort()) {
    const [, since, id, size] = FILE_NAME.exec(name) ?? [];
    if (name.endsWith(UNFINISHED)) await rm(join(directory, name), { force: true });
    else if (id !== undefined && isBlobSize(Number(size)) && Number.isSafeInteger(Number(since))) {
      const older = blobs.get(id);
      // A power cut may keep the name that was to go beside the one that came.
      if (older !== undefined) await rm(join(directory, nameOf(id, older)), { force: true });
      blobs.delete(id);
      blobs.set(id, { since: timeMs(Number(since)), size: Number(size) });
    }
  }
  return new BlobFiles(options, blobs);
}

const isBlobSize = (size: number): boolean => size <= SEALED_BLOB_SIZE_MAX && blobSizeOf(size) !== undefined;

function nameOf(id: string, { since, size }: StoredBlob): string {
  return `${String(since).padStart(TIME_DIGITS, "0")}-${id}-${size}`;
}

/** What a file takes on the disk. */
function roomOf({ size }: Pick<StoredBlob, "size">): number {
  return Math.ceil(size / DISK_BLOCK_SIZE) * DISK_BLOCK_SIZE;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

class BlobFiles implements BlobStore {
  readonly #options: BlobFilesOptions;
  /** By id in hex, oldest first. */
  readonly #blobs: Map<string, StoredBlob>;
  #bytes: number;
  /** Changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BlobFilesOptions, blobs: Map<string, StoredBlob>) {
    this.#options = options;
    this.#blobs = blobs;
    this.#bytes = [...blobs.values()].reduce((sum, blob) => sum + roomOf(blob), 0);
  }

  sizeOf(blobId: Hash, now: TimeMs): number | undefined {
    return this.#alive(formatHex(blobId), now)?.size;
  }

  async read(blobId: Hash, now: TimeMs): Promise<Uint8Array | undefined> {
    const id = formatHex(blobId);
    const blob = this.#alive(id, now);
    if (blob === undefined) return undefined;
    try {
      const bytes = await readFile(this.#path(id, blob));
      if (bytes.length === blob.size) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    // Behind the change that may be under way: it was renewed or went, or somebody took it away or cut it.
    const isLost = await this.#inTurn(async () => {
      if (this.#blobs.get(id) !== blob) return false;
      await this.#remove(id);
      return true;
    });
    return isLost ? undefined : this.read(blobId, now);
  }

  hasRoomFor(size: number): boolean {
    return roomOf({ size }) <= this.#options.quotaBytes;
  }

  renew(blobId: Hash, now: TimeMs): Promise<boolean> {
    return this.#inTurn(async () => {
      const id = formatHex(blobId);
      const blob = this.#alive(id, now);
      if (blob === undefined) return false;
      if (now - blob.since < RENEW_MS_MIN) return true;
      const renewed = { ...blob, since: now };
      try {
        await rename(this.#path(id, blob), this.#path(id, renewed));
      } catch (error) {
        if (!isMissing(error)) throw error;
        this.#drop(id);
        return false;
      }
      // Before anything else is waited for: readers find it by its name.
      this.#put(id, renewed);
      await syncFolder(this.#options.directory);
      return true;
    });
  }

  keep(blobId: Hash, bytes: Uint8Array, now: TimeMs): Promise<boolean> {
    return this.#inTurn(async () => {
      const id = formatHex(blobId);
      const blob: StoredBlob = { since: now, size: bytes.length };
      if (!this.hasRoomFor(bytes.length)) return false;
      // Two may put it at once: the first one was told that it is durable.
      if (this.#alive(id, now)?.size === bytes.length) return true;
      // One of this id that is too old: its name would stay beside the new one.
      await this.#remove(id);
      await this.#makeRoom(roomOf(blob));
      await replaceDurably(this.#path(id, blob), bytes);
      this.#put(id, blob);
      return true;
    });
  }

  prune(now: TimeMs): Promise<void> {
    return this.#inTurn(async () => {
      for (const id of [...this.#blobs.keys()]) if (this.#alive(id, now) === undefined) await this.#remove(id);
      // The quota may have been larger when they came.
      await this.#makeRoom(0);
    });
  }

  holdings(): BlobHoldings {
    return { count: this.#blobs.size, bytes: this.#bytes };
  }

  async close(): Promise<void> {
    await this.#last;
  }

  #alive(id: string, now: TimeMs): StoredBlob | undefined {
    const blob = this.#blobs.get(id);
    // What comes from a clock that was far ahead is kept no longer than the rest.
    return blob !== undefined && Math.abs(now - blob.since) < this.#options.ttlMs ? blob : undefined;
  }

  #path(id: string, blob: StoredBlob): string {
    return join(this.#options.directory, nameOf(id, blob));
  }

  #put(id: string, blob: StoredBlob): void {
    this.#drop(id);
    this.#blobs.set(id, blob);
    this.#bytes += roomOf(blob);
  }

  #drop(id: string): void {
    const blob = this.#blobs.get(id);
    if (blob === undefined) return;
    this.#blobs.delete(id);
    this.#bytes -= roomOf(blob);
  }

  /** The oldest go until there is so much. */
  async #makeRoom(bytes: number): Promise<void> {
    for (const oldest of this.#blobs.keys()) {
      if (this.#bytes + bytes <= this.#options.quotaBytes) return;
      await this.#remove(oldest);
    }
  }

  async #remove(id: string): Promise<void> {
    const blob = this.#blobs.get(id);
    if (blob === undefined) return;
    await rm(this.#path(id, blob), { force: true });
    this.#drop(id);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
