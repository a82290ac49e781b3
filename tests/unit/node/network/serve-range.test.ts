import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { encodeOutputCore, outputHash } from "../../../../src/core/chain/output.ts";
import type { FullNodeStore } from "../../../../src/core/ports/full-node-store.ts";
import type { Header } from "../../../../src/core/chain/header.ts";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { bucketProofOf, recordedBucketProof, verifyBucketProof } from "../../../../src/core/state/bucket-proof.ts";
import { rangeTile } from "../../../../src/core/state/build-range.ts";
import { stateHashOf } from "../../../../src/core/state/leaf-state.ts";
import { liveLeaves, verifyRangeAnswer, verifyRangeRoots } from "../../../../src/core/state/range-answer.ts";
import { leafHash, tileLeafOf } from "../../../../src/core/state/tree.ts";
import { ZERO_HASH, type Hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import { requestStream } from "../../../../src/net/requests/request.ts";
import { BoundaryRanges } from "../../../../src/node/network/boundary-ranges.ts";
import { BytesCache } from "../../../../src/node/network/bytes-cache.ts";
import { serveBucket } from "../../../../src/node/network/serve-bucket.ts";
import { serveRange } from "../../../../src/node/network/serve-range.ts";
import { openLevelStore } from "../../../../src/node/storage/level-store.ts";
import { ERROR_CODE } from "../../../../src/wire/frame.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodeBucketAnswer, encodeBucketRequest, type BucketSlot } from "../../../../src/wire/requests/bucket.ts";
import {
  decodeRangeItem,
  decodeRangeRootsItem,
  encodeRangeItem,
  encodeRangeRootsRequest,
  encodeRangesRequest,
} from "../../../../src/wire/requests/range.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { RandomLedger, treeOf, type PastState } from "../../../support/random-ledger.ts";
import { SeededNumbers } from "../../../support/seeded-numbers.ts";

const KEEP_COUNT = 3;
const UNAVAILABLE = { code: "refused", refusal: { code: ERROR_CODE.unavailable } };

describe.each(["in memory", "on disk"])("[BL-7] states of boundaries, %s", (place) => {
  const numbers = new SeededNumbers(5);
  let directory: string;
  let store: FullNodeStore;
  let ledger: RandomLedger;
  let client: NetworkPort;
  let kept: readonly PastState[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-range-"));
    store = place === "in memory" ? new MemoryStore() : await openLevelStore(directory);
    ledger = new RandomLedger(numbers, [store]);
    await ledger.block({ outputs: 40, keepCount: KEEP_COUNT });
    for (let at = 1; at <= 24; at++) {
      const block = { outputs: numbers.between(0, 240), spends: numbers.between(0, 160), changes: 30 };
      await ledger.block(at % 6 === 0 ? { ...block, keepCount: KEEP_COUNT } : block);
    }
    // A part of the state changes after the newest boundary, too.
    await ledger.block({ outputs: 100, spends: 500, changes: 200 });
    kept = ledger.boundaries.slice(-KEEP_COUNT);
    const network = new FakeNetwork();
    const server = network.join("server");
    client = network.join("client");
    const ranges = new BoundaryRanges(store);
    await serveRange(server, ranges);
    const header = { height: height(ledger.nextHeight - 1), utxoRoot: ledger.root, nextLeaf: ledger.nextLeaf };
    await serveBucket(server, { store, ranges, tip: () => header as Header });
    await client.dial("/fake/server", 100);
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const ask = async (frame: Uint8Array, { name, asked } = PROTOCOL.range) => {
    const items: Uint8Array[] = [];
    for await (const item of requestStream(client, "server", name, asked, frame, { firstMs: 10_000 })) items.push(item);
    return items;
  };
  const rangesOf = (boundary: number, ranges: readonly number[]): Promise<readonly Uint8Array[]> =>
    ask(encodeRangesRequest({ boundary: height(boundary), ranges }));

  it("verify under the boundary's root and are those of the tree built anew", async () => {
    expect(ledger.nextLeaf).toBeGreaterThan(2 * 1024);
    for (const state of kept) {
      const tree = treeOf(state);
      expect(tree.root).toEqual(state.root);
      const ranges = Array.from({ length: Math.ceil(state.nextLeaf / 1024) + 1 }, (_, range) => range);
      const items = await rangesOf(state.height, ranges);
      expect(items).toHaveLength(ranges.length);
      for (const range of ranges) {
        const answer = decodeRangeItem(items[range]!);
        expect(verifyRangeAnswer(state.root, range, answer)).toBe(true);
        expect(encodeRangeItem(tree.range(range, state.nextLeaf))).toEqual(items[range]);
        const live = liveLeaves(range, answer);
        const expected = [...state.leaves.keys()].filter((leaf) => Math.floor(leaf / 1024) === range);
        expect(live.leaves).toEqual(expected.sort((left, right) => left - right));
        const scannable = live.leaves.map((leaf) => scanned(state, leaf));
        expect(live.ephemeralKeys).toEqual(concatBytes(...scannable.map(({ ephemeralKey }) => ephemeralKey)));
        expect(live.viewTags).toEqual(concatBytes(...scannable.map(({ viewTag }) => viewTag)));
      }
    }
  });

  it("are known by their tiles, where a store has kept those, as by their leaves", async () => {
    const tileCount = Math.ceil(ledger.nextLeaf / 128) + 1;
    let known = 0;
    for (const state of kept) {
      const tree = treeOf(state);
      const tiles = (await store.tilesAt(height(state.height), 0, tileCount))!;
      for (const [tile, { halves, ...told }] of tiles) {
        expect(told).toEqual(rangeTile(tree.tile(tile)));
        for (const bucket of [2 * tile, 2 * tile + 1]) {
          const proof = recordedBucketProof({ ...told, halves }, bucket, []);
          expect(proof).toEqual(bucketProofOf(tree.tile(tile), bucket, []));
        }
      }
      expect(tiles.size).toBeLessThan(tileCount);
      expect([...(await store.tilesAt(height(state.height), 1, 1))!.keys()].every((tile) => tile === 1)).toBe(true);
      known += tiles.size;
    }
    expect(known > 0).toBe(place === "on disk");
    expect(await store.tilesAt(height(kept[0]!.height + 1), 0, tileCount)).toBeUndefined();
  });

  it("[BL-8] have a list of range roots", async () => {
    for (const state of kept) {
      const items = await ask(encodeRangeRootsRequest({ boundary: state.height }));
      const roots = items.flatMap((item) => decodeRangeRootsItem(item));
      expect(roots).toHaveLength(Math.ceil(state.nextLeaf / 1024));
      expect(verifyRangeRoots(state.root, roots)).toBe(true);
    }
  });

  it("[NW-2] are the same bytes for whoever asks, however often", async () => {
    const { height: at } = kept[0]!;
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => rangesOf(at, [0, 1, 2])));
    for (const items of others) expect(items).toEqual(first);
    expect(await rangesOf(at, [1])).toEqual([first![1]]);
  });

  it("[NW-14] [BL-15] give buckets with their proofs, outputs spent since then among them", async () => {
    for (const state of kept) {
      const last = Math.floor((state.nextLeaf - 1) / 64);
      const buckets = [numbers.between(0, last - 1), last, last + 20];
      const frame = encodeBucketRequest({ at: state.height, withPayloads: true, buckets });
      const answers = (await ask(frame, PROTOCOL.bucket)).map((item) => decodeBucketAnswer(item));
      expect(answers.map(({ at }) => at)).toEqual([state.height, state.height, state.height]);
      for (const [index, { slots, proof }] of answers.entries()) {
        const bucket = buckets[index]!;
        const leaves = slots.map((slot, offset) => hashOfSlot(64 * bucket + offset, slot));
        expect(verifyBucketProof(state.root, bucket, leaves, proof)).toBe(true);
        slots.forEach((slot, offset) => {
          const record = state.leaves.get(leafIndex(64 * bucket + offset));
          // What was spent before the boundary is given while it is kept; what was made later is not there yet.
          expect(slot !== undefined).toBe(64 * bucket + offset < state.nextLeaf);
          expect(slot?.isLive === true).toBe(record !== undefined);
          if (record !== undefined) {
            expect(slot).toMatchObject({ height: record.height, stateFields: record.stateFields });
            expect(encodeOutputCore(slot!.core)).toEqual(record.core);
          }
        });
      }
    }
  });

  it("are unavailable at other heights, and once newer boundaries have taken their place", async () => {
    const oldest = ledger.boundaries.at(-KEEP_COUNT - 1)!.height;
    for (const at of [oldest, kept[0]!.height + 1, ledger.nextHeight, ledger.nextHeight + 1_000]) {
      await expect(rangesOf(at, [0])).rejects.toMatchObject(UNAVAILABLE);
      await expect(ask(encodeRangeRootsRequest({ boundary: height(at) }))).rejects.toMatchObject(UNAVAILABLE);
      const frame = encodeBucketRequest({ at: height(at), withPayloads: false, buckets: [0, 1, 2] });
      await expect(ask(frame, PROTOCOL.bucket)).rejects.toMatchObject(UNAVAILABLE);
    }
    const gone = kept[0]!.height;
    expect(await rangesOf(gone, [0])).toHaveLength(1);
    await ledger.block({ outputs: 1, keepCount: KEEP_COUNT });
    await expect(rangesOf(gone, [0])).rejects.toMatchObject(UNAVAILABLE);
    await expect(ask(encodeRangeRootsRequest({ boundary: gone }))).rejects.toMatchObject(UNAVAILABLE);
  });

  it("[NW-1] what is no request is told so", async () => {
    const malformed = { code: "refused", refusal: { code: ERROR_CODE.malformed } };
    for (const frame of [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3), encodeRangesOutOfOrder()]) {
      await expect(ask(frame)).rejects.toMatchObject(malformed);
    }
  });
});

