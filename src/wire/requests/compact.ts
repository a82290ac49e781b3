import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { encodeCompactBlock, readCompactBlock, type CompactBlock } from "../../core/chain/compact-block.ts";
import { height, type Height } from "../../core/values/height.ts";
import { decodeTypedFrame } from "../frame.ts";
import { COMPACT_FRAME_BYTES_MAX, COMPACT_FULL_FRAME_BYTES_MAX, REQUEST_FRAME_BYTES_MAX } from "../limits.ts";
import { readCertifiedHeader, readFlag, writeCertifiedHeader, type CertifiedHeader } from "./certified-header.ts";
import { readServedOutput, writeServedOutput, type ServedOutput } from "./served-output.ts";

const TYPE_REQUEST = 1;
const TYPE_BLOCK = 1;

/** Every block from a height on, then each new one; the stream stays open (NW-6). */
export interface CompactRequest {
  readonly from: Height;
  /** Cores and payloads as well (NW-8). */
  readonly isFull: boolean;
}

/** What an online client needs of one block. */
export interface CompactItem extends CertifiedHeader {
  readonly compact: CompactBlock;
  /** In full streams one per entry, in their order; undefined otherwise. */
  readonly outputs: readonly ServedOutput[] | undefined;
}

export function encodeCompactRequest(request: CompactRequest): Uint8Array {
  return new Writer(10)
    .u8(TYPE_REQUEST)
    .u64(request.from)
    .u8(request.isFull ? 1 : 0)
    .finish();
}

export function decodeCompactRequest(frame: Uint8Array): CompactRequest {
  return decodeTypedFrame(frame, TYPE_REQUEST, REQUEST_FRAME_BYTES_MAX, (reader) => ({
    from: height(reader.u53()),
    isFull: readFlag(reader),
  }));
}

export function encodeCompactItem(item: CompactItem): Uint8Array {
  const writer = new Writer(4096).u8(TYPE_BLOCK).u64(item.header.height);
  writeCertifiedHeader(writer, item);
  writer.bytes(encodeCompactBlock(item.compact));
  if (item.outputs !== undefined) {
    if (item.outputs.length !== item.compact.entries.length) throw new RangeError("one output per entry");
    writer.list(item.outputs, writeServedOutput);
  }
  return writer.finish();
}

/** Heights agree; roots, hashes and the certificate are the caller's to check. */
export function decodeCompactItem(frame: Uint8Array, isFull: boolean): CompactItem {
  const bytesMax = isFull ? COMPACT_FULL_FRAME_BYTES_MAX : COMPACT_FRAME_BYTES_MAX;
  return decodeTypedFrame(frame, TYPE_BLOCK, bytesMax, (reader) => {
    const itemHeight = height(reader.u53());
    const certified = readCertifiedHeader(reader, false);
    const compact = readCompactBlock(reader);
    if (certified.header.height !== itemHeight || compact.height !== itemHeight)
      throw new DecodeError("heights differ");
    const outputs = isFull ? compact.entries.map(() => readServedOutput(reader)) : undefined;
    return { ...certified, compact, outputs };
  });
}
