import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBech32, parseBech32 } from "../../../../src/core/values/bech32-text.ts";
import { runs } from "../../../support/run-counts.ts";

const LENGTH_MAX = 500;
const DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l1b ";

describe("bech32m text", () => {
  it("gives back prefix and bytes", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,12}$/), fc.uint8Array({ maxLength: 250 }), (prefix, bytes) => {
        expect(parseBech32(formatBech32(prefix, bytes), LENGTH_MAX)).toEqual({ prefix, bytes });
      }),
      { numRuns: runs(200, 10_000) },
    );
  });

  it("[EN-3] has one text per value: no upper case, no spaces, no other checksum, no padding of ones", () => {
    const text = formatBech32("test", Uint8Array.of(1, 2, 3, 4));
    expect(parseBech32(text.toUpperCase(), LENGTH_MAX)).toBeUndefined();
    expect(parseBech32(` ${text}`, LENGTH_MAX)).toBeUndefined();
    expect(parseBech32(`${text}\n`, LENGTH_MAX)).toBeUndefined();
    expect(parseBech32(text, text.length - 1)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.nat({ max: DIGITS.length - 1 }), (at, digit) => {
        const changed = text.slice(0, at) + DIGITS.charAt(digit) + text.slice(at + 1);
        if (changed !== text && parseBech32(changed, LENGTH_MAX)?.prefix === "test") expect(changed).toBe(text);
      }),
      { numRuns: runs(2_000, 100_000) },
    );
  });

  it("[EN-4] takes any text without throwing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{0,5}1[a-z0-9]{0,80}$/)), (text) => {
        const parsed = parseBech32(text, LENGTH_MAX);
        if (parsed !== undefined) expect(formatBech32(parsed.prefix, parsed.bytes)).toBe(text);
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});
