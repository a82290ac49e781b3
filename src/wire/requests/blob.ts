import { blobSizeOf } from "../../core/blob/sealed-blob.ts";
import type { BlobWork } from "../../core/blob/blob-work.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Reader } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { hash, HASH_SIZE, type Hash } from "../../core/values/hash.ts";
import { decodeTypedFrame, encodeFrame, frameType } from "../frame.ts";
import { BLOB_FRAME_BYTES_MAX, REQUEST_FRAME_BYTES_MAX } from "../limits.ts";
import { readFlag } from "./certified-header.ts";

const TYPE = { put: 1, get: 2, has: 3 } as const;

/** What a node makes of a PUT. */
const PUT_RESULTS = ["kept", "wrong_hour", "too_little_work", "wrong_hash", "no_room"] as const;
export type BlobPutResult = (typeof PUT_RESULTS)[number];

/** What clients ask a node about a blob (MS-13, MS-14). */
export type BlobRequest =
  | { readonly type: "put"; readonly blobId: Hash; readonly work: BlobWork; readonly bytes: Uint8Array }
  | { readonly type: "get"; readonly blobId: Hash }
  | { readonly type: "has"; readonly blobId: Hash };

/** `blob_id32 ‖ hour8 ‖ nonce8 ‖ bytes` for a PUT, `blob_id32` for the others. */
export function encodeBlobRequest(request: BlobRequest): Uint8Array {
  if (request.type !== "put") return encodeFrame(TYPE[request.type], request.blobId);
  const { blobId, work, bytes } = request;
  const writer = new Writer(1 + HASH_SIZE + 16 + bytes.length).u8(TYPE.put).bytes(blobId);
  return writer.u64(work.hour).u64(work.nonce).bytes(bytes).finish();
}

/** The form alone, and a size that blobs have: whether work and hash are right is for the node to say. */
export function decodeBlobRequest(frame: Uint8Array): BlobRequest {
  const type = frameType(frame);
  switch (type) {
    case TYPE.put:
      return decodeTypedFrame(frame, type, BLOB_FRAME_BYTES_MAX, readPut);
    case TYPE.get:
      return decodeTypedFrame(frame, type, REQUEST_FRAME_BYTES_MAX, (reader) => ({
        type: "get",
        blobId: readId(reader),
      }));
    case TYPE.has:
      return decodeTypedFrame(frame, type, REQUEST_FRAME_BYTES_MAX, (reader) => ({
        type: "has",
        blobId: readId(reader),
      }));
    default:
      throw new DecodeError(`frame type ${type}`);
  }
}

const readId = (reader: Reader): Hash => hash(reader.bytes(HASH_SIZE));

function readPut(reader: Reader): BlobRequest {
  const blobId = readId(reader);
  const work = { hour: reader.u53(), nonce: reader.u64() };
  return { type: "put", blobId, work, bytes: readSealed(reader) };
}

function readSealed(reader: Reader): Uint8Array {
  const size = reader.remaining;
  if (blobSizeOf(size) === undefined) throw new DecodeError(`blob of ${size} bytes`);
  return reader.bytes(size);
}

/** Answer to a PUT: the result as a code of two bytes, 0 for `kept`. */
export function encodeBlobPutAnswer(result: BlobPutResult): Uint8Array {
  return new Writer(3).u8(TYPE.put).u16(PUT_RESULTS.indexOf(result)).finish();
}

export function decodeBlobPutAnswer(frame: Uint8Array): BlobPutResult {
  return decodeTypedFrame(frame, TYPE.put, REQUEST_FRAME_BYTES_MAX, (reader) => {
    const code = reader.u16();
    const result = PUT_RESULTS[code];
    if (result === undefined) throw new DecodeError(`result ${code}`);
    return result;
  });
}

/** Answer to a GET: the sealed bytes. A blob that is not there gets error 2 instead. */
export function encodeBlobItem(bytes: Uint8Array): Uint8Array {
  return encodeFrame(TYPE.get, bytes);
}

/** Bytes in a size that blobs have; whether they are those of the id that was asked for is for the asker to see. */
export function decodeBlobItem(frame: Uint8Array): Uint8Array {
  return decodeTypedFrame(frame, TYPE.get, BLOB_FRAME_BYTES_MAX, readSealed);
}

/** Answer to a HAS. */
export function encodeBlobHasAnswer(has: boolean): Uint8Array {
  return encodeFrame(TYPE.has, Uint8Array.of(has ? 1 : 0));
}

export function decodeBlobHasAnswer(frame: Uint8Array): boolean {
  return decodeTypedFrame(frame, TYPE.has, REQUEST_FRAME_BYTES_MAX, readFlag);
}
