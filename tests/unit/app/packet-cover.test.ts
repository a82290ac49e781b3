import { describe, expect, it } from "vitest";
import { COVERS, packetCover } from "../../../src/app/components/packet-cover.ts";

const SEEDS = Array.from({ length: 600 }, (_, index) => `seed ${index}`);

describe("the cover of a red packet", () => {
  it("is the same for the same packet, and begins inside its own print", () => {
    for (const seed of SEEDS) {
      const cover = packetCover(seed);
      expect(packetCover(seed)).toEqual(cover);
      expect(cover.x >= 0 && cover.x < cover.width && cover.y >= 0 && cover.y < cover.height).toBe(true);
    }
  });

  it("is every print about as often", () => {
    const counts = COVERS.map((name) => SEEDS.filter((seed) => packetCover(seed).name === name).length);
    // 100 each are expected; 50 or 150 is more than five standard deviations off.
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(150);
  });

  it("is drawn by nothing but the letters and numbers of a path", () => {
    for (const seed of SEEDS) expect(packetCover(seed).path).toMatch(/^[MmHhVvLlaAz0-9 .-]*$/);
  });
});
