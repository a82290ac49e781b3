import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { hash, ZERO_HASH, type Hash } from "../../../../src/core/values/hash.ts";
import { leafIndex, type LeafIndex } from "../../../../src/core/values/height.ts";
import {
  buildBucketProof,
  decodeBucketProof,
  encodeBucketProof,
  verifyBucketProof,
} from "../../../../src/core/state/bucket-proof.ts";
import { leafHash, scanHash, foldRoot, tileLeafHashes, type TileLeaf } from "../../../../src/core/state/tree.ts";
import {
  buildLeafProof,
  decodeLeafProof,
  encodeLeafProof,
  leafStatus,
  verifyLeafProof,
} from "../../../../src/core/state/tree-proof.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { TestTree } from "../../../support/test-tree.ts";

const leafOf = (each: (typeof vectors.tree.leaves)[number]): [LeafIndex, TileLeaf] => {
  const index = leafIndex(each.i);
  const value = leafHash(index, each.height, hash(hexBytes(each.out_hash)), ZERO_HASH);
  expect(formatHex(value)).toBe(each.leaf);
  return [index, { hash: value, ephemeralKey: hexBytes(each.D), viewTag: hexBytes(each.vtag) }];
};

function vectorTree(): TestTree {
  const tree = new TestTree();
  tree.update(new Map(vectors.tree.leaves.map(leafOf)));
  return tree;
}

describe("the state tree", () => {
  it("gives the nodes and roots of the vectors", () => {
    const tree = vectorTree();
    expect(formatHex(new TestTree().root)).toBe(vectors.tree.empty_root);
    expect(formatHex(scanHash(tree.tile(0)))).toBe(vectors.tree.first_tile.scan_hash);
    expect(formatHex(foldRoot(tileLeafHashes(tree.tile(0))))).toBe(vectors.tree.first_tile.rest_root);
    expect(formatHex(tree.node(7, 0))).toBe(vectors.tree.first_tile.node);
    expect(formatHex(tree.root)).toBe(vectors.tree.root);
  });

  it("[BL-4] writes the proofs of the vectors, before and after a spend", () => {
    const tree = vectorTree();
    const before = encodeLeafProof(buildLeafProof(tree, leafIndex(vectors.tree.proof_of)));
    expect(formatHex(before)).toBe(vectors.tree.proof);
    const leaf = hash(hexBytes(vectors.tree.leaves[1]!.leaf));
    expect(verifyLeafProof(tree.root, decodeLeafProof(before), leaf)).toBe(true);

    tree.update(new Map([[leafIndex(vectors.tree.spent), undefined]]));
    expect(formatHex(tree.root)).toBe(vectors.tree.root_after_spend);
    const after = buildLeafProof(tree, leafIndex(vectors.tree.spent));
    expect(formatHex(encodeLeafProof(after))).toBe(vectors.tree.spent_proof);
    expect(verifyLeafProof(tree.root, after, ZERO_HASH)).toBe(true);
    expect(verifyLeafProof(tree.root, decodeLeafProof(before), leaf)).toBe(false);

    const dead = buildLeafProof(tree, leafIndex(vectors.tree.dead_tile_index));
    expect(formatHex(encodeLeafProof(dead))).toBe(vectors.tree.dead_tile_proof);
    expect(verifyLeafProof(tree.root, dead, ZERO_HASH)).toBe(true);
    expect(verifyLeafProof(tree.root, dead, leaf)).toBe(false);
  });

  it("[BL-4] refuses proofs of another form", () => {
    const proof = hexBytes(vectors.tree.proof);
    const bent = (change: (bytes: Uint8Array) => void): Uint8Array => {
      const copy = proof.slice();
      change(copy);
      return copy;
    };
    const cases = [
      bent((bytes) => (bytes[0] = 1)),
      bent((bytes) => (bytes[0] = 7)),
      bent((bytes) => (bytes[38] = bytes[38]! | 0x80)),
      bent((bytes) => bytes.fill(0, 39, 71)),
      Uint8Array.from([...proof, 0]),
      proof.slice(0, -1),
    ];
    for (const bytes of cases) expect(() => decodeLeafProof(bytes)).toThrow(DecodeError);
    // A mask bit above level 32.
    const dead = hexBytes(vectors.tree.dead_tile_proof);
    dead[10] = 2;
    expect(() => decodeLeafProof(dead)).toThrow(DecodeError);
  });

  it("[BL-5] tells live, gone and not made yet", () => {
    const tree = vectorTree();
    expect(leafStatus(buildLeafProof(tree, leafIndex(1)), 131)).toBe("live");
    expect(leafStatus(buildLeafProof(tree, leafIndex(2)), 131)).toBe("gone");
    expect(leafStatus(buildLeafProof(tree, leafIndex(131)), 131)).toBe("unknown");
  });

  it("[BL-15] writes and checks the bucket proofs of the vectors", () => {
    const tree = vectorTree();
    for (const each of vectors.bucket.proofs) {
      const proof = buildBucketProof(tree, each.bucket);
      expect(formatHex(encodeBucketProof(proof))).toBe(each.proof);
      const leaves = bucketLeaves(tree, each.bucket);
      expect(leaves.flatMap((leaf, place) => (leaf === ZERO_HASH ? [] : [64 * each.bucket + place]))).toEqual(
        each.live,
      );
      const decoded = decodeBucketProof(hexBytes(each.proof));
      expect(verifyBucketProof(tree.root, each.bucket, leaves, decoded)).toBe(true);
    }
  });

  it("[BL-15] refuses a bucket with one core left out or altered", () => {
    const tree = vectorTree();
    const proof = buildBucketProof(tree, 0);
    const leaves = bucketLeaves(tree, 0);
    const without = leaves.with(0, ZERO_HASH);
    const altered = leaves.with(0, sha256Hash());
    expect(verifyBucketProof(tree.root, 0, without, proof)).toBe(false);
    expect(verifyBucketProof(tree.root, 0, altered, proof)).toBe(false);
    expect(verifyBucketProof(tree.root, 1, leaves, proof)).toBe(false);
    const dead = buildBucketProof(tree, 8);
    const none = Array.from({ length: 64 }, () => ZERO_HASH);
    expect(verifyBucketProof(tree.root, 8, none, dead)).toBe(true);
    expect(verifyBucketProof(tree.root, 8, none, { ...dead, scan: sha256Hash() })).toBe(false);
  });

  it("keeps the rebuilt root under random appends, spends and changes, and proves exactly what is there", () => {
    const step = fc.record({
      place: fc.oneof(
        fc.nat(700),
        fc.nat(2 ** 31).map((value) => value * 500),
      ),
      value: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 12 }), { maxLength: 8 }), (blocks) => {
        const tree = new TestTree();
        for (const block of blocks) {
          const changed = new Map<LeafIndex, TileLeaf | undefined>();
          for (const { place, value } of block)
            changed.set(leafIndex(place), value === null ? undefined : testLeaf(value));
          tree.update(changed);
          expect(formatHex(tree.root)).toBe(formatHex(tree.rebuiltRoot()));
          for (const { place } of block) checkProofs(tree, leafIndex(place));
        }
      }),
      { numRuns: runs(40, 5_000) },
    );
  });
});

