import { describe, expect, it } from "vitest";
import { decodeOutputCore, outputHash } from "../../../../src/core/chain/output.ts";
import { BUCKET_LEAVES, buildBucketProof, verifyBucketProof } from "../../../../src/core/state/bucket-proof.ts";
import { stateHashOf } from "../../../../src/core/state/leaf-state.ts";
import { leafHash, treeSource } from "../../../../src/core/state/tree.ts";
import { ZERO_HASH, type Hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import {
  decodeBucketAnswer,
  encodeBucketAnswer,
  type BucketAnswer,
  type BucketSlot,
} from "../../../../src/wire/requests/bucket.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "bucket leaves" });
builder.extend([builder.transfer(builder.take(2))]);
const root = builder.tip.header.utxoRoot;

function served(): BucketAnswer {
  const slots = Array.from({ length: BUCKET_LEAVES }, (_, place): BucketSlot | undefined => {
    const record = builder.ledger.leaf(leafIndex(place));
    if (record === undefined) return undefined;
    const core = decodeOutputCore(record.core);
    return { isLive: true, height: record.height, core, stateFields: record.stateFields, payload: undefined };
  });
  return { at: builder.tip.header.height, slots, proof: buildBucketProof(treeSource(builder.ledger), 0) };
}

/** The leaves as whoever receives the answer computes them. */
function leavesOf(slots: BucketAnswer["slots"]): readonly Hash[] {
  return slots.map((slot, place) => {
    if (slot?.isLive !== true) return ZERO_HASH;
    const state = stateHashOf(slot.core.type, slot.stateFields);
    return leafHash(leafIndex(place), slot.height, outputHash(slot.core), state);
  });
}

describe("live leaves of a bucket", () => {
  it("[BL-6] come with core, height and state fields, out of which the receiver computes the leaf", () => {
    const { slots, proof } = decodeBucketAnswer(encodeBucketAnswer(served()));
    const types = new Set(slots.flatMap((slot) => (slot === undefined ? [] : [slot.core.type])));
    expect(types).toEqual(new Set(["stake", "public", "coin"]));
    expect(slots.some((slot) => slot === undefined)).toBe(true);
    expect(verifyBucketProof(root, 0, leavesOf(slots), proof)).toBe(true);
  });

  it("[BL-6] are refused with another height, core or state", () => {
    const { slots, proof } = decodeBucketAnswer(encodeBucketAnswer(served()));
    const stakeAt = slots.findIndex((slot) => slot?.core.type === "stake");
    const slot = slots[stakeAt]!;
    const changes: readonly BucketSlot[] = [
      { ...slot, isLive: false },
      { ...slot, height: height(slot.height + 1) },
      { ...slot, core: slots.find((each) => each?.core.type === "public")!.core },
      { ...slot, stateFields: slot.stateFields.with(1, slot.stateFields[1]! ^ 1) },
    ];
    for (const change of changes) {
      expect(verifyBucketProof(root, 0, leavesOf(slots.with(stakeAt, change)), proof)).toBe(false);
    }
  });
});
