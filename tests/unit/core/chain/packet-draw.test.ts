import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { drawSlots } from "../../../../src/core/chain/packet-draw.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

/** 99 % of honest draws stay below, with so many degrees of freedom. */
const CHI_SQUARE_99: Readonly<Record<number, number>> = { 5: 15.09, 25: 44.31 };
const SHARES = [0, 1, 2, 3, 4, 5];

function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

describe("the draw of slots (RP-6)", () => {
  it("[RP-6] is that of the vectors", () => {
    const { beacon, claims, assignment_in_order: expected } = vectors.packet;
    const hashes = claims.map((text) => hash(hexBytes(text)));
    const drawn = drawSlots(hash(hexBytes(beacon)), hashes, [0, 1, 2, 3, 4]);
    expect(drawn.map(({ place, slot }) => [claims[place], slot])).toEqual(expected);
    // In whatever order the block holds them.
    const turned = drawSlots(hash(hexBytes(beacon)), hashes.toReversed(), [0, 1, 2, 3, 4]);
    expect(turned.map(({ place, slot }) => [formatHex(hashes.toReversed()[place]!), slot])).toEqual(expected);
  });

  it("[RP-6] gives each slot once, and none to a claim too many", () => {
    const hashes = SHARES.map((place) => hash32("test/claim", u32(place)));
    const drawn = drawSlots(hash32("test/beacon"), hashes, SHARES);
    expect(drawn.map(({ slot }) => slot).sort()).toEqual(SHARES);
    expect(drawn.map(({ place }) => place).sort()).toEqual(SHARES);
    expect(drawSlots(hash32("test/beacon"), [], [])).toEqual([]);
    expect(() => drawSlots(hash32("test/beacon"), hashes, SHARES.slice(1))).toThrow(RangeError);
  });

  it("[RP-6] favours no slot, and tells nothing of a share by the place of its claim (20,000 packets)", () => {
    const pairs = Array.from({ length: SHARES.length ** 2 }, () => 0);
    const firsts = SHARES.map(() => 0);
    for (let packet = 0; packet < 20_000; packet++) {
      const hashes = SHARES.map((place) => hash32("test/claim", u32(packet), u32(place)));
      const beacon = hash32("test/beacon", u32(packet));
      // Two blocks: what the first three leave is drawn for the others.
      const early = drawSlots(beacon, hashes.slice(0, 3), SHARES);
      const taken = new Set(early.map(({ slot }) => slot));
      const rest = SHARES.filter((slot) => !taken.has(slot));
      const late = drawSlots(hash32("test/later", beacon), hashes.slice(3), rest);
      for (const { place, slot } of early) pairs[SHARES.length * place + slot]!++;
      for (const { place, slot } of late) pairs[SHARES.length * (place + 3) + slot]!++;
      firsts[early[0]!.slot]!++;
    }
    expect(chiSquare(firsts)).toBeLessThan(CHI_SQUARE_99[5]!);
    // Rows and columns of the table are fixed, which leaves 5 · 5 degrees of freedom.
    expect(chiSquare(pairs)).toBeLessThan(CHI_SQUARE_99[25]!);
  });
});
