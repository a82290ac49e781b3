import { describe, expect, it } from "vitest";
import { UNHASHED_PARAMS } from "../../../../src/core/params/unhashed-params.ts";

describe("what networks differ in besides their genesis", () => {
  it("[MS-13] a blob is kept for a week, two days, ten minutes", () => {
    const minutes = (["main", "test", "dev"] as const).map((network) => UNHASHED_PARAMS[network].blobTtlMs / 60_000);
    expect(minutes).toEqual([7 * 24 * 60, 2 * 24 * 60, 10]);
  });
});
