import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../../core/bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../core/bytes/utf8.ts";
import { Writer } from "../../core/bytes/writer.ts";
import type { RecordChanges } from "../../core/wallet/stored-record.ts";

/** One write of a client's store. `isFresh`: what was there before is gone. */
export interface StoreEntry extends RecordChanges {
  readonly isFresh: boolean;
}

/** Records of one write: those of a wallet with millions of notes. */
const RECORDS_MAX = 1 << 20;

/** `isFresh u8 ‖ n u32 {u16 size ‖ key} ‖ n u32 {u16 size ‖ key ‖ u32 size ‖ bytes}`. */
export function encodeEntry({ isFresh, deletes, puts }: StoreEntry): Uint8Array {
  const writer = new Writer(4096).u8(isFresh ? 1 : 0);
  writer.u32(deletes.length).list(deletes, writeKey);
  writer.u32(puts.length).list(puts, (out, { key, bytes }) => {
    writeKey(out, key);
    out.u32(bytes.length).bytes(bytes);
  });
  return writer.finish();
}

/** The inverse of {@link encodeEntry}. */
export function decodeEntry(bytes: Uint8Array): StoreEntry {
  return decodeWhole(bytes, (reader) => {
    const isFresh = reader.u8();
    if (isFresh > 1) throw new DecodeError("flag that is neither 0 nor 1");
    const deletes = reader.list(reader.u32(), RECORDS_MAX, readKey);
    const puts = reader.list(reader.u32(), RECORDS_MAX, (from) => ({
      key: readKey(from),
      bytes: from.bytes(from.u32()),
    }));
    return { isFresh: isFresh === 1, deletes, puts };
  });
}

function writeKey(writer: Writer, key: string): void {
  const bytes = encodeUtf8(key);
  writer.u16(bytes.length).bytes(bytes);
}

function readKey(reader: Reader): string {
  return decodeUtf8(reader.bytes(reader.u16()));
}
