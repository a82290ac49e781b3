import { expect, it } from "vitest";
import { timeMs, type TimeMs } from "../../../src/core/values/height.ts";
import { Holdings } from "../../../src/node/holdings.ts";
import type { StoreSizes } from "../../../src/node/storage/store-sizes.ts";

const sizesOf = (outputs: number): StoreSizes => ({ outputs }) as StoreSizes;

function holdingsOver(look: () => Promise<StoreSizes>) {
  let now: TimeMs = timeMs(1_000_000);
  const holdings = new Holdings(look, () => now);
  return { holdings, at: (ms: number) => (now = timeMs(1_000_000 + ms)) };
}

it("looks at the files once a minute, however many ask", async () => {
  let looks = 0;
  const { holdings, at } = holdingsOver(() => Promise.resolve(sizesOf(++looks)));
  expect(await Promise.all([holdings.sizes(), holdings.sizes()])).toEqual([sizesOf(1), sizesOf(1)]);
  at(59_999);
  expect(await holdings.sizes()).toEqual(sizesOf(1));
  at(60_000);
  expect(await holdings.sizes()).toEqual(sizesOf(2));
  // A clock that was set back holds nobody to an old figure.
  at(-60_000);
  expect(await holdings.sizes()).toEqual(sizesOf(3));
});

it("looks again after a look that failed", async () => {
  let isBroken = true;
  const { holdings } = holdingsOver(() =>
    isBroken ? Promise.reject(new Error("no folder")) : Promise.resolve(sizesOf(7)),
  );
  await expect(holdings.sizes()).rejects.toThrow("no folder");
  isBroken = false;
  expect(await holdings.sizes()).toEqual(sizesOf(7));
});
