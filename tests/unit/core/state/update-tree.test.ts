import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { decodeTileRecord, encodeTileRecord, scanBytes } from "../../../../src/core/state/tile-record.ts";
import { TILE_LEAVES, type TileLeaf, type TreeSource } from "../../../../src/core/state/tree.ts";
import { updateTree } from "../../../../src/core/state/update-tree.ts";
import { leafIndex, type LeafIndex } from "../../../../src/core/values/height.ts";
import { runs } from "../../../support/run-counts.ts";
import { TestTree } from "../../../support/test-tree.ts";

type Changes = ReadonlyMap<LeafIndex, TileLeaf | undefined>;

function testLeaf(value: number): TileLeaf {
  const digest = sha256Hash(u32(value));
  return { hash: digest, ephemeralKey: digest, viewTag: digest.slice(0, 2) };
}

/** The same tree without a record: every changed tile is then made from its leaves. */
const withoutRecords = (tree: TestTree): TreeSource => ({
  leaf: (index) => tree.leaf(index),
  node: (level, position) => tree.node(level, position),
  record: () => undefined,
});

/** Counts what is read of a tree. */
function counted(tree: TestTree): { readonly source: TreeSource; readonly reads: { leaves: number } } {
  const reads = { leaves: 0 };
  const leaf = (index: LeafIndex): TileLeaf | undefined => {
    reads.leaves++;
    return tree.leaf(index);
  };
  const source = { leaf, node: tree.node.bind(tree), record: tree.record.bind(tree) };
  return { source, reads };
}

const blockArbitrary: fc.Arbitrary<Changes> = fc
  .array(fc.record({ place: fc.nat(3 * TILE_LEAVES), value: fc.option(fc.nat()) }), { maxLength: 40 })
  .map(
    (steps) =>
      new Map(
        steps.map(({ place, value }) => [leafIndex(place), value === null ? undefined : testLeaf(value)] as const),
      ),
  );

describe("changing the tree", () => {
  it("[BL-3] gives the same root, nodes and records from records as from all leaves", () => {
    fc.assert(
      fc.property(fc.array(blockArbitrary, { maxLength: 6 }), (blocks) => {
        const tree = new TestTree();
        for (const changed of blocks) {
          const update = updateTree(tree, changed);
          expect(update).toEqual(updateTree(withoutRecords(tree), changed));
          tree.update(changed);
          for (const [index, record] of tree.records) {
            const { entries, groups } = decodeTileRecord(record);
            expect(encodeTileRecord(scanBytes(entries), groups)).toEqual(record);
            expect(tree.tile(index).map((leaf) => leaf !== undefined)).toEqual(
              entries.map((entry) => entry !== undefined),
            );
          }
        }
      }),
      { numRuns: runs(100, 5_000) },
    );
  });

  it("goes on from tiles that an older program left without a record", () => {
    const tree = new TestTree();
    tree.update(new Map(Array.from({ length: 300 }, (_, place) => [leafIndex(place), testLeaf(place)] as const)));
    tree.records.clear();
    tree.update(new Map([[leafIndex(200), undefined]]));
    tree.update(new Map([[leafIndex(201), undefined]]));
    expect([...tree.records.keys()]).toEqual([1]);
    expect(tree.root).toEqual(tree.rebuiltRoot());
  });

  it("a leaf that is spent takes three others of its tile, not 127", () => {
    const tree = new TestTree();
    tree.update(new Map(Array.from({ length: 512 }, (_, place) => [leafIndex(place), testLeaf(place)] as const)));
    const { source, reads } = counted(tree);
    updateTree(source, new Map([0, 1, 2, 3].map((tile) => [leafIndex(tile * TILE_LEAVES + tile), undefined])));
    expect(reads.leaves).toBe(12);
  });

  it("a record cut short or too long is a broken invariant", () => {
    const tree = new TestTree();
    tree.update(new Map([[leafIndex(5), testLeaf(1)]]));
    const record = tree.record(0)!;
    expect(() => decodeTileRecord(record.subarray(1))).toThrow();
    expect(() => decodeTileRecord(Uint8Array.from([...record, 0]))).toThrow(RangeError);
  });
});
