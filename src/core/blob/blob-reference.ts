import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { Writer } from "../bytes/writer.ts";
import { BLOB_MIME_BYTES_MAX, BLOB_PARTS_MAX } from "../params/limits.ts";
import { hash, type Hash } from "../values/hash.ts";
import { BLOB_CONTENT_SIZE_MAX } from "./sealed-blob.ts";

/** One blob of a file, and what opens it. */
export interface BlobPart {
  readonly blobId: Hash;
  /** 32 bytes, of this blob alone. */
  readonly key: Uint8Array;
}

/** Where a file is and what it is; who holds this can read it (MS-12). */
export interface BlobReference {
  /** In the order of the file. All but the last are full. */
  readonly parts: readonly BlobPart[];
  /** Of the file, in bytes. */
  readonly size: number;
  /** `type/subtype` in lower case, or nothing. What the file is its own bytes must say. */
  readonly mime: string;
}

const KEY_SIZE = 32;
/** Names as RFC 6838 §4.2 restricts them, in lower case, one form for each. */
const MIME = /^([a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*)?$/;

/** Blobs that a file of so many bytes is cut into: as few as hold it, at least one. */
export function blobCount(size: number): number {
  return Math.max(1, Math.ceil(size / BLOB_CONTENT_SIZE_MAX));
}

/** `n u8 ‖ n × (blob_id32 ‖ key32) ‖ size u64 ‖ n u8 ‖ mime` (MS-12). A reference that {@link readBlobReference} would refuse throws. */
export function encodeBlobReference(reference: BlobReference): Uint8Array {
  const { parts, size, mime } = reference;
  const fault = faultOf(reference);
  if (fault !== undefined) throw new RangeError(fault);
  const type = encodeUtf8(mime);
  return new Writer(128)
    .u8(parts.length)
    .list(parts, (out, { blobId, key }) => out.fixed(blobId, 32).fixed(key, KEY_SIZE))
    .u64(size)
    .u8(type.length)
    .bytes(type)
    .finish();
}

export function decodeBlobReference(bytes: Uint8Array): BlobReference {
  return decodeWhole(bytes, readBlobReference);
}

/** The same where something follows it. */
export function readBlobReference(reader: Reader): BlobReference {
  const parts = reader.list(reader.u8(), BLOB_PARTS_MAX, (from): BlobPart => {
    return { blobId: hash(from.bytes(32)), key: from.bytes(KEY_SIZE) };
  });
  const size = reader.u53();
  const mimeSize = reader.u8();
  if (mimeSize > BLOB_MIME_BYTES_MAX) throw new DecodeError(`type of ${mimeSize} bytes`);
  const reference = { parts, size, mime: decodeUtf8(reader.bytes(mimeSize)) };
  const fault = faultOf(reference);
  if (fault !== undefined) throw new DecodeError(fault);
  return reference;
}

/** What is wrong with a reference. */
function faultOf({ parts, size, mime }: BlobReference): string | undefined {
  if (parts.length > BLOB_PARTS_MAX || parts.length !== blobCount(size))
    return `${size} bytes in ${parts.length} blobs`;
  const isTwice = parts.some(({ blobId }, index) =>
    parts.slice(0, index).some((each) => equalBytes(each.blobId, blobId)),
  );
  if (isTwice) return "one blob twice";
  return isMediaType(mime) ? undefined : "no type";
}

/** A type that a reference may carry: `type/subtype` in lower case without parameters, or nothing. */
export function isMediaType(text: string): boolean {
  return text.length <= BLOB_MIME_BYTES_MAX && MIME.test(text);
}
