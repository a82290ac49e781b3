import { decodeOutputCore } from "../../core/chain/output.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import { BUCKET_LEAVES } from "../../core/state/bucket-proof.ts";
import { height, leafIndex, type LeafIndex } from "../../core/values/height.ts";
import type { BucketAnswer, BucketSlot } from "../../wire/requests/bucket.ts";

/** The live outputs of a bucket, as a state has them. */
export function liveSlots(
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
export async function completeBucket(
  store: FullNodeStore,
  answer: BucketAnswer,
  {
    bucket,
    nextLeaf,
    withPayloads,
  }: { readonly bucket: number; readonly nextLeaf: number; readonly withPayloads: boolean },
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
