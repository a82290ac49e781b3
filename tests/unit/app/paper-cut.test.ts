import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CUT_SIZE, CUT_TONES, paperCut } from "../../../src/app/components/paper-cut.ts";
import { fakeAddress } from "../../support/fake-client.ts";

/** All points of a path, rounded as they are written. */
function pointsOf(path: string): readonly (readonly [number, number])[] {
  const numbers = path.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
  return Array.from({ length: numbers.length / 2 }, (_, index) => [numbers[2 * index]!, numbers[2 * index + 1]!]);
}

const sorted = (points: readonly (readonly [number, number])[]): readonly string[] =>
  points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).sort();

describe("the paper-cut of a key", () => {
  it("is folded once: the left is the right, mirrored", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (key) => {
        const points = pointsOf(paperCut(key).path);
        // A round line is closed where it begins, so that point is written twice on one side.
        const unique = [...new Set(sorted(points))];
        const mirrored = [...new Set(sorted(points.map(([x, y]) => [CUT_SIZE - x, y] as const)))];
        const near = (a: string, b: string): boolean => {
          const [[ax = 0, ay = 0], [bx = 0, by = 0]] = [a, b].map((text) => text.split(" ").map(Number)) as [
            number[],
            number[],
          ];
          return Math.abs(ax - bx) < 0.15 && Math.abs(ay - by) < 0.15;
        };
        expect(mirrored.filter((point) => !unique.some((other) => near(point, other)))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("stays on its ground, in one of the tones", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (key) => {
        const { tone, path } = paperCut(key);
        expect(tone).toBeLessThan(CUT_TONES);
        for (const [x, y] of pointsOf(path)) expect(Math.hypot(x - CUT_SIZE / 2, y - CUT_SIZE / 2)).toBeLessThan(31);
      }),
    );
  });

  it("is the same for the same key, on every device", () => {
    expect(paperCut("stegos")).toEqual(paperCut("stegos"));
    expect(paperCut("stegos")).toMatchInlineSnapshot(`
      {
        "path": "M36.2 6.8Q40.4 11.7 46.5 11.6Q52.5 11.5 50.6 18.3Q48.6 25.1 53.3 28.6Q58 32 55.2 36.2Q52.3 40.4 52.8 46.8Q53.2 53.2 47.2 53.7Q41.2 54.2 36.6 55.6Q32 57 27.4 55.6Q22.8 54.2 16.8 53.7Q10.8 53.2 11.2 46.8Q11.7 40.4 8.8 36.2Q6 32 10.7 28.6Q15.4 25.1 13.4 18.3Q11.5 11.5 17.5 11.6Q23.6 11.7 27.8 6.8Q32 2 36.2 6.8ZM32 16L34 17L32 22L30 17ZM34.5 30.5Q37 32 34.5 33.5Q32 35 29.5 33.5Q27 32 29.5 30.5Q32 29 34.5 30.5ZM34 42Q36 44 34 47Q32 50 30 47Q28 44 30 42Q32 40 34 42ZM42.5 24Q44 22 45.5 22Q47 22 45.5 24Q44 26 42.5 26Q41 26 42.5 24ZM21.5 24Q20 22 18.5 22Q17 22 18.5 24Q20 26 21.5 26Q23 26 21.5 24Z",
        "tone": 0,
      }
    `);
  });

  it("tells keys apart, in all tones", () => {
    const cuts = Array.from({ length: 250 }, (_, index) => paperCut(fakeAddress(index)));
    expect(new Set(cuts.map(({ path }) => path)).size).toBe(cuts.length);
    expect(new Set(cuts.map(({ tone }) => tone)).size).toBe(CUT_TONES);
  });
});
