import { describe, expect, it } from "vitest";
import { COVER_ONE_IN } from "../../../../src/core/params/private-fetch.ts";
import { coveredLeaves } from "../../../../src/core/sync/cover.ts";
import { decoySecret } from "../../../../src/core/sync/decoy.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { SeededNumbers } from "../../../support/seeded-numbers.ts";

const secret = decoySecret(hexBytes(vectors.decoy.s_vb));
const LEAVES = 1_000_000;

describe("[NW-8] covers", () => {
  const all = coveredLeaves(secret, 0, LEAVES);

  it("are one leaf of 1,024, and so in one bucket of 16", () => {
    const expected = LEAVES / COVER_ONE_IN;
    // Five standard deviations.
    expect(Math.abs(all.length - expected)).toBeLessThan(5 * Math.sqrt(expected));
    const buckets = new Set(all.map((leaf) => Math.floor(leaf / 64)));
    const share = buckets.size / (LEAVES / 64);
    expect(share).toBeGreaterThan(0.9 / 16);
    expect(share).toBeLessThan(1.1 / 16);
  });

  it("fall on every place of a group alike", () => {
    const counts = Array.from({ length: 16 }, (_, place) => all.filter((leaf) => leaf % 16 === place).length);
    for (const count of counts) expect(Math.abs(count - all.length / 16)).toBeLessThan(5 * Math.sqrt(all.length / 16));
  });

  it("are the same ones however the leaves come", () => {
    const numbers = new SeededNumbers(1);
    const found: number[] = [];
    for (let from = 0; from < LEAVES;) {
      const count = Math.min(numbers.between(0, 5_000), LEAVES - from);
      found.push(...coveredLeaves(secret, from, count));
      from += count;
    }
    expect(found).toEqual(all);
    for (const leaf of all.slice(0, 20)) {
      expect(coveredLeaves(secret, leaf, 1)).toEqual([leaf]);
      // Nor does one count that only shares its hash with those asked about.
      for (const beside of [leaf - 1, leaf + 1]) expect(coveredLeaves(secret, beside, 1)).toEqual([]);
    }
  });

  it("stay what they are", () => {
    expect(all.slice(0, 5)).toMatchInlineSnapshot(`
      [
        351,
        1032,
        3217,
        3422,
        6105,
      ]
    `);
  });

  it("are others for another wallet", () => {
    const other = new Set(coveredLeaves(decoySecret(new Uint8Array(32)), 0, LEAVES));
    const common = all.filter((leaf) => other.has(leaf));
    expect(common.length).toBeLessThan(10);
  });
});
