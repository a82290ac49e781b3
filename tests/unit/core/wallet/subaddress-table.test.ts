import { describe, expect, it } from "vitest";
import type { CurveBackend } from "../../../../src/core/crypto/backend/curve-backend.ts";
import {
  CACHED_ADDRESSES_MAX,
  SubaddressCache,
  SubaddressTable,
} from "../../../../src/core/wallet/subaddress-table.ts";
import { curve, owner, payee } from "../../../support/wallet-vectors.ts";

/** Counts the multiplications, of which each address takes one. */
function countingCurve(): CurveBackend & { count: number } {
  const counting = {
    ...curve,
    count: 0,
    edwardsMultiplySecret(...args: Parameters<CurveBackend["edwardsMultiplySecret"]>) {
      counting.count++;
      return curve.edwardsMultiplySecret(...args);
    },
  };
  return counting;
}

const encodingOf = (table: SubaddressTable, spendKey: Uint8Array): number | undefined =>
  table.findSpendKey(spendKey)?.index;

describe("addresses known to scans", () => {
  it("are computed once for all tables of the same keys", () => {
    const counted = countingCurve();
    const cache = new SubaddressCache();
    const first = new SubaddressTable(counted, cache);
    first.extend(0, payee.view, 6);
    expect(counted.count).toBe(6);
    const second = new SubaddressTable(counted, cache);
    second.extend(0, payee.view, 4);
    second.extend(0, payee.view, 8);
    expect(counted.count).toBe(8);
    const { spendKey } = second
      .find(curve.ristrettoEncode([curve.edwardsToRistretto(payee.view.spendPoint)]))!
      .address();
    expect(spendKey).toEqual(payee.view.spendPoint);
    const alone = new SubaddressTable(curve);
    alone.extend(0, payee.view, 8);
    expect(encodingOf(second, payee.view.spendPoint)).toBe(encodingOf(alone, payee.view.spendPoint));
  });

  it("of other keys take the place of those known before", () => {
    const counted = countingCurve();
    const cache = new SubaddressCache();
    new SubaddressTable(counted, cache).extend(0, payee.view, 3);
    const other = new SubaddressTable(counted, cache);
    other.extend(0, owner.view, 3);
    expect(counted.count).toBe(6);
    expect(cache.size).toBe(3);
    expect(encodingOf(other, owner.view.spendPoint)).toBe(0);
    expect(encodingOf(other, payee.view.spendPoint)).toBeUndefined();
    new SubaddressTable(counted, cache).extend(0, payee.view, 3);
    expect(counted.count).toBe(9);
  });

  it("are kept up to a bound, and past a gap not at all", () => {
    const cache = new SubaddressCache();
    const encoding = new Uint8Array(32);
    for (let index = 0; index < CACHED_ADDRESSES_MAX + 5; index++) cache.encoding(payee.view, index, () => encoding);
    expect(cache.size).toBe(CACHED_ADDRESSES_MAX);
    const gapped = new SubaddressCache();
    gapped.encoding(payee.view, 3, () => encoding);
    expect(gapped.size).toBe(0);
  });
});
