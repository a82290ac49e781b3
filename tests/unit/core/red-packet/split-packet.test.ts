import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { taggedHash } from "../../../../src/core/crypto/tagged-hash.ts";
import { checkSplit, splitInOrder, splitPacket, type SplitPlan } from "../../../../src/core/red-packet/split-packet.ts";
import { amount, AMOUNT_LIMIT, type Amount } from "../../../../src/core/values/amount.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";

const vector = vectors.packet;
const linkSecret = hexBytes(vector.L);
const secretOf = (index: number): Uint8Array => taggedHash("test/link", u32(index)).slice(0, 16);
const sumOf = (shares: readonly Amount[]): bigint => shares.reduce((sum, share) => sum + share, 0n);
const ascending = (shares: readonly Amount[]): readonly Amount[] =>
  [...shares].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));

const lucky = (total: bigint, count: number, minimum = 1n): SplitPlan => {
  return { split: "lucky", total: amount(total), count, minimum: amount(minimum) };
};

const anySecret = fc.uint8Array({ minLength: 16, maxLength: 16 });
const anyLucky = fc
  .record({
    count: fc.integer({ min: 1, max: 64 }),
    minimum: fc.bigInt({ min: 1n, max: 1_000_000n }),
    extra: fc.oneof(fc.bigInt({ min: 0n, max: 10n }), fc.bigInt({ min: 0n, max: 10_000_000_000n })),
  })
  .map(({ count, minimum, extra }) => lucky(minimum * BigInt(count) + extra, count, minimum));

describe("the split of a packet (RP-3)", () => {
  it("[RP-3] is that of the vectors, before and after the shuffle", () => {
    const plan = lucky(BigInt(vector.total), vector.N, BigInt(vector.min));
    expect(splitInOrder(linkSecret, plan).map(String)).toEqual(vector.amounts_before_shuffle);
    expect(splitPacket(linkSecret, plan).map(String)).toEqual(vector.amounts);
  });

  it("[RP-3] lucky: the shares add up, none is below the minimum, and L alone decides", () => {
    fc.assert(
      fc.property(anySecret, anyLucky, (secret, plan) => {
        if (plan.split !== "lucky") return;
        const shares = splitPacket(secret, plan);
        expect(shares).toHaveLength(plan.count);
        expect(sumOf(shares)).toBe(plan.total);
        expect(shares.every((share) => share >= plan.minimum)).toBe(true);
        expect(splitPacket(secret, plan)).toEqual(shares);
      }),
      { numRuns: runs(200, 5_000) },
    );
  });

  it("[RP-3] lucky: no share takes more than twice the mean of what is left when it is drawn", () => {
    fc.assert(
      fc.property(anySecret, anyLucky, (secret, plan) => {
        if (plan.split !== "lucky") return;
        let rest: bigint = plan.total;
        splitInOrder(secret, plan).forEach((share, index) => {
          const left = BigInt(plan.count - index);
          expect(share <= (2n * rest) / left - plan.minimum || left === 1n).toBe(true);
          rest -= share;
        });
      }),
      { numRuns: runs(100, 2_000) },
    );
  });

  it("[RP-3] equal: shares differ by 1 µSTG at most and add up", () => {
    fc.assert(
      fc.property(
        anySecret,
        fc.integer({ min: 1, max: 64 }),
        fc.bigInt({ min: 64n, max: 10_000_000n }),
        (secret, count, total) => {
          const shares = splitPacket(secret, { split: "equal", total: amount(total), count });
          const each = total / BigInt(count);
          expect(sumOf(shares)).toBe(total);
          expect(shares.filter((share) => share === each + 1n)).toHaveLength(Number(total % BigInt(count)));
          expect(shares.every((share) => share === each || share === each + 1n)).toBe(true);
        },
      ),
      { numRuns: runs(100, 2_000) },
    );
    const before = splitInOrder(linkSecret, { split: "equal", total: amount(17n), count: 5 });
    expect(before).toEqual([4n, 4n, 3n, 3n, 3n]);
  });

  it("[RP-3] custom: the very amounts, shuffled", () => {
    const amounts = [5n, 1n, 9n, 1n, 70n].map(amount);
    const shares = splitPacket(linkSecret, { split: "custom", amounts });
    expect(ascending(shares)).toEqual(ascending(amounts));
    expect(shares).not.toEqual(amounts);
  });

  it("[RP-3] ends: one share, the least total, the largest total", () => {
    expect(splitPacket(linkSecret, lucky(7n, 1))).toEqual([7n]);
    expect(splitPacket(linkSecret, lucky(64n, 64))).toEqual(Array.from({ length: 64 }, () => 1n));
    expect(sumOf(splitPacket(linkSecret, lucky(AMOUNT_LIMIT - 1n, 64)))).toBe(AMOUNT_LIMIT - 1n);
    expect(sumOf(splitPacket(linkSecret, lucky(AMOUNT_LIMIT - 1n, 2)))).toBe(AMOUNT_LIMIT - 1n);
  });

  it.each<[string, SplitPlan, string]>([
    ["no share", lucky(5n, 0), "share_count"],
    ["65 shares", lucky(100n, 65), "share_count"],
    ["half a share", lucky(100n, 1.5), "share_count"],
    ["no custom share", { split: "custom", amounts: [] }, "share_count"],
    ["a minimum of nothing", lucky(5n, 2, 0n), "share_empty"],
    ["an empty custom share", { split: "custom", amounts: [amount(1n), amount(0n)] }, "share_empty"],
    ["less than the minimum for each", lucky(9n, 5, 2n), "total_too_small"],
    ["less than one for each", { split: "equal", total: amount(4n), count: 5 }, "total_too_small"],
    ["more than there can be", { split: "custom", amounts: [1n, AMOUNT_LIMIT - 1n].map(amount) }, "total_too_large"],
  ])("[RP-3] refuses %s", (_, plan, code) => {
    expect(checkSplit(plan)).toEqual({ ok: false, code });
    expect(() => splitPacket(linkSecret, plan)).toThrow(code);
  });

  it("[RP-3] says what a plan comes to", () => {
    expect(checkSplit(lucky(100n, 5, 3n))).toEqual({
      ok: true,
      sum: { split: "lucky", total: 100n, count: 5, minimum: 3n },
    });
    const custom = { split: "custom", amounts: [4n, 2n].map(amount) } as const;
    expect(checkSplit(custom)).toMatchObject({ sum: { split: "custom", total: 6n, count: 2, minimum: 2n } });
    expect(checkSplit({ split: "equal", total: amount(6n), count: 2 })).toMatchObject({ sum: { minimum: 1n } });
  });
});

