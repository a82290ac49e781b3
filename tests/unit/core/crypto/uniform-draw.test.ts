import { describe, expect, it } from "vitest";
import { uniformDraw } from "../../../../src/core/crypto/uniform-draw.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";

describe("uniform draw", () => {
  it.each(vectors.draw)("[PR-8] draws $value out of $n", ({ seed, n, value }) => {
    expect(uniformDraw(hexBytes(seed), Number(n))).toBe(Number(value));
  });

  it("[PR-8] is uniform: χ² of many draws", () => {
    const [count, buckets] = [runs(30_000, 1_000_000), 10];
    const hits = new Array<number>(buckets).fill(0);
    for (let index = 0; index < count; index++) hits[uniformDraw(hash32("test/draw", u32(index)), buckets)]!++;
    const expected = count / buckets;
    const square = hits.reduce((sum, hit) => sum + (hit - expected) ** 2 / expected, 0);
    // Nine degrees of freedom: above 27.9 one time in a thousand. The seeds are fixed, so this cannot flicker.
    expect(square).toBeLessThan(27.9);
  });

  it("[PR-8] draws again instead of reducing a word of the last, incomplete interval", () => {
    // 2^64 falls just short of 2049·n, so nearly n values are cut off: one word in 2049, the most an n below 2^53 can have.
    const n = Number((1n << 64n) / 2049n) + 1;
    const limit = ((1n << 64n) / BigInt(n)) * BigInt(n);
    let redrawn = 0;
    for (let index = 0; index < 5_000; index++) {
      const seed = hash32("test/draw", u32(index));
      const words = new DataView(hash32("stg/draw", seed, u32(0)).buffer);
      const [first, second] = [words.getBigUint64(0, true), words.getBigUint64(8, true)];
      if (first >= limit) redrawn++;
      expect(uniformDraw(seed, n)).toBe(Number((first < limit ? first : second) % BigInt(n)));
    }
    expect(redrawn).toBeGreaterThan(0);
  });

  it("[PR-8] takes an impossible n for our own mistake", () => {
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 54])
      expect(() => uniformDraw(new Uint8Array(32), n)).toThrow(RangeError);
  });
});
