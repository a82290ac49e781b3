import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";

/** How much a store keeps. */
export interface BlobHoldings {
  readonly count: number;
  /** Of the room that they take. */
  readonly bytes: number;
}

/**
 * Blobs that a node keeps for others (MS-13): sealed bytes under their hash, each until its time is over or room is needed.
 * Whoever calls has compared bytes with id. Every change is whole or not at all, and durable when it resolves.
 */
export interface BlobStore {
  /** Size of the bytes; undefined for what is not kept, or too old. */
  sizeOf(blobId: Hash, now: TimeMs): number | undefined;
  /** The bytes; undefined for what is not kept, or too old. */
  read(blobId: Hash, now: TimeMs): Promise<Uint8Array | undefined>;
  /** Could the store keep a blob of so many bytes, if all others went? */
  hasRoomFor(size: number): boolean;
  /** Has one that is kept live from now on; false if there is none. */
  renew(blobId: Hash, now: TimeMs): Promise<boolean>;
  /**
   * Keeps one from now on; the oldest go where it finds no room. False if the whole store has none for it. One of the same
   * size that is kept already stays as it is.
   */
  keep(blobId: Hash, bytes: Uint8Array, now: TimeMs): Promise<boolean>;
  /** Drops what is too old, and the oldest where they take more room than there is for them. */
  prune(now: TimeMs): Promise<void>;
  holdings(): BlobHoldings;
  /** Finishes what is being written. */
  close(): Promise<void>;
}
