import { decodeWhole } from "../../core/bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../core/bytes/utf8.ts";
import { Writer } from "../../core/bytes/writer.ts";
import type { RecordChanges, StoredRecord } from "../../core/wallet/stored-record.ts";

/** Records one row holds at most: one row per record would be fifty times slower to write and to load. */
export const ROW_RECORDS_MAX = 1_000;
/** A row that has reached this size takes no further records: a change rewrites its whole row. */
export const ROW_BYTES_SOFT_MAX = 256 * 1024;
const KEY_BYTES_MAX = 0xffff;

/** The kind of a record: its key up to the first slash. Records of one kind share rows. */
export const kindOf = (key: string): string => key.split("/", 1)[0]!;

/** A row of one kind: its number and its records. Undefined bytes mean that the row is gone. */
export interface PackedRow {
  readonly kind: string;
  readonly row: number;
  readonly bytes: Uint8Array | undefined;
}

interface Row {
  readonly records: Map<string, Uint8Array>;
  size: number;
}

interface Kind {
  readonly rows: Map<number, Row>;
  readonly rowOfKey: Map<string, number>;
  /** The row new records go to. */
  openRow: number;
}

/** All records in memory and the rows they are packed into. */
export class PackedRecords {
  readonly #kinds = new Map<string, Kind>();

  /** Takes up a row as it was stored; throws DecodeError on other bytes. */
  load(kind: string, row: number, bytes: Uint8Array): void {
    const records = decodeRow(bytes);
    const target = this.#kind(kind);
    target.rows.set(row, { records, size: bytes.length });
    for (const key of records.keys()) target.rowOfKey.set(key, row);
    target.openRow = Math.max(target.openRow, row);
  }

  get(key: string): Uint8Array | undefined {
    const kind = this.#kinds.get(kindOf(key));
    const row = kind?.rowOfKey.get(key);
    return row === undefined ? undefined : kind?.rows.get(row)?.records.get(key);
  }

  /** All records, in no particular order. */
  all(): readonly StoredRecord[] {
    const rows = [...this.#kinds.values()].flatMap((kind) => [...kind.rows.values()]);
    return rows.flatMap((row) => [...row.records].map(([key, bytes]) => ({ key, bytes })));
  }

  /** Applies one step's changes and returns the rows to be written for them. Deleting what is not there is fine. */
  apply({ puts, deletes }: RecordChanges): readonly PackedRow[] {
    const touched = new Map<string, Set<number>>();
    const touch = (kind: string, row: number): void => {
      touched.set(kind, (touched.get(kind) ?? new Set()).add(row));
    };
    for (const key of deletes) {
      const row = this.#remove(key);
      if (row !== undefined) touch(kindOf(key), row);
    }
    for (const { key, bytes } of puts) touch(kindOf(key), this.#put(key, bytes));
    return [...touched].flatMap(([kind, rows]) => [...rows].map((row) => this.#pack(kind, row)));
  }

  /** Every row, to be written anew. */
  rows(): readonly PackedRow[] {
    return [...this.#kinds].flatMap(([kind, { rows }]) => [...rows.keys()].map((row) => this.#pack(kind, row)));
  }

  /** The same records in the same rows; what is applied to one of the two is not seen in the other. */
  copy(): PackedRecords {
    const copy = new PackedRecords();
    for (const [name, { rows, rowOfKey, openRow }] of this.#kinds) {
      const copied = [...rows].map(([number, { records, size }]): [number, Row] => [
        number,
        { records: new Map(records), size },
      ]);
      copy.#kinds.set(name, { rows: new Map(copied), rowOfKey: new Map(rowOfKey), openRow });
    }
    return copy;
  }

  clear(): void {
    this.#kinds.clear();
  }

  #kind(name: string): Kind {
    let kind = this.#kinds.get(name);
    if (kind === undefined) {
      kind = { rows: new Map(), rowOfKey: new Map(), openRow: 0 };
      this.#kinds.set(name, kind);
    }
    return kind;
  }

  #put(key: string, value: Uint8Array): number {
    const kind = this.#kind(kindOf(key));
    const number = kind.rowOfKey.get(key) ?? this.#roomyRow(kind);
    const row = kind.rows.get(number)!;
    row.size += value.length - (row.records.get(key)?.length ?? -recordOverhead(key));
    row.records.set(key, value);
    kind.rowOfKey.set(key, number);
    return number;
  }

  #roomyRow(kind: Kind): number {
    const open = kind.rows.get(kind.openRow);
    const isFull = open !== undefined && (open.records.size >= ROW_RECORDS_MAX || open.size >= ROW_BYTES_SOFT_MAX);
    if (isFull) kind.openRow++;
    if (!kind.rows.has(kind.openRow)) kind.rows.set(kind.openRow, { records: new Map(), size: 0 });
    return kind.openRow;
  }

  #remove(key: string): number | undefined {
    const kind = this.#kinds.get(kindOf(key));
    const number = kind?.rowOfKey.get(key);
    if (kind === undefined || number === undefined) return undefined;
    const row = kind.rows.get(number)!;
    row.size -= row.records.get(key)!.length + recordOverhead(key);
    row.records.delete(key);
    kind.rowOfKey.delete(key);
    return number;
  }

  #pack(kindName: string, number: number): PackedRow {
    const kind = this.#kinds.get(kindName)!;
    const row = kind.rows.get(number)!;
    if (row.records.size > 0) return { kind: kindName, row: number, bytes: encodeRow(row.records) };
    kind.rows.delete(number);
    return { kind: kindName, row: number, bytes: undefined };
  }
}

function recordOverhead(key: string): number {
  return 6 + key.length;
}

/** `u32 n ‖ n × (u16 size ‖ key ‖ u32 size ‖ value)`. */
export function encodeRow(records: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const writer = new Writer(4096).u32(records.size);
  for (const [key, value] of records) {
    const keyBytes = encodeUtf8(key);
    if (keyBytes.length > KEY_BYTES_MAX) throw new RangeError(`key of ${keyBytes.length} bytes`);
    writer.u16(keyBytes.length).bytes(keyBytes).u32(value.length).bytes(value);
  }
  return writer.finish();
}

export function decodeRow(bytes: Uint8Array): Map<string, Uint8Array> {
  return decodeWhole(bytes, (reader) => {
    const entries = reader.list(reader.u32(), ROW_RECORDS_MAX, (from): [string, Uint8Array] => {
      const key = decodeUtf8(from.bytes(from.u16()));
      return [key, from.bytes(from.u32())];
    });
    return new Map(entries);
  });
}
