import { describe, expect, it } from "vitest";
import { proofRoot } from "../../../../src/core/machines/light-client-proof-root.ts";
import { INITIAL_LIGHT_CLIENT, type LightClientState } from "../../../../src/core/machines/light-client-state.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { testCurve } from "../../../support/test-curve.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

/** A wallet that is live, and the same device without one, on a chain of 30 blocks. */
function devices() {
  const world = new LightClientWorld(1);
  for (let index = 0; index < 30; index++) world.mine({ isEpochEnd: index % 10 === 9 });
  world.checkpointHeight = 10;
  world.nowMs = world.chain.tip.time;
  world.start();
  world.run(3_000);
  const { config, durable } = world.state;
  // It mines while it runs.
  expect(durable.chain!.header.height).toBeGreaterThanOrEqual(30);
  const bare: LightClientState = { ...INITIAL_LIGHT_CLIENT, config };
  const root = (state: LightClientState, changes: { isOriginTrusted?: boolean; nowMs?: number } = {}) => {
    const deps = {
      bls: fakeBls,
      curve: testCurve,
      checkpoints: world.bundled,
      isOriginTrusted: changes.isOriginTrusted ?? false,
    };
    return proofRoot({ state, deps, nowMs: timeMs(changes.nowMs ?? world.nowMs) });
  };
  return { world, wallet: world.state, bare, root };
}

const onMain = (state: LightClientState): LightClientState => ({
  ...state,
  config: { ...state.config!, network: "main" },
});

describe("what a payment proof is checked against", () => {
  it("[LC-4] the wallet's own chain, whatever higher checkpoint the origin names", () => {
    const { world, wallet, root } = devices();
    const checkpoint = { ...world.chain.checkpoint(20), height: height(1_000) };
    const higher = { ...wallet, config: { ...wallet.config!, checkpoint } };
    expect(root(higher)).toEqual({ type: "header", header: wallet.durable.chain });
    expect(root(onMain(higher))).toEqual({ type: "header", header: wallet.durable.chain });
  });

  it("[LC-4] without a wallet the origin's checkpoint, on main only if a person has named the origin", () => {
    const { bare, root } = devices();
    const expected = { type: "checkpoint", checkpoint: bare.config!.checkpoint };
    expect(root(bare)).toEqual(expected);
    expect(root(onMain(bare))).toBeUndefined();
    expect(root(onMain(bare), { isOriginTrusted: true })).toEqual(expected);
    expect(root({ ...bare, config: undefined })).toBeUndefined();
  });

  it("[LC-4] on main the checkpoint that a person has entered", () => {
    const { world, bare, root } = devices();
    const checkpoint = world.chain.checkpoint(20);
    const entered = onMain({ ...bare, durable: { ...bare.durable, checkpoint } });
    expect(root(entered)).toEqual({ type: "checkpoint", checkpoint });
  });

  it("[LC-4] trust that has grown too old needs a fresh checkpoint above it", () => {
    const { world, wallet, root } = devices();
    const nowMs = wallet.durable.chain!.header.time + world.params.trustingMs;
    expect(root(wallet, { nowMs })).toBeUndefined();
    const below = { ...world.chain.checkpoint(20), timeMs: timeMs(nowMs) };
    expect(root({ ...wallet, config: { ...wallet.config!, checkpoint: below } }, { nowMs })).toBeUndefined();
    const above = { ...world.chain.checkpoint(20), height: height(1_000), timeMs: timeMs(nowMs) };
    const renewed = { ...wallet, config: { ...wallet.config!, checkpoint: above } };
    expect(root(renewed, { nowMs })).toEqual({ type: "checkpoint", checkpoint: above });
  });
});
