import { describe, expect, it } from "vitest";
import { heightsOf, STRETCH_BLOCKS, stretchesFor, stretchOf } from "../../../../src/core/sync/block-stretch.ts";
import { hashOf } from "../../../support/block-commits.ts";

const SECRET = hashOf("covers", 1);

describe("[NW-20] stretches of blocks", () => {
  it("are 256 blocks each, whichever of them is meant", () => {
    expect(STRETCH_BLOCKS).toBe(256);
    expect([stretchOf(1), stretchOf(255), stretchOf(256)]).toEqual([0, 0, 1]);
    expect([heightsOf(0), heightsOf(3)]).toEqual([
      { first: 1, last: 255 },
      { first: 768, last: 1023 },
    ]);
  });

  it("come in pairs: whoever sees a request cannot tell which of the two was meant", () => {
    for (let stretch = 0; stretch < 64; stretch++) {
      const pair = stretchesFor(SECRET, stretch, undefined);
      expect(pair).toHaveLength(2);
      expect(pair).toContain(stretch);
      expect(pair[0]).toBeLessThan(pair[1]!);
      expect(new Set(pair.map((each) => Math.floor(each / 8))).size).toBe(1);
      for (const each of pair) expect(stretchesFor(SECRET, each, undefined)).toEqual(pair);
    }
  });

  it("pair otherwise under another secret", () => {
    const pairs = (secret: typeof SECRET) => Array.from({ length: 64 }, (_, at) => stretchesFor(secret, at, undefined));
    expect(pairs(SECRET)).not.toEqual(pairs(hashOf("covers", 2)));
  });

  it("leave out what nobody can have", () => {
    expect(stretchesFor(SECRET, 8, heightsOf(8).last)).toEqual([8]);
    for (const stretch of [8, 9, 10, 11, 12, 13, 14, 15]) {
      expect(stretchesFor(SECRET, stretch, heightsOf(15).first)).toHaveLength(2);
    }
  });
});