describe("what the split makes likely (RP-3)", () => {
  const COUNT = 5;
  const PACKETS = runs(4_000, 20_000);
  const plan = lucky(1_000_000_000n, COUNT);

  it("[RP-3] every share of the split comes to every slot alike (χ²)", () => {
    const seen = Array.from({ length: COUNT }, () => new Array<number>(COUNT).fill(0));
    for (let index = 0; index < PACKETS; index++) {
      const secret = secretOf(index);
      const slots = splitPacket(secret, plan);
      splitInOrder(secret, plan).forEach((share, place) => seen[place]![slots.indexOf(share)]!++);
    }
    const expected = PACKETS / COUNT;
    const squares = seen.flat().reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 16 degrees of freedom: 32.0 is exceeded in one case of a hundred.
    expect(squares).toBeLessThan(32);
  });

  it("[RP-3] every slot has the same mean, and is the luckiest as often as any other (χ²)", () => {
    const means = new Array<number>(COUNT).fill(0);
    const luckiest = new Array<number>(COUNT).fill(0);
    for (let index = 0; index < PACKETS; index++) {
      const slots = splitPacket(secretOf(index), plan);
      slots.forEach((share, slot) => (means[slot]! += Number(share) / PACKETS));
      luckiest[slots.indexOf(ascending(slots).at(-1)!)]!++;
    }
    for (const mean of means) expect(Math.abs(mean / 200_000_000 - 1)).toBeLessThan(0.05);
    const expected = PACKETS / COUNT;
    const squares = luckiest.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 4 degrees of freedom: 13.3 in one case of a hundred.
    expect(squares).toBeLessThan(13.3);
  });
});
