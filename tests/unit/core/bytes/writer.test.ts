import { describe, expect, it } from "vitest";
import { Writer } from "../../../../src/core/bytes/writer.ts";

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
});
