import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import type { StoredRecord } from "../../../../src/core/wallet/stored-record.ts";
import {
  decodeRow,
  encodeRow,
  PackedRecords,
  type PackedRow,
  ROW_BYTES_SOFT_MAX,
  ROW_RECORDS_MAX,
} from "../../../../src/client/storage/packed-records.ts";

const put = (key: string, bytes: Uint8Array) => ({ key, bytes });
const puts = (...records: readonly StoredRecord[]) => ({ puts: records, deletes: [] });
const asMap = (packed: PackedRecords) => new Map(packed.all().map(({ key, bytes }) => [key, bytes]));

describe("packed records", () => {
  it("hold what was put, whatever the order, and load from their rows", () => {
    const keys = fc.constantFrom("note/a", "note/b", "header/ü", "alone", "note/e");
    const step = fc.record({
      puts: fc.array(fc.record({ key: keys, bytes: fc.uint8Array({ maxLength: 8 }) })),
      deletes: fc.array(keys),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const packed = new PackedRecords();
        const expected = new Map<string, Uint8Array>();
        const rows = new Map<string, PackedRow>();
        for (const changes of steps) {
          for (const key of changes.deletes) expected.delete(key);
          for (const { key, bytes } of changes.puts) expected.set(key, bytes);
          for (const row of packed.apply(changes)) rows.set(`${row.kind}/${row.row}`, row);
        }
        const loaded = new PackedRecords();
        for (const { kind, row, bytes } of rows.values()) if (bytes !== undefined) loaded.load(kind, row, bytes);
        expect(asMap(packed)).toEqual(expected);
        expect(asMap(loaded)).toEqual(expected);
        for (const [key, bytes] of expected) expect(loaded.get(key)).toEqual(bytes);
      }),
    );
  });

  it("a copy has the same rows, and what is applied to it is not seen in the first", () => {
    const packed = new PackedRecords();
    packed.apply(
      puts(put("note/a", Uint8Array.of(1)), put("note/b", Uint8Array.of(2)), put("other/a", Uint8Array.of(3))),
    );
    const before = asMap(packed);
    const copy = packed.copy();
    expect(copy.rows()).toEqual(packed.rows());
    const rows = copy.apply({
      puts: [put("note/a", Uint8Array.of(9)), put("blob/a", Uint8Array.of(4))],
      deletes: ["other/a"],
    });
    expect(rows.map(({ kind, row }) => `${kind}/${row}`).sort()).toEqual(["blob/0", "note/0", "other/0"]);
    expect(asMap(packed)).toEqual(before);
    expect(asMap(copy).size).toBe(3);
  });

  it(`start a new row after ${ROW_RECORDS_MAX} records`, () => {
    const packed = new PackedRecords();
    const fill = Array.from({ length: ROW_RECORDS_MAX }, (_, index) => put(`note/${index}`, Uint8Array.of(1)));
    expect(packed.apply(puts(...fill)).map(({ row }) => row)).toEqual([0]);
    expect(packed.apply(puts(put("note/more", Uint8Array.of(1)))).map(({ row }) => row)).toEqual([1]);
    expect(packed.apply(puts(put("note/0", Uint8Array.of(2)))).map(({ row }) => row)).toEqual([0]);
  });

  it("start a new row when one has grown large", () => {
    const packed = new PackedRecords();
    packed.apply(puts(put("note/large", new Uint8Array(ROW_BYTES_SOFT_MAX))));
    expect(packed.apply(puts(put("note/next", Uint8Array.of(1)))).map(({ row }) => row)).toEqual([1]);
  });
});

describe("a row's bytes", () => {
  it("go round", () => {
    const records = new Map([
      ["", new Uint8Array()],
      ["ключ", Uint8Array.of(1, 2)],
    ]);
    expect(decodeRow(encodeRow(records))).toEqual(records);
  });

  it("are refused with nothing but a DecodeError when they are not ours", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeRow(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
    expect(() => decodeRow(Uint8Array.of(0xe9, 3, 0, 0))).toThrow(DecodeError);
    expect(() => decodeRow(Uint8Array.of(...encodeRow(new Map()), 0))).toThrow(DecodeError);
  });
});
