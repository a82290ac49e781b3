import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Reader } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import { height } from "../../core/values/height.ts";

/** height u64 ‖ core size u16. */
const PREFIX_SIZE = 10;

/** Stored form of a live leaf: height u64 ‖ core size u16 ‖ core ‖ state fields. Never hashed, never sent. */
export function encodeLeafRecord(record: LeafRecord): Uint8Array {
  const writer = new Writer(512).u64(record.height).u16(record.core.length);
  return writer.bytes(record.core).bytes(record.stateFields).finish();
}

/** The inverse. The record shares the memory it was read from: a range reads a thousand of them. */
export function decodeLeafRecord(bytes: Uint8Array): LeafRecord {
  const reader = new Reader(bytes);
  const madeAt = height(reader.u53());
  const end = PREFIX_SIZE + reader.u16();
  if (end > bytes.length) throw new DecodeError(`leaf record of ${bytes.length} bytes`);
  return { height: madeAt, core: bytes.subarray(PREFIX_SIZE, end), stateFields: bytes.subarray(end) };
}
