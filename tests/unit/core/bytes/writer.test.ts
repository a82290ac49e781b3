import { describe, expect, it } from "vitest";
import { u16, u32, u40, u64, u8, Writer } from "../../../../src/core/bytes/writer.ts";

describe("a writer that outgrows its hint", () => {
  it.each([0, 1, 2, 3, 5, 8])("writes the same bytes from a hint of %i", (hint) => {
    const write = (writer: Writer): Uint8Array =>
      writer
        .u8(1)
        .u16(2)
        .u32(3)
        .u40(4)
        .u64(5)
        .bytes(Uint8Array.of(6, 7, 8))
        .fixed(Uint8Array.of(9), 1)
        .finish();
    expect(write(new Writer(hint))).toEqual(write(new Writer(1024)));
  });

  it("gives bytes that nothing written later changes, also where they fill the hint", () => {
    const writer = new Writer(2).u8(1).u8(2);
    const first = writer.finish();
    expect(writer.u8(3).u64(4).finish()).toEqual(Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0));
    expect(first).toEqual(Uint8Array.of(1, 2));
  });
});

describe("[EN-1] a number of fixed width", () => {
  it("stands with its least byte first", () => {
    const bytes = [0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8];
    expect([...u8(0x81)]).toEqual(bytes.slice(0, 1));
    expect([...u16(0x9281)]).toEqual(bytes.slice(0, 2));
    expect([...u32(0xb4a39281)]).toEqual(bytes.slice(0, 4));
    expect([...u40(0xc5b4a39281)]).toEqual(bytes.slice(0, 5));
    expect([...u64(0xf8e7d6c5b4a39281n)]).toEqual(bytes);
    expect([...u64(0x17d6c5b4a39281)]).toEqual([...bytes.slice(0, 6), 0x17, 0]);
  });

  it.each([
    ["u8", u8, 8],
    ["u16", u16, 16],
    ["u32", u32, 32],
    ["u40", u40, 40],
  ] as const)("that is none of a %s is a mistake of the caller", (_name, write, bits) => {
    expect(write(2 ** bits - 1)).toEqual(new Uint8Array(bits / 8).fill(0xff));
    for (const wrong of [-1, 0.5, NaN, Infinity, 2 ** bits]) expect(() => write(wrong)).toThrow(RangeError);
  });
});

describe("[EN-1] a u64", () => {
  it.each([0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1])("is the same from the number %i and as a bigint", (value) => {
    expect(u64(value)).toEqual(u64(BigInt(value)));
  });

  it.each([-1, 0.5, NaN, Infinity, -1n, 1n << 64n])("%s is a mistake of the caller", (value) => {
    expect(() => u64(value)).toThrow(RangeError);
  });
});
