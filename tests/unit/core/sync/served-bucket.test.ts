import { describe, expect, it } from "vitest";
import { BUCKET_LEAVES, buildBucketProof } from "../../../../src/core/state/bucket-proof.ts";
import { decodeOutputCore } from "../../../../src/core/chain/output.ts";
import { treeSource } from "../../../../src/core/state/tree.ts";
import { checkBucket, type ServedBucket, type ServedSlot } from "../../../../src/core/sync/served-bucket.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "served bucket" });
const transfer = builder.transfer(builder.take(2), [0n, 5n, 6n]);
const { payloads } = builder.extend([transfer]);
const { utxoRoot: root, height: at } = builder.tip.header;

function served(): ServedBucket {
  const slots = Array.from({ length: BUCKET_LEAVES }, (_, place): ServedSlot | undefined => {
    const record = builder.ledger.leaf(leafIndex(place));
    if (record === undefined) return undefined;
    const core = decodeOutputCore(record.core);
    const payload = payloads.get(leafIndex(place));
    return { isLive: true, height: record.height, core, stateFields: record.stateFields, payload };
  });
  return { at, slots, proof: buildBucketProof(treeSource(builder.ledger), 0) };
}

const change = (place: number, fields: Partial<ServedSlot>): ServedBucket => {
  const bucket = served();
  return { ...bucket, slots: bucket.slots.with(place, { ...bucket.slots[place]!, ...fields }) };
};
const coinAt = served().slots.findIndex((slot) => slot?.core.type === "coin");
const stakeAt = served().slots.findIndex((slot) => slot?.core.type === "stake");

describe("a bucket as a node serves it", () => {
  it("[BL-15] [BL-6] gives its live outputs with number, height and payload", () => {
    const live = checkBucket(root, 0, served())!;
    expect(live.map(({ leaf }) => leaf)).toEqual([...builder.ledger.leaves.keys()].sort((a, b) => a - b));
    expect(live.filter(({ payload }) => payload !== undefined)).toHaveLength(3);
    expect(live.find(({ leaf }) => leaf === coinAt)).toMatchObject({ height: at, core: { type: "coin" } });
  });

  it("may lack payloads, and may show dead outputs, which count for nothing", () => {
    expect(checkBucket(root, 0, change(coinAt, { payload: undefined }))).toHaveLength(builder.ledger.leaves.size);
    const dead = served().slots.indexOf(undefined);
    const shown = { ...served().slots[coinAt]!, isLive: false };
    const bucket = served();
    const live = checkBucket(root, 0, { ...bucket, slots: bucket.slots.with(dead, shown) })!;
    expect(live.map(({ leaf }) => leaf as number)).not.toContain(dead);
  });

  it.each([
    ["an output left out", () => change(coinAt, { isLive: false })],
    ["another height", () => change(coinAt, { height: height(at + 1) })],
    ["another core", () => change(coinAt, { core: served().slots[coinAt + 1]!.core })],
    ["another payload", () => change(coinAt, { payload: new Uint8Array(512) })],
    ["state fields that are none", () => change(stakeAt, { stateFields: new Uint8Array(17).fill(255) })],
    ["a payload of a stake", () => change(stakeAt, { payload: new Uint8Array(512) })],
    ["a slot too few", () => ({ ...served(), slots: served().slots.slice(1) })],
  ])("[BL-15] is refused with %s", (_name, lie) => {
    expect(checkBucket(root, 0, lie())).toBeUndefined();
  });

  it("[BL-15] is refused as another bucket, and under another root", () => {
    expect(checkBucket(root, 1, served())).toBeUndefined();
    expect(checkBucket(builder.tip.header.auxRoot, 0, served())).toBeUndefined();
  });
});
