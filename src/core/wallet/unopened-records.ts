import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import type { RecordChanges, StoredRecord } from "./stored-record.ts";
import { NO_UNOPENED, UNOPENED_COINS_MAX, type UnopenedCoins } from "./unopened-coins.ts";

const RECORD_VERSION = 1;
export const UNOPENED_KEY = "unopened";

/** `u8 version ‖ count u16 ‖ {leaf u40 ‖ packet_leaf u40}`, in the order of finding. */
export function encodeUnopened(unopened: UnopenedCoins): Uint8Array {
  const writer = new Writer(3 + 10 * unopened.size).u8(RECORD_VERSION).u16(unopened.size);
  return writer.list([...unopened], (out, [leaf, packetLeaf]) => out.u40(leaf).u40(packetLeaf)).finish();
}

/** The inverse of {@link encodeUnopened}. */
export function decodeUnopened(bytes: Uint8Array): UnopenedCoins {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== RECORD_VERSION) throw new DecodeError(`record version ${version}`);
    const count = reader.u16();
    if (count === 0) throw new DecodeError("record without coins");
    const coins = new Map(reader.list(count, UNOPENED_COINS_MAX, readCoin));
    if (coins.size !== count) throw new DecodeError("one coin twice");
    return coins;
  });
}

function readCoin(reader: Reader): readonly [LeafIndex, LeafIndex] {
  return [leafIndex(reader.u40()), leafIndex(reader.u40())];
}

/** The records that differ between two states. */
export function diffUnopened(before: UnopenedCoins | undefined, after: UnopenedCoins): RecordChanges {
  if (before === after) return { puts: [], deletes: [] };
  if (after.size > 0) return { puts: [{ key: UNOPENED_KEY, bytes: encodeUnopened(after) }], deletes: [] };
  return { puts: [], deletes: (before?.size ?? 0) === 0 ? [] : [UNOPENED_KEY] };
}

/** What a store holds of them. */
export function readUnopened(records: readonly StoredRecord[]): UnopenedCoins {
  const record = records.find(({ key }) => key === UNOPENED_KEY);
  return record === undefined ? NO_UNOPENED : decodeUnopened(record.bytes);
}
