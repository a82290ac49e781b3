import { describe, expect, it } from "vitest";
import { encodeGenesis } from "../../../src/core/chain/genesis.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { makeDevGenesis } from "../../../src/node/cli/make-dev-genesis.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { openLedger } from "../../../src/node/open-ledger.ts";
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
