import { expect } from "vitest";
import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import type { FullNodeStore } from "../../src/core/ports/full-node-store.ts";
import { height, leafIndex, type Height, type LeafIndex } from "../../src/core/values/height.ts";
import {
  awardOf,
  BOUNDARY_KEEP_COUNT,
  BOUNDARY_STEP,
  blockIdOf,
  commitOf,
  COMMIT_OUTPUT_COUNT,
  hashOf,
  leavesOfBlock,
  logOf,
  rangeRootAfter,
  recordAfter,
  tailOf,
} from "./block-commits.ts";

/** Height whose tip the store holds, by trying: the made-up tips say nothing themselves. */
export function findHeight(store: FullNodeStore, from: number): number {
  const tip = store.tip();
  if (tip === undefined) return -1;
  for (let at = from; at < from + 1_000_000; at++) {
    if (equalBytes(tip, commitOf(at).tip)) return at;
  }
  throw new Error("a tip that nobody committed");
}

/** Every key space says the same: blocks 0..last are there, wholly, and nothing of a later one. */
export async function expectConsistent(store: FullNodeStore, last: number, depth = 20): Promise<void> {
  for (let at = Math.max(0, last - depth); at <= last; at++) await expectBlock(store, at, last);
  const next = height(last + 1);
  expect(await store.header(next)).toBeUndefined();
  expect(await store.block(next)).toBeUndefined();
  expect(await store.heightOfBlock(blockIdOf(next))).toBeUndefined();
  expect(await store.placeOfTransaction(hashOf("txid", 2 * next))).toBeUndefined();
  for (const leaf of leavesOfBlock(next)) {
    expect(store.leaf(leaf)).toBeUndefined();
    expect(await store.core(leaf)).toBeUndefined();
    expect(await store.payloads([leaf])).toEqual([undefined]);
  }
  expect(store.node(40, 0)).toEqual(last < 0 ? undefined : hashOf("root", last));
  expect(store.node(7, next)).toBeUndefined();
  expect(await store.awardDraws(2)).toEqual(newestDraws(last));
  await expectLog(store, last);
  await expectBoundaries(store, last, depth);
  await expectLive(store, last);
}

/** The two newest of those that came with blocks up to this one. */
function newestDraws(last: number): readonly Uint8Array[] {
  const draws: Uint8Array[] = [];
  for (let at = last; at >= 0 && draws.length < 2; at--) {
    const award = awardOf(at);
    if (award !== undefined) draws.push(award.draw);
  }
  return draws;
}

async function expectLive(store: FullNodeStore, last: number): Promise<void> {
  let liveCount = 0;
  for await (const [leaf, record] of store.liveLeaves()) {
    expect(record).toEqual(recordAfter(last, leaf));
    liveCount++;
  }
  // Every block but the last lost its first output to the block after it.
  expect(liveCount).toBe(last < 0 ? 0 : COMMIT_OUTPUT_COUNT * (last + 1) - last);
}

/** The newest blocks are there, wholly, and every leaf that lives, whatever has been pruned below. */
export async function expectTail(store: FullNodeStore, last: number): Promise<void> {
  await expectBlock(store, last, last);
  await expectLive(store, last);
}

async function expectBlock(store: FullNodeStore, at: number, last: number): Promise<void> {
  const commit = commitOf(at);
  expect(await store.header(commit.height)).toEqual(commit.header);
  expect(await store.certificate(commit.height)).toEqual(commit.certificate);
  expect(await store.block(commit.height)).toEqual(commit.block);
  expect(await store.compact(commit.height)).toEqual(commit.compact);
  expect(await store.heightOfBlock(commit.blockId)).toBe(at);
  expect(await store.placeOfTransaction(commit.txids[1]!)).toEqual({ height: at, index: 1 });
  expect(store.node(7, at)).toEqual(at === last ? hashOf("tile", at) : undefined);
  expect(store.tile(at)).toEqual(at === last ? commit.changes.tiles.get(at) : undefined);
  if (commit.validatorSet !== undefined) {
    expect(await store.validatorSet(commit.validatorSet.hash)).toEqual(commit.validatorSet.bytes);
  }
  for (const leaf of leavesOfBlock(at)) {
    expect(store.leaf(leaf)).toEqual(recordAfter(last, leaf));
    expect(await store.core(leaf)).toEqual(commit.cores.get(leaf));
    expect(await store.payloads([leaf, leaf])).toEqual([commit.payloads.get(leaf), commit.payloads.get(leaf)]);
    expect(await store.rangeProof(leaf)).toEqual(commit.rangeProofs.get(leaf));
  }
}

/** The log of the next height is a prefix of what its writer appends; logs of committed heights are gone. */
async function expectLog(store: FullNodeStore, last: number): Promise<void> {
  if (last >= 0) expect(await store.log(last as Height)).toEqual([]);
  const entries = await store.log(height(last + 1));
  expect(entries).toEqual(logOf(last + 1).slice(0, entries.length));
}

/** The kept boundaries show the state as it was after them, and no other height shows any. */
async function expectBoundaries(store: FullNodeStore, last: number, depth: number): Promise<void> {
  const from = Math.max(0, last - depth);
  const boundaries: number[] = [];
  for (let at = from; at <= last; at++) if (at % BOUNDARY_STEP === 0) boundaries.push(at);
  expect(await store.boundaries(height(from), depth + 2)).toEqual(boundaries);
  const readable = boundaries.slice(-BOUNDARY_KEEP_COUNT);
  expect(store.readableBoundaries()).toEqual(readable);
  for (let at = from; at <= last + 1; at++) {
    if (readable.includes(at)) await expectStateAt(store, height(at), depth);
    else {
      expect(await store.rangeRoots(height(at))).toBeUndefined();
      expect(await store.snapshotTail(height(at))).toBeUndefined();
      expect(await store.leavesAt(height(at), leafIndex(0), 10)).toBeUndefined();
    }
  }
}

async function expectStateAt(store: FullNodeStore, at: Height, depth: number): Promise<void> {
  const nextLeaf = COMMIT_OUTPUT_COUNT * (at + 1);
  const roots = Array.from({ length: Math.ceil(nextLeaf / 1024) }, (_, range) => rangeRootAfter(at, range));
  expect(await store.rangeRoots(at)).toEqual(roots);
  expect(await store.snapshotTail(at)).toEqual(tailOf(at));
  const first = leafIndex(Math.max(0, nextLeaf - COMMIT_OUTPUT_COUNT * depth));
  const expected = new Map<LeafIndex, unknown>();
  for (let leaf = first as number; leaf < nextLeaf; leaf++) {
    const record = recordAfter(at, leafIndex(leaf));
    if (record !== undefined) expected.set(leafIndex(leaf), record);
  }
  const count = nextLeaf - first + 50;
  const read = await store.leavesAt(at, first, count);
  expect(read).toMatchObject({ nextLeaf, live: expected });
  expect([...read!.live.keys()]).toEqual([...expected.keys()]);
  expect(await store.leavesAt(at, leafIndex(nextLeaf), 10)).toMatchObject({ nextLeaf, live: new Map() });
}
