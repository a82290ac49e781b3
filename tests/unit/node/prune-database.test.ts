import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blockId } from "../../../src/core/chain/header.ts";
import { EMPTY_CERTIFICATE } from "../../../src/core/chain/certificate.ts";
import type { KeptFrom } from "../../../src/core/ports/full-node-store.ts";
import { blockCommit } from "../../../src/core/state/block-outcome.ts";
import { holdsSupplyInvariant } from "../../../src/core/state/supply-invariant.ts";
import { NETWORK_PARAMS } from "../../../src/core/params/network-params.ts";
import { BLOCKS_KEEP_MS, retentionAt } from "../../../src/core/sync/retention.ts";
import { height, timeMs, type TimeMs } from "../../../src/core/values/height.ts";
import { readCompactItem } from "../../../src/node/network/stored-items.ts";
import { DatabasePruner, holdingsText, type PruneParts } from "../../../src/node/prune-database.ts";
import { openLevelStore, type DiskStore } from "../../../src/node/storage/level-store.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { testCurve } from "../../support/test-curve.ts";

const PARAMS = { epochMs: 60_000, payloadTtlMs: 10 * 60_000 };
const DAY_MS = 24 * 60 * 60 * 1000;
const at = (value: number): TimeMs => timeMs(value);

/** A clock whose wakers fire when they are told to. */
class HandClock {
  readonly waiting: (() => void)[] = [];
  time = 0;
  now(): TimeMs {
    return at(this.time);
  }
  wakeAt(_at: TimeMs, wake: () => void): () => void {
    this.waiting.push(wake);
    return () => undefined;
  }
}

describe("[BL-11] what is old enough to go", () => {
  it("blocks after a day, what follows them with trust, payloads of what lives after payload_ttl_ms", () => {
    const ages = (params: { readonly payloadTtlMs: number; readonly trustingMs: number }): readonly number[] => {
      const { blocksSince, windowSince, payloadsSince } = retentionAt(at(20 * DAY_MS), params);
      return [blocksSince, windowSince, payloadsSince].map((since) => 20 * DAY_MS - since);
    };
    expect(BLOCKS_KEEP_MS).toBe(DAY_MS);
    expect(ages(NETWORK_PARAMS.main)).toEqual([DAY_MS, 9 * DAY_MS, 14 * DAY_MS]);
    // Trust of less than a day: the window is no shorter than the blocks it holds.
    expect(ages(NETWORK_PARAMS.test)).toEqual([DAY_MS, DAY_MS, 2 * DAY_MS]);
    expect(ages(NETWORK_PARAMS.dev)).toEqual([DAY_MS, DAY_MS, DAY_MS]);
    expect(ages({ payloadTtlMs: 60_000, trustingMs: DAY_MS })).toEqual([60_000, 60_000, 60_000]);
  });
});

