import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CHECKPOINT_TEXT_MAX,
  CHECKPOINT_WORD_COUNT,
  formatCheckpoint,
  isNamed,
  parseCheckpoint,
} from "../../../../src/core/sync/checkpoint-words.ts";
import { hash, HASH_SIZE } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import { parseRecoveryWords } from "../../../../src/core/values/recovery-words.ts";
import { runs } from "../../../support/run-counts.ts";

/** BIP-39 test vectors of 128 bits: every byte the same. */
const VECTORS = [
  [0x00, "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"],
  [0x7f, "legal winner thank year wave sausage worth useful legal winner thank yellow"],
  [0x80, "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"],
  [0xff, "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"],
] as const;

const idOf = (byte: number, rest = 0x55) => hash(new Uint8Array(HASH_SIZE).fill(rest).fill(byte, 0, 16));

describe("a checkpoint that people pass on", () => {
  it.each(VECTORS)("[LC-4] the first 128 bits %i of the block id are 12 words behind the height", (byte, words) => {
    const blockId = idOf(byte);
    const shown = formatCheckpoint({ height: height(123_456), blockId });
    expect(shown).toEqual({ words, text: `123456 ${words}` });
    expect(words.split(" ")).toHaveLength(CHECKPOINT_WORD_COUNT);
    expect(parseCheckpoint(shown.text)).toEqual({
      ok: true,
      name: { height: 123_456, idStart: new Uint8Array(16).fill(byte) },
    });
  });

  it("[LC-4] names the blocks that begin like this, at this height", () => {
    const parsed = parseCheckpoint(formatCheckpoint({ height: height(9), blockId: idOf(7) }).text);
    if (!parsed.ok) throw new Error(parsed.code);
    expect(isNamed(parsed.name, 9, idOf(7))).toBe(true);
    expect(isNamed(parsed.name, 9, idOf(7, 0x66))).toBe(true);
    expect(isNamed(parsed.name, 10, idOf(7))).toBe(false);
    const other = idOf(7).slice();
    other[15]! ^= 1;
    expect(isNamed(parsed.name, 9, hash(other))).toBe(false);
  });

  it("forgives spacing and case, and says what is wrong otherwise", () => {
    const [, words] = VECTORS[1];
    expect(parseCheckpoint(`\n 42\t ${words.toUpperCase().replaceAll(" ", " \n")} `)).toMatchObject({
      ok: true,
      name: { height: 42 },
    });
    expect(parseCheckpoint(" ")).toEqual({ ok: false, code: "empty" });
    for (const text of [words, `x42 ${words}`, `42x ${words}`, `-1 ${words}`, `042 ${words}`, `4.2 ${words}`])
      expect(parseCheckpoint(text)).toEqual({ ok: false, code: "no_height" });
    expect(parseCheckpoint(`9007199254740991 ${words}`)).toMatchObject({ ok: true });
    for (const digits of ["9007199254740992", "1".repeat(400)])
      expect(parseCheckpoint(`${digits} ${words}`)).toEqual({ ok: false, code: "no_height" });
    expect(parseCheckpoint("42")).toEqual({ ok: false, code: "bad_count" });
    expect(parseCheckpoint(`42 ${words} year`)).toEqual({ ok: false, code: "bad_count" });
    expect(parseCheckpoint(`42 ${words.replace("yellow", "year")}`)).toEqual({ ok: false, code: "bad_checksum" });
    expect(parseCheckpoint(`42 ${words.replace("thank", "thanks")}`)).toEqual({
      ok: false,
      code: "unknown_word",
      index: 2,
    });
    expect(parseCheckpoint(`42 ${words}`.padEnd(CHECKPOINT_TEXT_MAX)).ok).toBe(true);
    expect(parseCheckpoint(`42 ${words}`.padEnd(CHECKPOINT_TEXT_MAX + 1))).toEqual({ ok: false, code: "too_long" });
  });

  it("is no recovery phrase, nor the other way round", () => {
    const [, words] = VECTORS[2];
    expect(parseRecoveryWords(words)).toEqual({ ok: false, code: "bad_count" });
    expect(parseCheckpoint(`1 ${"abandon ".repeat(23)}art`)).toEqual({ ok: false, code: "bad_count" });
  });

  it("[LC-4] comes back from any height and block id", () => {
    const anyHash = fc.uint8Array({ minLength: HASH_SIZE, maxLength: HASH_SIZE });
    fc.assert(
      fc.property(fc.maxSafeNat(), anyHash, (at, bytes) => {
        const { text } = formatCheckpoint({ height: height(at), blockId: hash(bytes) });
        const parsed = parseCheckpoint(text);
        expect(parsed).toMatchObject({ ok: true, name: { height: at } });
        expect(parsed.ok && isNamed(parsed.name, at, hash(bytes))).toBe(true);
      }),
      { numRuns: runs(300, 100_000) },
    );
  });

  it("answers to any text", () => {
    const words = fc.array(fc.constantFrom("zoo", "wrong", "7", "legal", "0", "x"), { maxLength: 16 });
    const texts = fc.oneof(
      fc.string(),
      words.map((list) => list.join(" ")),
    );
    fc.assert(
      fc.property(texts, (text) => typeof parseCheckpoint(text).ok === "boolean"),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});