function scanned(state: PastState, leaf: ReturnType<typeof leafIndex>) {
  const { ephemeralKey, viewTag } = tileLeafOf(leaf, state.leaves.get(leaf)!);
  return { ephemeralKey, viewTag };
}

function hashOfSlot(leaf: number, slot: BucketSlot | undefined): Hash {
  if (slot?.isLive !== true) return ZERO_HASH;
  const state = stateHashOf(slot.core.type, slot.stateFields);
  return leafHash(leafIndex(leaf), slot.height, outputHash(slot.core), state);
}

function encodeRangesOutOfOrder(): Uint8Array {
  const frame = encodeRangesRequest({ boundary: height(6), ranges: [1, 2] });
  frame[10] = 5;
  return frame;
}

describe("a cache of answers", () => {
  it("stays within its bytes and forgets what was used least recently", () => {
    const cache = new BytesCache(10);
    cache.set("a", new Uint8Array(4));
    cache.set("b", new Uint8Array(4));
    cache.get("a");
    cache.set("c", new Uint8Array(4));
    expect([cache.get("a"), cache.get("b"), cache.get("c")].map((bytes) => bytes?.length)).toEqual([4, undefined, 4]);
    cache.set("c", new Uint8Array(6));
    expect(cache.bytes).toBe(10);
    cache.set("d", new Uint8Array(11));
    expect(cache.bytes).toBe(0);
  });
});
