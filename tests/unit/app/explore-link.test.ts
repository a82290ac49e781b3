import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EXPLORE_LINK_SIZE_MAX, formatLooked, type Looked, parseLooked } from "../../../src/app/state/explore-link.ts";
import { runs } from "../../support/run-counts.ts";

const TXID = "0f".repeat(32);

describe("what is looked at, in a link", () => {
  it("has one text, of characters that no chat breaks, well under 256", () => {
    const height = Number.MAX_SAFE_INTEGER;
    for (const looked of [
      { type: "block", height: 1 },
      { type: "block", height },
      { type: "transaction", height, txid: TXID },
    ] satisfies readonly Looked[]) {
      const text = formatLooked(looked);
      expect(text).toMatch(/^[\w-]*[\da-f]$/);
      expect(text.length).toBeLessThanOrEqual(EXPLORE_LINK_SIZE_MAX);
      expect(parseLooked(text)).toEqual(looked);
    }
    expect(formatLooked({ type: "transaction", height, txid: TXID })).toHaveLength(EXPLORE_LINK_SIZE_MAX);
  });

  it.each([
    "",
    "b-",
    "b-0",
    "b-01",
    "b--1",
    "b-1.",
    "b-1 ",
    "B-1",
    "b-9007199254740992",
    `b-${"9".repeat(90)}`,
    "t-1",
    `t-1-${TXID}0`,
    `t-1-${TXID.slice(1)}`,
    `t-1-${TXID.toUpperCase()}`,
    `t-01-${TXID}`,
    "b-1<script>",
    "constructor",
  ])("is nothing else: %s", (text) => {
    expect(parseLooked(text)).toBeUndefined();
  });

  it("takes no text that it would not write itself", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[bt]-\d{0,18}(-[0-9a-f]{62,66})?$/));
    fc.assert(
      fc.property(text, (any) => {
        const looked = parseLooked(any);
        return looked === undefined || formatLooked(looked) === any;
      }),
      { numRuns: runs(2_000, 200_000) },
    );
  });
});
