import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatRecoveryWords,
  parseRecoveryWords,
  RECOVERY_WORD_COUNT,
} from "../../../../src/core/values/recovery-words.ts";
import { runs } from "../../../support/run-counts.ts";

/** BIP-39 test vector of 32 zero bytes. */
const ZERO_WORDS = `${"abandon ".repeat(23)}art`;

describe("recovery words", () => {
  it("[AD-1] are the entropy itself, as 24 English words", () => {
    expect(formatRecoveryWords(new Uint8Array(32))).toBe(ZERO_WORDS);
    expect(parseRecoveryWords(ZERO_WORDS)).toEqual({ ok: true, seed: new Uint8Array(32) });
    expect(() => formatRecoveryWords(new Uint8Array(16))).toThrow(RangeError);
  });

  it("[AD-1] come back from any seed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const words = formatRecoveryWords(seed);
        expect(words.split(" ")).toHaveLength(RECOVERY_WORD_COUNT);
        expect(parseRecoveryWords(words)).toEqual({ ok: true, seed });
      }),
      { numRuns: runs(300, 100_000) },
    );
  });

  it("forgives spacing and case, and says what is wrong otherwise", () => {
    expect(parseRecoveryWords(`\n ${ZERO_WORDS.toUpperCase().replaceAll(" ", "  ")} \t`).ok).toBe(true);
    expect(parseRecoveryWords("  ")).toEqual({ ok: false, code: "empty" });
    expect(parseRecoveryWords("abandon abandon")).toEqual({ ok: false, code: "bad_count" });
    expect(parseRecoveryWords(ZERO_WORDS.replace("art", "abandon"))).toEqual({ ok: false, code: "bad_checksum" });
    expect(parseRecoveryWords(ZERO_WORDS.replace("art", "xyzzy"))).toEqual({
      ok: false,
      code: "unknown_word",
      index: 23,
    });
    expect(parseRecoveryWords("x".repeat(10_000))).toMatchObject({ code: "unknown_word" });
  });

  it("answers to any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => typeof parseRecoveryWords(text).ok === "boolean"),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});
