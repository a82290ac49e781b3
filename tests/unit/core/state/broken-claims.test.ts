import { describe, expect, it } from "vitest";
import { faultsOf, firstFault, SEARCH_BATCHES_MAX } from "../../../../src/core/state/broken-claims.ts";

/** Claims that are wrong where they name a fault, and how much has been looked at: batches, claims in them, and singly. */
function watched() {
  const looks = { batches: 0, inBatches: 0, singly: 0 };
  return {
    looks,
    checks: {
      holdTogether: (claims: readonly string[]) => {
        looks.batches++;
        looks.inBatches += claims.length;
        return claims.every((claim) => claim === "");
      },
      faultOf: (claim: string) => {
        looks.singly++;
        return claim === "" ? undefined : claim;
      },
    },
  };
}

/** So many claims, wrong at these places. */
const claimsWith = (count: number, wrong: readonly number[]): readonly string[] =>
  Array.from({ length: count }, (_, place) => (wrong.includes(place) ? `fault ${place}` : ""));
const everyPlace = (count: number): readonly number[] => Array.from({ length: count }, (_, place) => place);
const MANY = 512;

describe("[RG-6] wrong claims among true ones", () => {
  it("every one of them is named and no other, wherever they stand", () => {
    for (let count = 0; count <= 9; count++) {
      for (let bits = 0; bits < 2 ** count; bits++) {
        const claims = claimsWith(
          count,
          everyPlace(count).filter((place) => (bits >> place) % 2 === 1),
        );
        const named = claims.map((claim) => (claim === "" ? undefined : claim));
        expect(faultsOf(claims, watched().checks)).toEqual(named);
        const first = firstFault(claims, watched().checks);
        expect(bits === 0 ? first === undefined : named.includes(first)).toBe(true);
      }
    }
  });

  it("one of many costs about one batch more, and nothing is looked at singly but itself", () => {
    for (const place of [0, 1, 255, 256, 300, 511]) {
      const { looks, checks } = watched();
      firstFault(claimsWith(MANY, [place]), checks);
      expect(looks.inBatches).toBeLessThan(2 * MANY);
      expect(looks.singly).toBe(1);
    }
    const { looks, checks } = watched();
    faultsOf(claimsWith(24, [17]), checks);
    expect(looks.inBatches).toBeLessThan(3 * 24);
    expect(looks.singly).toBe(1);
  });

  it("a block of nothing but wrong claims falls with the first one that is found", () => {
    const { looks, checks } = watched();
    expect(firstFault(claimsWith(MANY, everyPlace(MANY)), checks)).toBe("fault 0");
    expect([looks.inBatches < 2 * MANY, looks.singly]).toEqual([true, 1]);
  });

  it("SEARCH_BATCHES_MAX batches are made to find them, and then no claim is looked at twice", () => {
    for (const wrong of [
      everyPlace(MANY),
      everyPlace(MANY / 2).map((place) => 2 * place),
      [0, 100, 200, 300, 400, 500],
    ]) {
      const { looks, checks } = watched();
      faultsOf(claimsWith(MANY, wrong), checks);
      expect(looks.batches).toBe(1 + SEARCH_BATCHES_MAX);
      expect(looks.singly).toBeLessThanOrEqual(MANY);
    }
  });

  it("a batch that fails over true claims accuses none of them, and hides no wrong one", () => {
    const failing = { ...watched().checks, holdTogether: () => false };
    expect(faultsOf(claimsWith(9, []), failing)).toEqual(everyPlace(9).map(() => undefined));
    expect(firstFault(claimsWith(9, []), failing)).toBeUndefined();
    expect(firstFault(claimsWith(9, [6]), failing)).toBe("fault 6");
  });
});