describe("a node that prunes", () => {
  let directory: string;
  let store: DiskStore;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-prune-"));
    store = await openLevelStore(directory);
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("[BL-11] [SU-3] agrees with an archive on every root, and serves the same of what it still has", async () => {
    const archive = new MemoryStore();
    const builder = new LedgerBuilder({ label: "pruning", params: PARAMS, noteCount: 12 });
    const commitBoth = async (...commit: Parameters<typeof blockCommit>): Promise<void> => {
      for (const each of [archive, store]) await each.commit(blockCommit(...commit));
    };
    await commitBoth(builder.start, builder.start.block, EMPTY_CERTIFICATE);
    const boundary = { height: height(0), blockId: builder.tip.blockId, time: builder.tip.header.time };
    const clock = { now: () => at(0), wakeAt: (_: TimeMs, wake: () => void) => (setTimeout(wake, 0), () => undefined) };
    const state = { tip: builder.tip, boundary };
    const pruner = new DatabasePruner({
      ...{ store, clock, isArchive: false, log: () => undefined, state: () => state },
      failed: (error) => expect.unreachable(String(error)),
    });
    for (let count = 0; count < 40; count++) {
      builder.notes.sort((left, right) => Number(right.amount - left.amount));
      const transfers = count % 2 === 0 ? [builder.transfer(builder.take(1), [0n, 1_000n])] : [];
      const block = builder.build(
        transfers.map(({ transaction }) => transaction),
        { afterMs: 31_000 },
      );
      const first = builder.tip.header.nextLeaf;
      const result = builder.execute(block);
      if (!result.ok) throw new Error(result.rule);
      const made = transfers.flatMap(({ makes }) => makes);
      builder.notes.push(...made.map((coin, index) => ({ ...coin, leaf: (first + index) as never })));
      await commitBoth(result, block, builder.commit(result));
      state.tip = builder.tip;
      const { header } = builder.tip;
      if (header.isEpochEnd) state.boundary = { height: header.height, blockId: blockId(header), time: header.time };
      pruner.wake();
      if (count % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const wakeAndLook = (): number => {
      pruner.wake();
      return store.keptFrom().window;
    };
    await expect.poll(wakeAndLook, { timeout: 20_000 }).toBeGreaterThan(8);
    await pruner.stop();
    const { header } = builder.tip;
    const { window } = store.keptFrom();
    for (const [leaf, record] of builder.ledger.leaves) expect(store.leaf(leaf)).toEqual(record);
    for (const [name, node] of builder.ledger.nodes) {
      const [level, position] = name.split(":").map(Number);
      expect(store.node(level!, position!)).toEqual(node);
    }
    const live = [];
    for await (const [, record] of store.liveLeaves()) live.push(record);
    expect(live).toHaveLength(header.liveCount);
    expect(holdsSupplyInvariant(testCurve, live, header)).toBe(true);
    for (let each = 0; each <= header.height; each++) {
      const item = await readCompactItem(store, height(each), true);
      expect(item).toEqual(each < window ? undefined : await readCompactItem(archive, height(each), true));
    }
    // Whoever starts from a boundary (LC-4) still finds it, however old.
    for (const old of await archive.boundaries(height(0), 100)) {
      expect(await store.header(old)).toEqual(await archive.header(old));
      expect(await store.certificate(old)).toEqual(await archive.certificate(old));
    }
    await store.close();
    store = await openLevelStore(directory);
    expect(store.keptFrom().window).toBe(window);
  });
});

describe("pruning in slices", () => {
  const boundaryAt = (value: number) => ({ height: height(value), blockId: builder.tip.blockId, time: at(0) });
  const builder = new LedgerBuilder({ label: "slices" });
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

  function setUp(slices: number, changes: Partial<PruneParts> = {}) {
    const clock = new HandClock();
    const seen = { slices: 0, reclaims: 0, thorough: 0, lines: [] as string[], failures: [] as unknown[] };
    const sizes = { outputs: 1_500_000, recent: 40_000 } as Awaited<ReturnType<DiskStore["sizes"]>>;
    const parts: PruneParts & { boundary: number } = {
      boundary: 0,
      store: {
        prune: () => Promise.resolve(seen.slices++ < slices),
        reclaim: (isThorough) => {
          seen.reclaims++;
          if (isThorough) seen.thorough++;
          return Promise.resolve();
        },
        sizes: () => Promise.resolve(sizes),
        keptFrom: (): KeptFrom => ({ blocks: height(7), window: height(3), payloads: height(2) }),
        boundaries: () => Promise.resolve([]),
        header: () => Promise.resolve(undefined),
      },
      state: () => ({ tip: builder.tip, boundary: boundaryAt(parts.boundary) }),
      clock,
      isArchive: false,
      log: (line) => seen.lines.push(line),
      failed: (error) => seen.failures.push(error),
      ...changes,
    };
    return { clock, seen, parts, pruner: new DatabasePruner(parts) };
  }

  it("waits between two of them, and gives room back behind the last", async () => {
    const { clock, seen, pruner } = setUp(3);
    pruner.wake();
    for (let slice = 1; slice <= 3; slice++) {
      await settle();
      expect(seen.slices).toBe(slice);
      expect(clock.waiting).toHaveLength(slice);
      expect(seen.reclaims).toBe(0);
      clock.waiting.at(-1)!();
    }
    await settle();
    expect(seen).toMatchObject({ slices: 4, reclaims: 1, failures: [] });
  });

  it("begins once for each boundary, and says once an hour what is held", async () => {
    const { clock, seen, parts, pruner } = setUp(0);
    for (let count = 0; count < 3; count++) {
      pruner.wake();
      await settle();
    }
    expect(seen).toMatchObject({ slices: 1, reclaims: 0 });
    parts.boundary = 5;
    pruner.wake();
    await settle();
    expect(seen.slices).toBe(2);
    expect(seen.lines).toEqual([
      "holds 1.5 MB: outputs 1.5, recent 0.0; blocks from height 7, compact data from 3, payloads from 2",
    ]);
    clock.time = 3_600_000;
    parts.boundary = 9;
    pruner.wake();
    await settle();
    expect(seen.lines).toHaveLength(2);
  });

  it("ends between two of them when the node stops", async () => {
    const { clock, seen, pruner } = setUp(100);
    pruner.wake();
    await settle();
    const stopped = pruner.stop();
    clock.waiting[0]!();
    await stopped;
    expect(seen).toMatchObject({ slices: 1, reclaims: 0, lines: [] });
    pruner.wake();
    await settle();
    expect(seen.slices).toBe(1);
  });

  it("once a day gives back the room between what lives", async () => {
    const { clock, seen, parts, pruner } = setUp(0);
    for (const [day, thorough] of [
      [0.9, 0],
      [1.1, 1],
      [1.9, 1],
      [2.2, 2],
    ] as const) {
      clock.time = Math.round(day * 86_400_000);
      parts.boundary++;
      parts.store.prune = () => Promise.resolve(seen.slices++ % 2 === 0);
      pruner.wake();
      await settle();
      clock.waiting.at(-1)!();
      await settle();
      expect(seen.thorough).toBe(thorough);
    }
    expect(seen).toMatchObject({ reclaims: 4, failures: [] });
  });

  it("deletes nothing of an archive, and says so", async () => {
    const { seen, pruner } = setUp(5, { isArchive: true });
    pruner.wake();
    await settle();
    expect(seen.slices).toBe(0);
    expect(seen.lines[0]).toContain("(archive)");
    const keptAll = { blocks: height(0), window: height(0), payloads: height(0) };
    expect(holdingsText({ tip: 2_000_000 } as never, keptAll, true)).toBe(
      "holds 2.0 MB (archive): tip 2.0; blocks from height 0, compact data from 0, payloads from 0",
    );
  });

  it("a database that fails ends the node", async () => {
    const failure = new Error("disk");
    const { seen, parts, pruner } = setUp(0);
    parts.store.prune = () => Promise.reject(failure);
    pruner.wake();
    await settle();
    expect(seen.failures).toEqual([failure]);
  });
});
