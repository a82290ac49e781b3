import { u64, Writer } from "../bytes/writer.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { leadingZeroBits } from "../crypto/packet-work.ts";
import { hash32, taggedHashes } from "../crypto/tagged-hash.ts";
import { BLOB_SIZES } from "../params/limits.ts";
import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";

const HOUR_MS = 60 * 60_000;
/** Of the smallest size; each size is four times the one before, and takes two bits more. */
const WORK_BITS_MIN = 16;
const WORK_BITS_STEP = 2;
const DIGEST_SIZE = 64;
/** Enough of a digest to hold all bits that are ever asked for. */
const BITS_SIZE = 4;
/** Tries that are hashed together. */
const TRIES_AT_ONCE = 1_024;
const TAG = "stg/blob";

/** What a PUT carries to show that it cost something (MS-13). */
export interface BlobWork {
  /** Hours of Unix time. */
  readonly hour: number;
  /** u64. */
  readonly nonce: bigint;
}

/** The hour of a moment. */
export function blobHour(now: TimeMs): number {
  return Math.floor(now / HOUR_MS);
}

/** Work counts in its hour, the one before and the one after: clocks differ, and a put takes a while. */
export function isBlobHour(hour: number, now: TimeMs): boolean {
  return Math.abs(hour - blobHour(now)) <= 1;
}

/** Leading zero bits that a PUT of this padded size needs: 16 for 4 KiB, 24 for 1 MiB. */
export function blobWorkBits(size: number): number {
  const place = BLOB_SIZES.indexOf(size);
  if (place < 0) throw new RangeError(`no blob has ${size} bytes`);
  return WORK_BITS_MIN + WORK_BITS_STEP * place;
}

/** Is this enough for a blob of that padded size? One hash; whether the hour is right is another question. */
export function isBlobWork(blobId: Hash, size: number, { hour, nonce }: BlobWork): boolean {
  return leadingZeroBits(hash32(TAG, blobId, u64(hour), u64(nonce))) >= blobWorkBits(size);
}

/** One step of the search: so many nonces from one on. */
export interface BlobWorkJob {
  readonly blobId: Hash;
  /** Padded. */
  readonly size: number;
  readonly hour: number;
  /** Whole, and so far below 2^53 that the last nonce is, too. */
  readonly firstNonce: number;
  readonly tries: number;
}

/** What a step has found. */
export interface BlobWorkResult {
  /** The first that does; undefined: the next step begins behind this one. */
  readonly nonce: bigint | undefined;
}

/** Looks through one step. */
export function findBlobWork(curve: Pick<CurveBackend, "sha512Batch">, job: BlobWorkJob): BlobWorkResult {
  const { blobId, size, hour, firstNonce, tries } = job;
  const bits = blobWorkBits(size);
  const [ids, hours] = [repeat(blobId, TRIES_AT_ONCE), repeat(u64(hour), TRIES_AT_ONCE)];
  for (let done = 0; done < tries; done += TRIES_AT_ONCE) {
    const count = Math.min(TRIES_AT_ONCE, tries - done);
    const nonces = new Writer(8 * count);
    for (let index = 0; index < count; index++) nonces.u64(firstNonce + done + index);
    const columns = [ids.subarray(0, 32 * count), hours.subarray(0, 8 * count), nonces.finish()];
    const digests = taggedHashes(curve, TAG, count, ...columns);
    for (let index = 0; index < count; index++) {
      const digest = digests.subarray(DIGEST_SIZE * index, DIGEST_SIZE * index + BITS_SIZE);
      if (leadingZeroBits(digest) >= bits) return { nonce: BigInt(firstNonce + done + index) };
    }
  }
  return { nonce: undefined };
}

function repeat(bytes: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(bytes.length * count);
  for (let index = 0; index < count; index++) all.set(bytes, bytes.length * index);
  return all;
}
