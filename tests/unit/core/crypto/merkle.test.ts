import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import {
  appendLeaf,
  decodeFrontier,
  EMPTY_FRONTIER,
  encodeFrontier,
  frontierRoot,
  frontierSize,
  merkleRoot,
  proveLastLeaf,
  rootOfLastLeaf,
} from "../../../../src/core/crypto/merkle.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import type { Hash } from "../../../../src/core/values/hash.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

/** The recursive definition of RFC 6962 §2.1, word for word. */
function slowRoot(leaves: readonly Uint8Array[]): Hash {
  if (leaves.length === 0) return sha256Hash();
  if (leaves.length === 1) return sha256Hash(Uint8Array.of(0), leaves[0]!);
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  return sha256Hash(Uint8Array.of(1), slowRoot(leaves.slice(0, split)), slowRoot(leaves.slice(split)));
}

describe("merkle trees", () => {
  it("[PR-6] gives the roots of the vectors", () => {
    // Leaf i of these trees is the u32 100 + i.
    const leavesOf = (size: number): Uint8Array[] => Array.from({ length: size }, (_, index) => u32(100 + index));
    for (const [size, root] of vectors.compact.merkle_sizes) {
      expect(formatHex(merkleRoot(leavesOf(Number(size))))).toBe(root);
    }
    const leaves = [vectors.compact.section0, ...vectors.compact.entries].map(hexBytes);
    expect(formatHex(merkleRoot(leaves))).toBe(vectors.compact.compact_root);
  });

  it("[PR-6] grows by its frontier as RFC 6962 defines it", () => {
    let frontier = EMPTY_FRONTIER;
    const leaves: Uint8Array[] = [];
    for (let size = 0; size < 70; size++) {
      const encoded = encodeFrontier(frontier);
      expect(encoded).toHaveLength(frontierSize(size));
      expect(decodeFrontier(size, encoded)).toEqual(frontier);
      expect(frontierRoot(frontier)).toEqual(slowRoot(leaves));
      const leaf = Uint8Array.of(size, 7);
      leaves.push(leaf);
      frontier = appendLeaf(frontier, leaf);
    }
  });

  it("[PR-6] [AW-4] proves the last leaf of a list, and no other one", () => {
    const leaves: Uint8Array[] = [];
    for (let size = 1; size < 70; size++) {
      leaves.push(Uint8Array.of(size, 7));
      const proof = proveLastLeaf(leaves);
      const root = slowRoot(leaves);
      expect(rootOfLastLeaf(proof, leaves.at(-1)!)).toEqual(root);
      expect(rootOfLastLeaf(proof, Uint8Array.of(size, 8))).not.toEqual(root);
      if (size === 1) continue;
      // Neither another leaf with what stands beside it nor a proof that is too short or too long.
      expect(rootOfLastLeaf(proveLastLeaf(leaves.slice(0, -1)), leaves.at(-2)!)).not.toEqual(root);
      expect(rootOfLastLeaf(proof.slice(1), leaves.at(-1)!)).not.toEqual(root);
      expect(rootOfLastLeaf([proof[0]!, ...proof], leaves.at(-1)!)).not.toEqual(root);
    }
  });

  it("[BL-12] lists the roots of the full subtrees, largest first", () => {
    const leaves = Array.from({ length: 7 }, (_, index) => Uint8Array.of(index));
    const frontier = leaves.reduce(appendLeaf, EMPTY_FRONTIER);
    expect(frontier.roots).toEqual([
      slowRoot(leaves.slice(0, 4)),
      slowRoot(leaves.slice(4, 6)),
      slowRoot(leaves.slice(6)),
    ]);
  });

  it("[EN-3] refuses a frontier of another size", () => {
    expect(() => decodeFrontier(3, new Uint8Array(32))).toThrow(DecodeError);
    expect(() => decodeFrontier(4, new Uint8Array(33))).toThrow(DecodeError);
  });
});
