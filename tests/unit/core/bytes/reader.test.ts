import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { decodeWhole, Reader } from "../../../../src/core/bytes/reader.ts";
import { u16, u32, u40, u64, u8 } from "../../../../src/core/bytes/writer.ts";
import { runs } from "../../../support/run-counts.ts";

describe("Reader", () => {
  it("[EN-1] reads little-endian integers of every width at their limits", () => {
    expect(new Reader(u8(0xff)).u8()).toBe(0xff);
    expect(new Reader(u16(0x1234)).u16()).toBe(0x1234);
    expect(u16(0x1234)).toEqual(Uint8Array.of(0x34, 0x12));
    expect(new Reader(u32(0xffff_ffff)).u32()).toBe(0xffff_ffff);
    expect(new Reader(u40(2 ** 40 - 1)).u40()).toBe(2 ** 40 - 1);
    expect(new Reader(u64(2n ** 64n - 1n)).u64()).toBe(2n ** 64n - 1n);
  });

  it("[EN-1] the first byte is the least of every width", () => {
    const bytes = Uint8Array.of(0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8);
    expect(new Reader(bytes).u16()).toBe(0x9281);
    expect(new Reader(bytes).u32()).toBe(0xb4a39281);
    expect(new Reader(bytes).u40()).toBe(0xc5b4a39281);
    expect(new Reader(bytes).u64()).toBe(0xf8e7d6c5b4a39281n);
    expect(new Reader(Uint8Array.of(0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0x17, 0)).u53()).toBe(0x17d6c5b4a39281);
    // At a place that is no multiple of any width.
    const behind = new Reader(Uint8Array.of(0, ...bytes));
    behind.u8();
    expect(behind.u64()).toBe(0xf8e7d6c5b4a39281n);
  });

  it("[EN-1] a height, time or counter of 2^53 is refused, one below is read", () => {
    expect(new Reader(u64(2n ** 53n - 1n)).u53()).toBe(2 ** 53 - 1);
    expect(() => new Reader(u64(2n ** 53n)).u53()).toThrow(DecodeError);
  });

  it("[EN-1] every leaf number comes back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 - 1 }), (leaf) => new Reader(u40(leaf)).u40() === leaf),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });

  it("[EN-3] refuses trailing bytes, and a count over its limit before it reads one item", () => {
    expect(() => decodeWhole(Uint8Array.of(1, 2), (reader) => reader.u8())).toThrow(DecodeError);
    let items = 0;
    expect(() => new Reader(new Uint8Array(100)).list(11, 10, () => items++)).toThrow(DecodeError);
    expect(items).toBe(0);
  });

  it("[EN-4] reading past the end is a DecodeError, whatever is read", () => {
    const reads: readonly (readonly [number, (reader: Reader) => unknown])[] = [
      [1, (reader) => reader.u8()],
      [2, (reader) => reader.u16()],
      [4, (reader) => reader.u32()],
      [5, (reader) => reader.u40()],
      [8, (reader) => reader.u53()],
      [8, (reader) => reader.u64()],
      [3, (reader) => reader.bytes(3)],
    ];
    for (const [size, read] of reads) {
      for (let short = 0; short < size; short++)
        expect(() => read(new Reader(new Uint8Array(short))), `${short} of ${size} bytes`).toThrow(DecodeError);
      const reader = new Reader(new Uint8Array(size));
      read(reader);
      expect(reader.remaining).toBe(0);
    }
  });

  it("a copy is handed out, so that a large frame is not kept alive by a small field", () => {
    const frame = new Uint8Array(64);
    const field = new Reader(frame).bytes(4);
    frame.fill(7);
    expect(field).toEqual(new Uint8Array(4));
    expect(field.buffer.byteLength).toBe(4);
  });
});

describe("tryDecode", () => {
  it("turns a refusal into a value and lets every other error through", () => {
    expect(tryDecode((bytes) => decodeWhole(bytes, (reader) => reader.u8()), Uint8Array.of(9))).toEqual({
      ok: true,
      value: 9,
    });
    expect(tryDecode((bytes) => decodeWhole(bytes, (reader) => reader.u8()), new Uint8Array(0)).ok).toBe(false);
    const broken = (): never => {
      throw new RangeError("a bug of ours");
    };
    expect(() => tryDecode(broken, new Uint8Array(0))).toThrow(RangeError);
  });
});
