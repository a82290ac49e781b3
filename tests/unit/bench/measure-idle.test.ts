import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NETWORK_PARAMS } from "../../../src/core/params/network-params.ts";
import { height } from "../../../src/core/values/height.ts";
import { openLevelStore, type DiskStore } from "../../../src/node/storage/level-store.ts";
import { IdleChain } from "../../bench/chain/idle-chain.ts";
import { growthPerDay, type DiskSample } from "../../bench/chain/measure-idle.ts";
import { testCurve as curve } from "../../support/test-curve.ts";

const HOUR_MS = 3_600_000;

describe("growth in a day", () => {
  const hourly = (bytesAt: (hour: number) => number): readonly DiskSample[] =>
    Array.from({ length: 7 * 24 }, (_, hour) => ({ atMs: 1e12 + hour * HOUR_MS, bytes: bytesAt(hour) }));

  it("is what is added, however much comes and goes", () => {
    expect(growthPerDay(hourly((hour) => 5e7 + 1_000 * hour))).toBeCloseTo(24_000);
    expect(growthPerDay(hourly(() => 5e7))).toBeCloseTo(0);
    // The log written ahead grows to 4 MB and begins anew, now and then: about one part in a hundred of that shows.
    const sawtooth = hourly((hour) => 5e7 + 1_000 * hour + ((hour * 713_000) % 4_000_000));
    expect(Math.abs(growthPerDay(sawtooth) - 24_000)).toBeLessThan(60_000);
  });

  it("shows a leak of a megabyte a day among them", () => {
    const leak = hourly((hour) => 5e7 + (1e6 / 24) * hour + ((hour * 713_000) % 4_000_000));
    expect(growthPerDay(leak)).toBeGreaterThan(900_000);
  });
});

describe("an idle chain", () => {
  let directory: string;
  let store: DiskStore;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-idle-"));
    store = await openLevelStore(directory);
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("[BL-11] lets go of what the window no longer holds, and pays who validates", { timeout: 60_000 }, async () => {
    const epochMs = HOUR_MS;
    const emptyBlockMs = epochMs / 6;
    const params = {
      ...NETWORK_PARAMS.main,
      epochMs,
      emptyBlockMs,
      maxValidators: 4,
      weekEpochs: 6,
      payloadTtlMs: 3 * epochMs,
    };
    const chain = await IdleChain.begin(store, curve, params);
    const [begun, liveAtFirst] = [chain.now, chain.tip.header.liveCount];
    for (let epoch = 0; epoch < 8; epoch++) await chain.runEpoch();
    await chain.stop();
    expect(chain.now - begun).toBeGreaterThanOrEqual(8 * epochMs);
    // Six empty blocks an epoch and the one that ends it.
    expect(chain.tip.header.height).toBe(8 * 7);
    const { blocks, window } = store.keptFrom();
    expect(window).toBeGreaterThan(20);
    expect(blocks).toBe(window);
    expect(await store.header(height(window - 1))).toBeDefined();
    expect(await store.header(height(window - 2))).toBeUndefined();
    expect(await store.block(height(window - 1))).toBeUndefined();
    expect(await store.block(height(window))).toBeDefined();
    expect(chain.tip.header.liveCount).toBeGreaterThanOrEqual(liveAtFirst + 4);
  });
});
