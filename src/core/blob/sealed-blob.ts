import { equalBytes, isZeroBytes } from "../bytes/compare-bytes.ts";
import { DecodeError, tryDecode } from "../bytes/decode-error.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { AEAD_TAG_SIZE, aeadOpen, aeadSeal } from "../crypto/aead.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import { BLOB_SIZE_MAX, BLOB_SIZES } from "../params/limits.ts";
import type { Hash } from "../values/hash.ts";

/** u32 in front of the content. */
const LENGTH_SIZE = 4;

/** Bytes that one blob holds at most. */
export const BLOB_CONTENT_SIZE_MAX = BLOB_SIZE_MAX - LENGTH_SIZE;
/** Bytes of the largest sealed blob. */
export const SEALED_BLOB_SIZE_MAX = BLOB_SIZE_MAX + AEAD_TAG_SIZE;

/** What nodes keep: sealed bytes under their hash (MS-12). */
export interface SealedBlob {
  /** SHA-256 of the bytes. */
  readonly blobId: Hash;
  readonly bytes: Uint8Array;
}

/** The size that a content of so many bytes is padded to; undefined over {@link BLOB_CONTENT_SIZE_MAX}. */
export function paddedBlobSize(contentSize: number): number | undefined {
  return BLOB_SIZES.find((size) => contentSize <= size - LENGTH_SIZE);
}

/** The size that sealed bytes of this length were padded to; undefined where no blob is so long. */
export function blobSizeOf(sealedLength: number): number | undefined {
  return BLOB_SIZES.find((size) => sealedLength === size + AEAD_TAG_SIZE);
}

/** Are these the bytes of that id, in a size that blobs have? */
export function isBlob(blobId: Hash, bytes: Uint8Array): boolean {
  return blobSizeOf(bytes.length) !== undefined && equalBytes(sha256Hash(bytes), blobId);
}

/**
 * `u32 length ‖ content ‖ zeros`, sealed (MS-12). The key is 32 bytes and MUST seal nothing else, ever (PR-5). A content
 * over {@link BLOB_CONTENT_SIZE_MAX} is the caller's mistake and throws RangeError.
 */
export function sealBlob(key: Uint8Array, content: Uint8Array): SealedBlob {
  const size = paddedBlobSize(content.length);
  if (size === undefined) throw new RangeError(`content of ${content.length} bytes`);
  const writer = new Writer(size).u32(content.length).bytes(content);
  const bytes = aeadSeal(key, writer.bytes(new Uint8Array(size - LENGTH_SIZE - content.length)).finish());
  return { blobId: sha256Hash(bytes), bytes };
}

/**
 * The content of a blob whose bytes {@link isBlob} has compared with its id; undefined for another key, and for bytes that
 * are no padded content in the smallest size that holds it.
 */
export function openBlob(key: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
  if (blobSizeOf(bytes.length) === undefined) return undefined;
  const padded = aeadOpen(key, bytes);
  if (padded === undefined) return undefined;
  const decoded = tryDecode(unpad, padded);
  return decoded.ok ? decoded.value : undefined;
}

function unpad(padded: Uint8Array): Uint8Array {
  return decodeWhole(padded, (reader) => {
    const length = reader.u32();
    if (paddedBlobSize(length) !== padded.length) throw new DecodeError(`content of ${length} bytes`);
    const content = reader.bytes(length);
    if (!isZeroBytes(reader.bytes(reader.remaining))) throw new DecodeError("padding is not zero");
    return content;
  });
}
