import { formatHex } from "../../src/core/bytes/hex.ts";
import type { BlobHoldings, BlobStore } from "../../src/core/ports/blob-store.ts";
import type { Hash } from "../../src/core/values/hash.ts";
import type { TimeMs } from "../../src/core/values/height.ts";

const DISK_BLOCK_SIZE = 4_096;

interface Kept {
  readonly since: TimeMs;
  readonly bytes: Uint8Array;
}

/** What survives that a store is closed. */
export type MemoryBlobs = Map<string, Kept>;

interface Limits {
  readonly ttlMs: number;
  readonly quotaBytes: number;
}

/** A store of blobs that forgets with its process. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs: MemoryBlobs;
  readonly #ttlMs: number;
  readonly #quotaBytes: number;

  constructor(
    { ttlMs, quotaBytes }: Limits = { ttlMs: 600_000, quotaBytes: Infinity },
    blobs: MemoryBlobs = new Map(),
  ) {
    this.#blobs = blobs;
    this.#ttlMs = ttlMs;
    this.#quotaBytes = quotaBytes;
  }

  sizeOf(blobId: Hash, now: TimeMs): number | undefined {
    return this.#alive(formatHex(blobId), now)?.bytes.length;
  }

  read(blobId: Hash, now: TimeMs): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#alive(formatHex(blobId), now)?.bytes.slice());
  }

  hasRoomFor(size: number): boolean {
    return roomOf(size) <= this.#quotaBytes;
  }

  renew(blobId: Hash, now: TimeMs): Promise<boolean> {
    const id = formatHex(blobId);
    const kept = this.#alive(id, now);
    if (kept === undefined) return Promise.resolve(false);
    if (now - kept.since >= 60_000) {
      this.#blobs.delete(id);
      this.#blobs.set(id, { ...kept, since: now });
    }
    return Promise.resolve(true);
  }

  keep(blobId: Hash, bytes: Uint8Array, now: TimeMs): Promise<boolean> {
    if (!this.hasRoomFor(bytes.length)) return Promise.resolve(false);
    if (this.#alive(formatHex(blobId), now)?.bytes.length === bytes.length) return Promise.resolve(true);
    this.#blobs.delete(formatHex(blobId));
    this.#makeRoom(roomOf(bytes.length));
    this.#blobs.set(formatHex(blobId), { since: now, bytes: bytes.slice() });
    return Promise.resolve(true);
  }

  prune(now: TimeMs): Promise<void> {
    for (const id of [...this.#blobs.keys()]) if (this.#alive(id, now) === undefined) this.#blobs.delete(id);
    this.#makeRoom(0);
    return Promise.resolve();
  }

  holdings(): BlobHoldings {
    const bytes = [...this.#blobs.values()].reduce((sum, kept) => sum + roomOf(kept.bytes.length), 0);
    return { count: this.#blobs.size, bytes };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #alive(id: string, now: TimeMs): Kept | undefined {
    const kept = this.#blobs.get(id);
    return kept !== undefined && Math.abs(now - kept.since) < this.#ttlMs ? kept : undefined;
  }

  #makeRoom(bytes: number): void {
    for (const oldest of this.#blobs.keys()) {
      if (this.holdings().bytes + bytes <= this.#quotaBytes) return;
      this.#blobs.delete(oldest);
    }
  }
}

function roomOf(size: number): number {
  return Math.ceil(size / DISK_BLOCK_SIZE) * DISK_BLOCK_SIZE;
}
