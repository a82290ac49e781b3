import { DecodeError } from "../core/bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../core/bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../core/bytes/utf8.ts";
import { Writer } from "../core/bytes/writer.ts";
import { ERROR_TEXT_BYTES_MAX } from "./limits.ts";

/** `type u8 ‖ body` (11.1); the u32 length in front belongs to `net`. */
export interface Frame {
  readonly type: number;
  readonly body: Uint8Array;
}

/** Types that mean the same in every protocol; the others count from 1 in the order of the table in 11.1. */
export const FRAME_TYPE = { end: 0, error: 255 } as const;

/** Why a server breaks off an answer. The text is for logs, never for people. */
export interface WireError {
  readonly code: number;
  readonly text: string;
}

export const ERROR_CODE = { malformed: 1, unavailable: 2, busy: 3, wrongNetwork: 4, internal: 5 } as const;

export function encodeFrame(type: number, body: Uint8Array): Uint8Array {
  return new Writer(1 + body.length).u8(type).bytes(body).finish();
}

/** Splits a frame; an empty one is refused. The body shares memory with the frame. */
export function decodeFrame(bytes: Uint8Array): Frame {
  return { type: frameType(bytes), body: bytes.subarray(1) };
}

/** The first byte of a frame; an empty frame is refused. */
export function frameType(bytes: Uint8Array): number {
  const type = bytes[0];
  if (type === undefined) throw new DecodeError("empty frame");
  return type;
}

/** Decodes a frame that must be of one type, exactly one message and nothing behind it. */
export function decodeTypedFrame<T>(bytes: Uint8Array, type: number, bytesMax: number, read: (reader: Reader) => T): T {
  if (bytes.length > bytesMax) throw new DecodeError(`frame of ${bytes.length} bytes, at most ${bytesMax}`);
  return decodeWhole(bytes, (reader) => {
    const found = reader.u8();
    if (found !== type) throw new DecodeError(`frame type ${found}`);
    return read(reader);
  });
}

/** The frame that closes every answer. */
export const END_FRAME: Uint8Array = encodeFrame(FRAME_TYPE.end, new Uint8Array(0));

export function isEndFrame(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === FRAME_TYPE.end;
}

/** Writes an error frame; text over the limit is cut at a character. */
export function encodeErrorFrame(error: WireError): Uint8Array {
  let text = "";
  let size = 0;
  for (const character of error.text) {
    size += encodeUtf8(character).length;
    if (size > ERROR_TEXT_BYTES_MAX) break;
    text += character;
  }
  return new Writer(3 + ERROR_TEXT_BYTES_MAX).u8(FRAME_TYPE.error).u16(error.code).bytes(encodeUtf8(text)).finish();
}

export function decodeErrorFrame(bytes: Uint8Array): WireError {
  return decodeTypedFrame(bytes, FRAME_TYPE.error, 3 + ERROR_TEXT_BYTES_MAX, (reader) => ({
    code: reader.u16(),
    text: decodeUtf8(reader.bytes(reader.remaining)),
  }));
}
