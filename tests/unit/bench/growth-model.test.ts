import { describe, expect, it } from "vitest";
import { NETWORK_PARAMS } from "../../../src/core/params/network-params.ts";
import {
  blockSeconds,
  factorsOf,
  predicted,
  rawClasses,
  rawTree,
  shapeAfter,
  shareFor,
  totalOf,
  type ChainShape,
  type GrowthClasses,
  type Pace,
  type RawSizes,
} from "../../bench/growth/growth-model.ts";

const DAY_S = 86_400;
const YEAR_S = 365.25 * DAY_S;
const { main } = NETWORK_PARAMS;

/** A different power of ten each, so that a sum says what is in it. */
const RAW: RawSizes = {
  leaf: 1,
  proof: 10,
  payload: 100,
  spentCore: 1_000,
  compactPerOutput: 1,
  compactPerBlock: 1_000,
  header: 1,
  blockPerOutput: 1,
  blockPerBlock: 1_000,
  validatorSet: 7,
  blockName: 1,
  transactionPlace: 1_000,
};

const SHAPE: ChainShape = {
  outputs: 0,
  live: 5,
  windowOutputs: 9,
  windowLive: 2,
  agedLive: 3,
  windowBlocks: 4,
  recentlySpent: 0,
  dayOutputs: 6,
  dayBlocks: 2,
  epochs: 8,
  validatorSets: 2,
  transactionsPerOutput: 0.5,
};

describe("the formula of growth", () => {
  it("[BL-11] counts each record once, where 5.5 keeps it", () => {
    expect(rawClasses(RAW, SHAPE)).toEqual({
      outputs: 5,
      proofs: 50,
      tree: 0,
      // Payloads of the window and of what lives behind it; cores of what was spent in the window.
      payloads: 12 * 100 + 7 * 1_000,
      compact: 9 + 4_000,
      headers: 12,
      blocks: 6 + 2_000,
      validators: 14,
      indexes: 12 + 3_000,
    });
    const spent = rawClasses(RAW, { ...SHAPE, recentlySpent: 2 });
    expect(spent.proofs).toBe(70);
    expect(spent.tree).toBe(2 * (RAW.leaf + 13));
  });

  it("sums the nodes of a full tree exactly, and of a sparse one no more than a path for each leaf", () => {
    const leaves = 2 ** 20;
    const path = 34;
    // Levels 6 to 20 are full, and one node stands on each of the 20 levels above.
    const nodes = 2 ** 15 - 1 + 20;
    const records = (leaves / 128) * 22 + leaves * path + (leaves / 4) * 32;
    expect(rawTree(leaves, leaves)).toBeCloseTo(nodes * 39 + records + 2 * 32 * (leaves / 1024), 0);
    expect(rawTree(0, 0)).toBe(0);
    const sparse = rawTree(leaves, 100);
    expect(sparse).toBeLessThan(100 * (35 * 39 + 22 + path + 32) + 2 * 32 * (leaves / 1024));
    expect(sparse).toBeLessThan(rawTree(leaves, 1_000));
  });

  it("takes the factors of what was measured, but not of what was too little to tell", () => {
    const raw = Object.fromEntries(Object.keys(rawClasses(RAW, SHAPE)).map((name) => [name, 100_000])) as GrowthClasses;
    const measured = { ...raw, payloads: 110_000, headers: 0 };
    const factors = factorsOf(measured, { ...raw, blocks: 49_999 });
    expect(factors).toMatchObject({ payloads: 1.1, headers: 1, blocks: 1, outputs: 1 });
    expect(predicted(factors, raw).payloads).toBeCloseTo(110_000);
    expect(totalOf(raw)).toBe(900_000);
  });
});

describe("a chain after some years", () => {
  const pace: Pace = { outputsPerS: 1.3, stayingShare: 0.01, holdingS: DAY_S };

  it("has blocks at once where payments wait, and every empty_block_ms where none come", () => {
    expect(blockSeconds(main, 0)).toBe(10);
    expect(blockSeconds(main, 1e6)).toBeCloseTo(main.minBlockMs / 1000);
    // A payment in 1.54 s: the wait for it, had it not come within the first second, and that second.
    const perS = 0.65;
    const expected = 1 + (Math.exp(-perS) - Math.exp(-10 * perS)) / perS;
    expect(blockSeconds({ ...main, minBlockMs: 1_000 }, 1.3)).toBeCloseTo(expected);
    expect(blockSeconds(main, 0.1)).toBeGreaterThan(blockSeconds(main, 1.3));
  });

  it("[BL-11] keeps by age what 5.5 says, of the main network", () => {
    const shape = shapeAfter(main, pace, 10);
    expect(shape.outputs).toBeCloseTo(1.3 * 10 * YEAR_S);
    expect(shape.windowOutputs).toBeCloseTo(1.3 * 9 * DAY_S);
    expect(shape.windowBlocks).toBeCloseTo((9 * DAY_S) / blockSeconds(main, 1.3));
    expect(shape.agedLive).toBeCloseTo(0.01 * 1.3 * 5 * DAY_S);
    expect(shape.dayOutputs).toBeCloseTo(1.3 * DAY_S);
    const held = 0.99 * 1.3 * DAY_S;
    expect(shape.live).toBeCloseTo(0.01 * shape.outputs + held);
    expect(shape.windowLive).toBeCloseTo(0.01 * shape.windowOutputs + held);
    expect(shape.recentlySpent).toBeCloseTo(0.99 * 1.3 * 2 * 3_600);
    expect(shape.epochs).toBeCloseTo(10 * 365.25 * 24);
  });

  it("keeps all of a chain that is younger than that", () => {
    const shape = shapeAfter(main, pace, 0.5 / 365.25);
    expect(shape.windowOutputs).toBeCloseTo(shape.outputs);
    expect(shape.dayOutputs).toBeCloseTo(shape.outputs);
    expect(shape.agedLive).toBeCloseTo(0);
    expect(shape.live).toBeCloseTo(shape.outputs);
  });

  it("finds the share that stays from what is to live", () => {
    const share = shareFor(600_000, 1.3, DAY_S, 10);
    expect(share).toBeGreaterThan(0.001);
    expect(share).toBeLessThan(0.0013);
    expect(shapeAfter(main, { ...pace, stayingShare: share }, 10).live).toBeCloseTo(600_000);
  });
});
