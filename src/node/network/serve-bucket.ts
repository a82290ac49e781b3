import type { Header } from "../../core/chain/header.ts";
import { decodeOutputCore } from "../../core/chain/output.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { BUCKET_LEAVES, buildBucketProof } from "../../core/state/bucket-proof.ts";
import { treeSource } from "../../core/state/tree.ts";
import { height, leafIndex, type Height } from "../../core/values/height.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import {
  decodeBucketRequest,
  encodeBucketAnswer,
  type BucketAnswer,
  type BucketSlot,
} from "../../wire/requests/bucket.ts";
import { readAtTip } from "./read-at-tip.ts";
import { serveRequests, Unavailable } from "./serve-requests.ts";

/**
 * Serves `bucket` at the newest height (NW-14). Boundary states arrive with snapshots; until then another height is
 * refused. The tree is read in one go, so that a block that becomes final meanwhile cannot mix two states.
 */
export async function serveBucket(network: NetworkPort, store: FullNodeStore, tip: () => Header): Promise<void> {
  await serveRequests(network, PROTOCOL.bucket, async function* (frame) {
    const request = decodeBucketRequest(frame);
    const { read, nextLeaf } = await readAtTip(store, tip, ({ height: at, nextLeaf: made }) => {
      if (request.at !== 0 && request.at !== at) throw new Unavailable("not a height this node serves");
      return { read: request.buckets.map((bucket) => readLive(store, at, bucket)), nextLeaf: made };
    });
    for (const [index, answer] of read.entries()) {
      yield encodeBucketAnswer(await complete(store, answer, request.buckets[index]!, nextLeaf, request.withPayloads));
    }
  });
}

/** Live leaves and proof, all synchronously. */
function readLive(store: FullNodeStore, at: Height, bucket: number): BucketAnswer {
  const slots = Array.from({ length: BUCKET_LEAVES }, (_, place): BucketSlot | undefined => {
    const record = store.leaf(leafIndex(bucket * BUCKET_LEAVES + place));
    if (record === undefined) return undefined;
    const core = decodeOutputCore(record.core);
    return { isLive: true, height: record.height, core, stateFields: record.stateFields, payload: undefined };
  });
  return { at, slots, proof: buildBucketProof(treeSource(store), bucket) };
}

/** Adds payloads, and the dead outputs that are still kept: a triple asks for what was spent meanwhile, too. */
async function complete(
  store: FullNodeStore,
  answer: BucketAnswer,
  bucket: number,
  nextLeaf: number,
  withPayloads: boolean,
): Promise<BucketAnswer> {
  const slots = await Promise.all(
    answer.slots.map(async (slot, place): Promise<BucketSlot | undefined> => {
      const leaf = leafIndex(bucket * BUCKET_LEAVES + place);
      if (leaf >= nextLeaf) return undefined;
      const found = slot ?? (await readDead(store, leaf));
      if (found === undefined || !withPayloads) return found;
      return { ...found, payload: await store.payload(leaf) };
    }),
  );
  return { ...answer, slots };
}

async function readDead(store: FullNodeStore, leaf: ReturnType<typeof leafIndex>): Promise<BucketSlot | undefined> {
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
