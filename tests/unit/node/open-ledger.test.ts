import { describe, expect, it } from "vitest";
import { encodeGenesis } from "../../../src/core/chain/genesis.ts";
import { concatBytes } from "../../../src/core/bytes/concat-bytes.ts";
import { frontierSize } from "../../../src/core/crypto/merkle.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { makeDevGenesis } from "../../../src/node/cli/make-dev-genesis.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { openLedger } from "../../../src/node/open-ledger.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import { LedgerNode } from "../../support/ledger-node.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { testCurve as curve } from "../../support/test-curve.ts";

const genesis = makeDevGenesis({ validatorCount: 1, isFast: false, time: 1_700_000_000_000 });
const bls = createBlstBls();
const open = (change: Partial<typeof genesis>) =>
  openLedger(new MemoryStore(), encodeGenesis({ ...genesis, ...change }), { curve, bls });

describe("a node opens its ledger", () => {
  it("[GE-1] [ST-3] and names the parameter with which no chain can run", async () => {
    const store = new MemoryStore();
    const bytes = encodeGenesis({ ...genesis, params: { ...genesis.params, deadEpochs: 1 } });
    await expect(openLedger(store, bytes, { curve, bls })).rejects.toMatchObject({
      code: "bad_parameter",
      message: "the genesis breaks GE-1: no chain can run with deadEpochs 1",
    });
    expect(store.tip()).toBeUndefined();
  });

  it("[GE-1] other faults of a genesis keep their rule", async () => {
    await expect(open({ time: timeMs(2 ** 52) })).rejects.toMatchObject({
      code: "bad_genesis",
      message: "the genesis breaks GE-1",
    });
    expect((await open({ params: { ...genesis.params, deadEpochs: 2 } })).tip.header.height).toBe(0);
  });
});

const TIP_VERSION = 3;

/** A store whose tip was written before there were red packets, by a program that knew no more of it. */
class OldStore extends MemoryStore {
  readHeight = 0;
  /** The lowest header that is here, but for the first boundary. */
  from = 0;

  override tip(): Uint8Array | undefined {
    const bytes = super.tip()!;
    const { length } = bytes;
    const at = new DataView(bytes.buffer, bytes.byteOffset).getUint8(0);
    expect(at).toBe(TIP_VERSION);
    // Version, then all as it was up to the list of packets, which is empty, and the ids.
    const frontier = frontierSize(this.readHeight);
    const added = 4 + 2 + 2 + 32 * Math.min(this.readHeight + 1, 60);
    return concatBytes(
      Uint8Array.of(1),
      bytes.subarray(1, length - frontier - added),
      bytes.subarray(length - frontier),
    );
  }

  override header(at: Parameters<MemoryStore["header"]>[0]): Promise<Uint8Array | undefined> {
    return at < this.from && at > 0 ? Promise.resolve(undefined) : super.header(at);
  }
}

describe("a database from before red packets", () => {
  it.each([0, 1, 7, 59, 60, 70])("[RP-5] of height %i knows the ids that every other node knows", async (end) => {
    const builder = new LedgerBuilder({ label: "upgraded", params: { epochMs: 5_000 } });
    const store = new OldStore();
    const node = await LedgerNode.open(builder, store);
    for (let count = 0; count < end; count++) await node.extend();
    store.readHeight = end;
    const deps = { curve, bls };
    const { tip } = await openLedger(store, encodeGenesis(builder.genesis), deps);
    expect(tip.recentIds).toHaveLength(Math.min(end + 1, 60));
    expect(tip).toEqual(builder.tip);
    // The id of the last one that counts stands in the header behind it.
    store.from = Math.max(0, end - 58);
    expect((await openLedger(store, encodeGenesis(builder.genesis), deps)).tip).toEqual(builder.tip);
    if (end < 59) return;
    store.from = end - 57;
    await expect(openLedger(store, encodeGenesis(builder.genesis), deps)).rejects.toMatchObject({
      code: "database_damaged",
    });
  });
});
