import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex, parseHex } from "../../../../src/core/bytes/hex.ts";
import { decodeUtf8, encodeUtf8 } from "../../../../src/core/bytes/utf8.ts";
import { runs } from "../../../support/run-counts.ts";

const RUNS = { numRuns: runs(10_000, 1_000_000) };
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function reference(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function ours(bytes: Uint8Array): string | undefined {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

describe("UTF-8", () => {
  it("writes what the platform writes, for any string of whole characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
        expect(decodeUtf8(encodeUtf8(text))).toBe(text);
      }),
      RUNS,
    );
  });

  it("[EN-4] reads exactly what a strict decoder reads, and refuses the rest with DecodeError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        expect(ours(bytes)).toBe(reference(bytes));
      }),
      RUNS,
    );
  });

  it.each([
    ["an overlong slash", [0xc0, 0xaf]],
    ["an overlong three-byte form", [0xe0, 0x80, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["more than U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a lone continuation", [0x80]],
    ["a cut sequence", [0xe2, 0x82]],
  ])("[EN-3] refuses %s", (_, bytes) => {
    expect(() => decodeUtf8(Uint8Array.from(bytes))).toThrow(DecodeError);
  });
});

describe("hex", () => {
  it("comes back, in lower case only", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(parseHex(formatHex(bytes))).toEqual(bytes);
      }),
      RUNS,
    );
    for (const text of ["0", "AB", "0x00", "zz", " 00"]) expect(() => parseHex(text)).toThrow(DecodeError);
  });
});
