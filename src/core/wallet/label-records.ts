import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { Writer } from "../bytes/writer.ts";
import { canBeLabelled, cleanLabel, LABEL_BYTES_MAX, type Label } from "./label.ts";
import type { RecordChanges, StoredRecord } from "./stored-record.ts";

const LABEL_VERSION = 1;
const LABEL_PREFIX = "label/";
/** Of a txid in hex; `leaf:` and a number are shorter. */
const ID_BYTES_MAX = 64;
/** Length of a sequence number in a key, so that keys sort as numbers do. A key says nothing of the line. */
const KEY_DIGITS = 9;

type Labels = ReadonlyMap<string, Label>;
type Entry = readonly [id: string, label: Label];

/** True for the keys this module owns. */
export function isLabelRecord(key: string): boolean {
  return key.startsWith(LABEL_PREFIX);
}

/** `u8 version ‖ u32 sequence ‖ u8 |id| ‖ id ‖ u8 |text| ‖ text`, at most 167 bytes. */
export function encodeLabel([id, { text, sequence }]: Entry): Uint8Array {
  const writer = new Writer(32 + ID_BYTES_MAX + LABEL_BYTES_MAX).u8(LABEL_VERSION).u32(sequence);
  for (const part of [id, text]) {
    const bytes = encodeUtf8(part);
    writer.u8(bytes.length).bytes(bytes);
  }
  return writer.finish();
}

/** The inverse of {@link encodeLabel}. Throws DecodeError, also for a text that no label could have got. */
export function decodeLabel(bytes: Uint8Array): Entry {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== LABEL_VERSION) throw new DecodeError(`record version ${version}`);
    const sequence = reader.u32();
    const [id, text] = [ID_BYTES_MAX, LABEL_BYTES_MAX].map((bytesMax) => {
      const size = reader.u8();
      if (size > bytesMax) throw new DecodeError(`label part of ${size} bytes`);
      return decodeUtf8(reader.bytes(size));
    });
    if (!canBeLabelled(id!) || text === "" || cleanLabel(text!) !== text) throw new DecodeError("no label");
    return [id!, { text, sequence }];
  });
}

const keyOf = ({ sequence }: Label): string => LABEL_PREFIX + sequence.toString().padStart(KEY_DIGITS, "0");

/** The records that differ between two states. */
export function diffLabels(before: Labels | undefined, after: Labels): RecordChanges {
  if (before === after) return { puts: [], deletes: [] };
  const changed = [...after].filter(([id, label]) => before?.get(id) !== label);
  const gone = [...(before ?? [])].filter(([id]) => !after.has(id));
  return {
    puts: changed.map((entry) => ({ key: keyOf(entry[1]), bytes: encodeLabel(entry) })),
    deletes: gone.map(([, label]) => keyOf(label)),
  };
}

/** What a store holds of them, oldest first. Throws DecodeError for a damaged record. */
export function readLabels(records: readonly StoredRecord[]): Labels {
  const labels = records.filter(({ key }) => isLabelRecord(key)).map(({ bytes }) => decodeLabel(bytes));
  labels.sort(([, left], [, right]) => left.sequence - right.sequence);
  return new Map(labels);
}
