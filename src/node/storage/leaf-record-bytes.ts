import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import { height } from "../../core/values/height.ts";

/** Stored form of a live leaf: height u64 ‖ core size u16 ‖ core ‖ state fields. Never hashed, never sent. */
export function encodeLeafRecord(record: LeafRecord): Uint8Array {
  const writer = new Writer(512).u64(record.height).u16(record.core.length);
  return writer.bytes(record.core).bytes(record.stateFields).finish();
}

export function decodeLeafRecord(bytes: Uint8Array): LeafRecord {
  return decodeWhole(bytes, (reader) => ({
    height: height(reader.u53()),
    core: reader.bytes(reader.u16()),
    stateFields: reader.bytes(reader.remaining),
  }));
}
