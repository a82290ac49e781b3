import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { height, type Height } from "../../core/values/height.ts";
import { decodeTypedFrame } from "../frame.ts";
import { HDR_FRAME_BYTES_MAX, HDR_HEADERS_MAX, REQUEST_FRAME_BYTES_MAX } from "../limits.ts";
import { readCertifiedHeader, readFlag, writeCertifiedHeader, type CertifiedHeader } from "./certified-header.ts";

const TYPE_REQUEST = 1;
const TYPE_HEADER = 1;

/** Headers upwards from a height: each one, or the boundaries only. */
export interface HdrRequest {
  readonly from: Height;
  /** 1..HDR_HEADERS_MAX. */
  readonly count: number;
  readonly boundariesOnly: boolean;
}

export function encodeHdrRequest(request: HdrRequest): Uint8Array {
  const writer = new Writer(12).u8(TYPE_REQUEST).u64(request.from).u16(request.count);
  return writer.u8(request.boundariesOnly ? 1 : 0).finish();
}

export function decodeHdrRequest(frame: Uint8Array): HdrRequest {
  return decodeTypedFrame(frame, TYPE_REQUEST, REQUEST_FRAME_BYTES_MAX, (reader) => {
    const from = height(reader.u53());
    const count = reader.u16();
    if (count === 0 || count > HDR_HEADERS_MAX) throw new DecodeError(`${count} headers, at most ${HDR_HEADERS_MAX}`);
    return { from, count, boundariesOnly: readFlag(reader) };
  });
}

/** One item of the answer, in ascending height; a server stops before HDR_ANSWER_BYTES_MAX. */
export function encodeHdrItem(item: CertifiedHeader): Uint8Array {
  const writer = new Writer(1024).u8(TYPE_HEADER);
  writeCertifiedHeader(writer, item);
  return writer.finish();
}

/** `isFirst`: the item opens the answer, so that a boundary brings its set along. */
export function decodeHdrItem(frame: Uint8Array, isFirst: boolean): CertifiedHeader {
  return decodeTypedFrame(frame, TYPE_HEADER, HDR_FRAME_BYTES_MAX, (reader) => readCertifiedHeader(reader, isFirst));
}
