import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeBlob } from "../../../../src/core/blob/place-blob.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { encodeUtf8 } from "../../../../src/core/bytes/utf8.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { BLOB_PLACES_MAX } from "../../../../src/core/params/limits.ts";
import type { Hash } from "../../../../src/core/values/hash.ts";
import { hashArb } from "../../../support/chain-arbitraries.ts";

const nodes = Array.from({ length: 20 }, (_, index) => `12D3KooWNode${index}`);
const blobs = Array.from({ length: 2_000 }, (_, index) => sha256Hash(u32(index)));
const mark = (id: string, blobId: Hash): string => formatHex(sha256Hash(encodeUtf8(id), blobId));

describe("the place of a blob", () => {
  it("[MS-13] is the four nodes whose hash with its id is smallest, smallest first", () => {
    fc.assert(
      fc.property(hashArb, fc.shuffledSubarray(nodes), (blobId, known) => {
        const placed = placeBlob(blobId, known);
        expect(placed).toHaveLength(Math.min(BLOB_PLACES_MAX, known.length));
        const expected = [...known].sort((left, right) => (mark(left, blobId) < mark(right, blobId) ? -1 : 1));
        expect(placed).toEqual(expected.slice(0, 4));
        expect(placeBlob(blobId, [...known, ...known].reverse())).toEqual(placed);
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  it("[MS-13] moves for few blobs when a node comes or goes", () => {
    const without = nodes.slice(1);
    for (const blobId of blobs.slice(0, 200)) {
      const [before, after] = [placeBlob(blobId, nodes), placeBlob(blobId, without)];
      const kept = before.filter((id) => id !== nodes[0]);
      expect(after.slice(0, kept.length)).toEqual(kept);
    }
  });

  it("[MS-13] is spread evenly: chi-square over 2,000 blobs", () => {
    const counts = new Map(nodes.map((id) => [id, 0]));
    for (const blobId of blobs) for (const id of placeBlob(blobId, nodes)) counts.set(id, counts.get(id)! + 1);
    const expected = (blobs.length * BLOB_PLACES_MAX) / nodes.length;
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 19 degrees of freedom, p = 0.001; the four of a blob differ, which makes it smaller yet.
    expect(chi).toBeLessThan(43.8);
  });
});
