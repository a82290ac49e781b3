import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { tileSiblings } from "../../../../src/core/state/build-range.ts";
import { bucketProofOf, buildBucketProof } from "../../../../src/core/state/bucket-proof.ts";
import {
  decodeRangeAnswer,
  encodeRangeAnswer,
  liveLeaves,
  RANGE_LEAVES,
  rangeRoot,
  verifyRangeAnswer,
  verifyRangeRoots,
  type RangeAnswer,
  type RangeTile,
} from "../../../../src/core/state/range-answer.ts";
import { leafHash, type TileLeaf } from "../../../../src/core/state/tree.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { hash, ZERO_HASH, type Hash } from "../../../../src/core/values/hash.ts";
import { leafIndex, type LeafIndex } from "../../../../src/core/values/height.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { TestTree } from "../../../support/test-tree.ts";

const testLeaf = (value: number): TileLeaf => {
  const digest = sha256Hash(u32(value));
  return { hash: digest, ephemeralKey: digest, viewTag: digest.slice(0, 2) };
};

const treeOf = (leaves: readonly number[]): TestTree => {
  const tree = new TestTree();
  tree.update(new Map(leaves.map((leaf) => [leafIndex(leaf), testLeaf(leaf)])));
  return tree;
};

const LEAVES = [0, 1, 127, 128, 400, 1_023, 1_024, 1_500, 2_047, 5_000];
const NEXT_LEAF = 5_001;
const tree = treeOf(LEAVES);
const first = tree.range(0, NEXT_LEAF);

/** The answer with one of its tiles replaced. */
const withTile = (answer: RangeAnswer, place: number, tile: RangeTile | undefined): RangeAnswer => ({
  ...answer,
  tiles: answer.tiles.with(place, tile),
});

