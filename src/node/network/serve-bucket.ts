import type { Header } from "../../core/chain/header.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { BUCKET_LEAVES, bucketProofOf, recordedBucketProof } from "../../core/state/bucket-proof.ts";
import { tileSiblings } from "../../core/state/build-range.ts";
import { RANGE_TILES } from "../../core/state/range-answer.ts";
import { readTile, TILE_LEAVES } from "../../core/state/tree.ts";
import { leafIndex, type LeafIndex } from "../../core/values/height.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import {
  decodeBucketRequest,
  encodeBucketAnswer,
  type BucketAnswer,
  type BucketRequest,
} from "../../wire/requests/bucket.ts";
import { decodeRangeItem } from "../../wire/requests/range.ts";
import type { BoundaryRanges } from "./boundary-ranges.ts";
import { completeBucket, liveSlots } from "./bucket-slots.ts";
import { NewestBuckets } from "./newest-buckets.ts";
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
  const newest = new NewestBuckets(store, source.tip);
  const answerBuckets = async function* (frame: Uint8Array): AsyncIterable<Uint8Array> {
    const request = decodeBucketRequest(frame);
    // 0 is never boundary 0: a request has to mean the same whatever a server still has.
    const isPast = request.at !== 0 && store.readableBoundaries().includes(request.at);
    if (!isPast) {
      yield* await newest.frames(request);
      return;
    }
    const { answers, nextLeaf } = await readAtBoundary(source, request);
    const { withPayloads } = request;
    for (const [index, answer] of answers.entries()) {
      const bucket = request.buckets[index]!;
      yield encodeBucketAnswer(await completeBucket(store, answer, { bucket, nextLeaf, withPayloads }));
    }
  };
  await serveRequests(network, PROTOCOL.bucket, answerBuckets, guard);
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
