import { expect, it } from "vitest";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { BLS_KEY_CACHE_MAX, BlsKeyCache } from "../../../../src/core/crypto/bls-key-cache.ts";

it("[PR-7] holds at most BLS_KEY_CACHE_MAX decoded keys and no refusals", () => {
  let decoded = 0;
  const cache = new BlsKeyCache((bytes) => {
    decoded++;
    return bytes[3] === 1 ? undefined : bytes;
  });
  const bad = Uint8Array.of(0, 0, 0, 1);
  for (let index = 0; index <= BLS_KEY_CACHE_MAX; index++) cache.get(u32(index));
  expect(decoded).toBe(BLS_KEY_CACHE_MAX + 1);
  cache.get(u32(BLS_KEY_CACHE_MAX));
  expect(decoded).toBe(BLS_KEY_CACHE_MAX + 1);
  cache.get(u32(0));
  expect(decoded).toBe(BLS_KEY_CACHE_MAX + 2);
  expect([cache.get(bad), cache.get(bad)]).toEqual([undefined, undefined]);
  expect(decoded).toBe(BLS_KEY_CACHE_MAX + 4);
  expect(cache.getAll([])).toBeUndefined();
  expect(cache.getAll([u32(5), bad])).toBeUndefined();
});