describe("[BL-7] a range", () => {
  it("gives the node and root of the vectors' tree", () => {
    const whole = new TestTree();
    const leaves = vectors.tree.leaves.map((each): [LeafIndex, TileLeaf] => {
      const index = leafIndex(each.i);
      const value = leafHash(index, each.height, hash(hexBytes(each.out_hash)), ZERO_HASH);
      return [index, { hash: value, ephemeralKey: hexBytes(each.D), viewTag: hexBytes(each.vtag) }];
    });
    whole.update(new Map(leaves));
    const nextLeaf = Math.max(...leaves.map(([leaf]) => leaf)) + 1;
    for (const range of new Set(leaves.map(([leaf]) => Math.floor(leaf / RANGE_LEAVES)))) {
      const answer = decodeRangeAnswer(encodeRangeAnswer(whole.range(range, nextLeaf)));
      expect(rangeRoot(answer)).toEqual(whole.node(10, range));
      expect(verifyRangeAnswer(hash(hexBytes(vectors.tree.root)), range, answer)).toBe(true);
    }
  });

  it("shows exactly its live leaves, and a range without any proves that too", () => {
    for (let range = 0; range < 6; range++) {
      const answer = decodeRangeAnswer(encodeRangeAnswer(tree.range(range, NEXT_LEAF)));
      expect(verifyRangeAnswer(tree.root, range, answer)).toBe(true);
      const { leaves, ephemeralKeys, viewTags } = liveLeaves(range, answer);
      expect(leaves).toEqual(LEAVES.filter((leaf) => Math.floor(leaf / RANGE_LEAVES) === range));
      expect(ephemeralKeys).toEqual(concatBytes(...leaves.map((leaf) => testLeaf(leaf).ephemeralKey)));
      expect(viewTags).toEqual(concatBytes(...leaves.map((leaf) => testLeaf(leaf).viewTag)));
    }
  });

  it("with a leaf left out, added, moved or changed is refused", () => {
    const [tile] = first.tiles;
    const { bitmap, entries } = tile!;
    const bits = (change: (bitmap: Uint8Array) => void): Uint8Array => {
      const copy = bitmap.slice();
      change(copy);
      return copy;
    };
    const omitted = { ...tile!, bitmap: bits((map) => (map[0] = map[0]! & ~1)), entries: entries.slice(34) };
    const added = {
      ...tile!,
      bitmap: bits((map) => (map[0] = map[0]! | 4)),
      entries: concatBytes(entries, entries.slice(0, 34)),
    };
    const moved = { ...tile!, bitmap: bits((map) => (map[0] = 0b101)) };
    const swapped = { ...tile!, entries: concatBytes(entries.slice(34), entries.slice(0, 34)) };
    const tagged = { ...tile!, entries: entries.with(32, entries[32]! ^ 1) };
    const rested = { ...tile!, rest: sha256Hash() };
    for (const wrong of [omitted, added, moved, swapped, tagged, rested, undefined]) {
      expect(verifyRangeAnswer(tree.root, 0, withTile(first, 0, wrong))).toBe(false);
    }
    expect(verifyRangeAnswer(tree.root, 0, withTile(first, 2, tile))).toBe(false);
    expect(verifyRangeAnswer(tree.root, 0, first)).toBe(true);
  });

  it("in another's place, under another root or with other siblings is refused", () => {
    const { siblings } = first;
    expect(verifyRangeAnswer(tree.root, 1, first)).toBe(false);
    expect(verifyRangeAnswer(sha256Hash(), 0, first)).toBe(false);
    const swapped = siblings.with(0, siblings[1]!).with(1, siblings[0]!);
    const others = [swapped, siblings.with(0, ZERO_HASH), siblings.with(20, sha256Hash()), siblings.slice(1)];
    for (const wrong of others) expect(verifyRangeAnswer(tree.root, 0, { ...first, siblings: wrong })).toBe(false);
    expect(verifyRangeAnswer(tree.root, 0, { ...first, tiles: first.tiles.slice(1) })).toBe(false);
  });

  it("has one encoding", () => {
    const bytes = encodeRangeAnswer(first);
    const bent = (change: (copy: Uint8Array) => void): Uint8Array => {
      const copy = bytes.slice();
      change(copy);
      return copy;
    };
    const maskAt = bytes.length - 32 * first.siblings.filter((sibling) => sibling !== ZERO_HASH).length - 4;
    const cases = [
      bent((copy) => (copy[0] = 2)),
      bent((copy) => copy.fill(0, 1, 17)),
      bent((copy) => (copy[1] = copy[1]! ^ 1)),
      bent((copy) => (copy[maskAt + 3] = 0x40)),
      bent((copy) => (copy[maskAt + 3] = 0x80)),
      bent((copy) => copy.fill(0, maskAt + 4, maskAt + 36)),
      Uint8Array.from([...bytes, 0]),
      bytes.slice(0, -1),
    ];
    for (const wrong of cases) expect(() => decodeRangeAnswer(wrong)).toThrow(DecodeError);
    const { tiles } = first;
    const uncounted = { ...first, tiles: tiles.with(0, { ...tiles[0]!, entries: new Uint8Array() }) };
    const empty = {
      ...first,
      tiles: tiles.with(0, { ...tiles[0]!, bitmap: new Uint8Array(16), entries: new Uint8Array() }),
    };
    for (const wrong of [uncounted, empty, { ...first, tiles: [] }, { ...first, siblings: [] }]) {
      expect(() => encodeRangeAnswer(wrong)).toThrow(RangeError);
    }
  });

  it("gives the paths of its tiles, for buckets of the same state [BL-15]", () => {
    for (const bucket of [0, 1, 2, 6, 15, 16, 78, 200]) {
      const tile = Math.floor(bucket / 2);
      const answer = tree.range(Math.floor(tile / 8), NEXT_LEAF);
      expect(bucketProofOf(tree.tile(tile), bucket, tileSiblings(answer, tile))).toEqual(
        buildBucketProof(tree, bucket),
      );
    }
  });

  it("of random trees verifies after every change, and a list of their roots", () => {
    const place = fc.oneof(fc.nat(2_100), fc.nat(200_000));
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(place, fc.boolean()), { maxLength: 30 }), { maxLength: 5 }), (blocks) => {
        const random = new TestTree();
        for (const block of blocks) {
          random.update(new Map(block.map(([leaf, isLive]) => [leafIndex(leaf), isLive ? testLeaf(leaf) : undefined])));
          for (const [leaf] of block) {
            const range = Math.floor(leaf / RANGE_LEAVES);
            const answer = decodeRangeAnswer(encodeRangeAnswer(random.range(range, 200_001)));
            expect(verifyRangeAnswer(random.root, range, answer)).toBe(true);
            const live = liveLeaves(range, answer).leaves;
            const expected = [...random.leaves.keys()].filter((each) => Math.floor(each / RANGE_LEAVES) === range);
            expect(live).toEqual(expected.sort((left, right) => left - right));
          }
          expect(verifyRangeRoots(random.root, random.rangeRoots(200_001))).toBe(true);
        }
      }),
      { numRuns: runs(30, 2_000) },
    );
  });
});

describe("[BL-8] the list of range roots", () => {
  const roots = tree.rangeRoots(NEXT_LEAF);

  it("holds under its own root alone", () => {
    expect(roots).toHaveLength(5);
    expect(verifyRangeRoots(tree.root, roots)).toBe(true);
    expect(verifyRangeRoots(sha256Hash(), roots)).toBe(false);
    expect(verifyRangeRoots(ZERO_HASH, [])).toBe(true);
    expect(verifyRangeRoots(tree.root, [])).toBe(false);
    expect(verifyRangeRoots(ZERO_HASH, [ZERO_HASH, ZERO_HASH])).toBe(true);
  });

  it("with one left out, changed, added or in another's place is refused", () => {
    const wrong: readonly (readonly Hash[])[] = [
      roots.slice(1),
      roots.slice(0, -1),
      roots.with(2, sha256Hash()),
      [...roots, sha256Hash()],
      roots.with(0, roots[1]!).with(1, roots[0]!),
    ];
    for (const list of wrong) expect(verifyRangeRoots(tree.root, list)).toBe(false);
  });
});