function bucketLeaves(tree: TestTree, bucket: number): Hash[] {
  return Array.from({ length: 64 }, (_, place) => tree.leaves.get(leafIndex(64 * bucket + place))?.hash ?? ZERO_HASH);
}

function testLeaf(value: number): TileLeaf {
  const digest = sha256Hash(u32(value));
  return { hash: digest, ephemeralKey: digest, viewTag: digest.slice(0, 2) };
}

function checkProofs(tree: TestTree, leaf: LeafIndex): void {
  const value = tree.leaves.get(leaf)?.hash ?? ZERO_HASH;
  const proof = decodeLeafProof(encodeLeafProof(buildLeafProof(tree, leaf)));
  expect(verifyLeafProof(tree.root, proof, value)).toBe(true);
  expect(verifyLeafProof(tree.root, proof, value === ZERO_HASH ? sha256Hash() : ZERO_HASH)).toBe(false);
  expect(verifyLeafProof(sha256Hash(), proof, value)).toBe(false);
  const bucket = Math.floor(leaf / 64);
  const bucketProof = decodeBucketProof(encodeBucketProof(buildBucketProof(tree, bucket)));
  const leaves = bucketLeaves(tree, bucket);
  expect(verifyBucketProof(tree.root, bucket, leaves, bucketProof)).toBe(true);
  const wrong = leaves.with(leaf % 64, value === ZERO_HASH ? sha256Hash() : ZERO_HASH);
  expect(verifyBucketProof(tree.root, bucket, wrong, bucketProof)).toBe(false);
}
