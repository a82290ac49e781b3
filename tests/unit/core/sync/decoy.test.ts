import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { decoyPermutation, decoySecret, decoyTriple, windowOf } from "../../../../src/core/sync/decoy.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const secret = decoySecret(hexBytes(vectors.decoy.s_vb));

describe("decoys", () => {
  it("[NW-7] vector decoy: the secret", () => {
    expect(formatHex(secret)).toBe(vectors.decoy.secret);
  });

  it.each(vectors.decoy.triples as [number, [number, number, number]][])(
    "[NW-7] vector decoy: bucket %i",
    (bucket, triple) => {
      expect(decoyTriple(secret, bucket)).toEqual(triple);
    },
  );

  it("[NW-7] every bucket of a window is in exactly one triple, and each of the three asks the same", () => {
    const permutation = decoyPermutation(secret, 2);
    const triples = new Map<string, number>();
    for (let bucket = 2 * 768; bucket < 3 * 768; bucket++) {
      const triple = decoyTriple(secret, bucket, permutation);
      expect(triple).toContain(bucket);
      expect(windowOf(Math.max(...triple))).toBe(2);
      triples.set(triple.join(), (triples.get(triple.join()) ?? 0) + 1);
    }
    expect(triples.size).toBe(256);
    expect([...triples.values()].every((count) => count === 3)).toBe(true);
  });

  it("[NW-7] another wallet has other triples", () => {
    const other = decoySecret(new Uint8Array(32));
    expect(decoyTriple(other, 0)).not.toEqual(decoyTriple(secret, 0));
  });
});
