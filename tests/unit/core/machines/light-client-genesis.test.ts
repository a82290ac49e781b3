import { describe, expect, it } from "vitest";
import { openGenesis } from "../../../../src/core/machines/light-client-genesis.ts";
import { INITIAL_LIGHT_CLIENT, type Draft } from "../../../../src/core/machines/light-client-state.ts";
import { BUNDLED_CHECKPOINTS } from "../../../../src/core/params/bundled-checkpoints.ts";
import { genesisRoot } from "../../../../src/core/state/genesis-root.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { startRestore, type RestoreBoundary, type RestoreState } from "../../../../src/core/wallet/restore-state.ts";
import { EMPTY_WALLET } from "../../../../src/core/wallet/wallet-state.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { testCurve } from "../../../support/test-curve.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const { outputs } = new LedgerBuilder({ label: "light client genesis" }).genesis;
const HIT = leafIndex(outputs.length - 1);

const boundary = (at: number): RestoreBoundary => ({
  height: height(at),
  timeMs: timeMs(1_000 + at),
  utxoRoot: genesisRoot(outputs),
  nextLeaf: outputs.length,
});

/** A restore at boundary 0 with one hit, over a network file with these outputs. */
function restoring(genesisOutputs: typeof outputs | undefined, changes: Partial<RestoreState> = {}): Draft {
  const restore = {
    ...startRestore(undefined),
    boundary: boundary(0),
    endLeaf: outputs.length,
    hits: [HIT],
    ...changes,
  };
  const wallet = { ...EMPTY_WALLET, restore };
  const { config } = new LightClientWorld(1);
  const state = {
    ...INITIAL_LIGHT_CLIENT,
    config: genesisOutputs === undefined ? config : { ...config, genesisOutputs },
    wallet,
    durable: { ...INITIAL_LIGHT_CLIENT.durable, wallet },
  };
  const deps = { bls: fakeBls, curve: testCurve, checkpoints: BUNDLED_CHECKPOINTS, isOriginTrusted: false };
  return { state, stored: state.durable, effects: [], nowMs: timeMs(5_000), deps };
}

describe("[NW-14] hits in the outputs of a genesis", () => {
  it("are opened out of the genesis, once", () => {
    const draft = restoring(outputs);
    openGenesis(draft);
    expect(draft.effects).toMatchObject([{ type: "scan-outputs" }]);
    const [effect] = draft.effects;
    const { blocks } = (effect as Extract<typeof effect, { readonly type: "scan-outputs" }>).job;
    expect(blocks.map((block) => [block.height, block.firstLeaf, block.outputs.length])).toEqual([
      [0, 0, outputs.length],
    ]);
    expect(draft.state.restore.opening).toMatchObject([{ buckets: [0] }]);
    openGenesis(draft);
    expect(draft.effects).toHaveLength(1);
  });

  it.each([
    ["another one than the trusted header's", outputs.slice(1)],
    ["none", undefined],
  ])("wait for the next boundary where the genesis at hand is %s", (_, others) => {
    const draft = restoring(others);
    openGenesis(draft);
    expect(draft.effects).toEqual([]);
    expect(draft.state.durable.wallet!.restore!.boundary!.height).toBe(0);
    const later = restoring(others, { newest: boundary(60) });
    openGenesis(later);
    expect(later.effects).toEqual([]);
    expect(later.state.durable.wallet!.restore!.boundary!.height).toBe(60);
  });

  it("are asked of nodes at every other boundary", () => {
    const draft = restoring(outputs, { boundary: boundary(60) });
    openGenesis(draft);
    expect(draft.effects).toEqual([]);
  });
});
