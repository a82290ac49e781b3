import type { Header } from "../../core/chain/header.ts";
import { decodeOutputCore } from "../../core/chain/output.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { BUCKET_LEAVES, bucketProofOf, buildBucketProof, recordedBucketProof } from "../../core/state/bucket-proof.ts";
import { tileSiblings } from "../../core/state/build-range.ts";
import { RANGE_TILES } from "../../core/state/range-answer.ts";
import { readTile, TILE_LEAVES, treeSource } from "../../core/state/tree.ts";
import { height, leafIndex, type LeafIndex } from "../../core/values/height.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import {
  decodeBucketRequest,
  encodeBucketAnswer,
  type BucketAnswer,
  type BucketRequest,
  type BucketSlot,
} from "../../wire/requests/bucket.ts";
import { decodeRangeItem } from "../../wire/requests/range.ts";
import type { BoundaryRanges } from "./boundary-ranges.ts";
import { readAtTip } from "./read-at-tip.ts";
import type { RequestGuard } from "./request-guard.ts";
import { serveRequests, Unavailable } from "./serve-requests.ts";

/** What buckets are read from. */
export interface BucketSource {
  readonly store: FullNodeStore;
  readonly ranges: BoundaryRanges;
  readonly tip: () => Header;
}

/** Live leaves of three buckets with their proofs, all of one state. */
interface ReadBuckets {
  readonly answers: readonly BucketAnswer[];
  readonly nextLeaf: number;
}

/** Serves `bucket` at a readable boundary or at the newest height (NW-14). */
export async function serveBucket(network: NetworkPort, source: BucketSource, guard?: RequestGuard): Promise<void> {
  const { store } = source;
  const answerBuckets = async function* (frame: Uint8Array): AsyncIterable<Uint8Array> {
    const request = decodeBucketRequest(frame);
    // 0 is never boundary 0: a request has to mean the same whatever a server still has.
    const isPast = request.at !== 0 && store.readableBoundaries().includes(request.at);
    const { answers, nextLeaf } = await (isPast ? readAtBoundary(source, request) : readNewest(source, request));
    for (const [index, answer] of answers.entries()) {
      yield encodeBucketAnswer(await complete(store, answer, request.buckets[index]!, nextLeaf, request.withPayloads));
    }
  };
  await serveRequests(network, PROTOCOL.bucket, answerBuckets, guard);
}

/** The tree is read in one go, so that a block that becomes final meanwhile cannot mix two states. */
function readNewest({ store, tip }: BucketSource, request: BucketRequest): Promise<ReadBuckets> {
  return readAtTip(store, tip, ({ height: at, nextLeaf }) => {
    if (request.at !== 0 && request.at !== at) throw new Unavailable("not a height this node serves");
    const source = treeSource(store);
    const answers = request.buckets.map((bucket) => ({
      at,
      slots: liveSlots(bucket, (leaf) => store.leaf(leaf)),
      proof: buildBucketProof(source, bucket),
    }));
    return { answers, nextLeaf };
  });
}

/** What was there at a boundary stays so: the three are the same state whenever they are read. */
async function readAtBoundary({ store, ranges }: BucketSource, request: BucketRequest): Promise<ReadBuckets> {
  const { at, buckets } = request;
  const read = await Promise.all(
    buckets.map(async (bucket) => {
      const tile = Math.floor((bucket * BUCKET_LEAVES) / TILE_LEAVES);
      const [range, state, known] = await Promise.all([
        ranges.item(at, Math.floor(tile / RANGE_TILES)),
        store.leavesAt(at, leafIndex(tile * TILE_LEAVES), TILE_LEAVES),
        store.tilesAt(at, tile, 1),
      ]);
      if (state === undefined) throw new Unavailable("boundary dropped");
      const siblings = tileSiblings(decodeRangeItem(range), tile);
      const record = (leaf: LeafIndex): LeafRecord | undefined => state.live.get(leaf);
      const recorded = known?.get(tile);
      const proof =
        recorded === undefined
          ? bucketProofOf(readTile(tile, record), bucket, siblings)
          : recordedBucketProof(recorded, bucket, siblings);
      return { nextLeaf: state.nextLeaf, answer: { at, slots: liveSlots(bucket, record), proof } };
    }),
  );
  return { answers: read.map(({ answer }) => answer), nextLeaf: read[0]!.nextLeaf };
}

function liveSlots(
  bucket: number,
  recordOf: (leaf: LeafIndex) => LeafRecord | undefined,
): readonly (BucketSlot | undefined)[] {
  return Array.from({ length: BUCKET_LEAVES }, (_, place): BucketSlot | undefined => {
    const record = recordOf(leafIndex(bucket * BUCKET_LEAVES + place));
    if (record === undefined) return undefined;
    const core = decodeOutputCore(record.core);
    return { isLive: true, height: record.height, core, stateFields: record.stateFields, payload: undefined };
  });
}

/** Adds payloads, and the dead outputs that are still kept: a triple asks for what was spent meanwhile, too. */
async function complete(
  store: FullNodeStore,
  answer: BucketAnswer,
  bucket: number,
  nextLeaf: number,
  withPayloads: boolean,
): Promise<BucketAnswer> {
  const first = bucket * BUCKET_LEAVES;
  const slots = await Promise.all(
    answer.slots.map(async (slot, place) => {
      const leaf = leafIndex(first + place);
      return leaf >= nextLeaf ? undefined : (slot ?? (await readDead(store, leaf)));
    }),
  );
  if (!withPayloads) return { ...answer, slots };
  const payloads = await store.payloads(slots.map((_, place) => leafIndex(first + place)));
  return { ...answer, slots: slots.map((slot, place) => slot && { ...slot, payload: payloads[place] }) };
}

async function readDead(store: FullNodeStore, leaf: LeafIndex): Promise<BucketSlot | undefined> {
  const core = await store.core(leaf);
  if (core === undefined) return undefined;
  // Nothing proves the height of a dead output, so none is claimed (BL-15).
  return {
    isLive: false,
    height: height(0),
    core: decodeOutputCore(core),
    stateFields: new Uint8Array(0),
    payload: undefined,
  };
}
