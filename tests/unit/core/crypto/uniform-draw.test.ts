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

  it("[PR-8] draws again instead of reducing: n just above half the range", () => {
    const n = 2 ** 53 - 1;
    for (let index = 0; index < 1000; index++) {
      const value = uniformDraw(hash32("test/draw", u32(index)), n);
      expect(Number.isSafeInteger(value) && value >= 0 && value < n).toBe(true);
    }
  });

  it("[PR-8] takes an impossible n for our own mistake", () => {
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 54])
      expect(() => uniformDraw(new Uint8Array(32), n)).toThrow(RangeError);
  });
});
