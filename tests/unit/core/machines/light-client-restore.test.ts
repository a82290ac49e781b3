import { describe, expect, it } from "vitest";
import {
  RANGES_OPEN_FIRST,
  RANGES_OPEN_MAX,
  RESTORE_ANSWER_MS,
  SCANS_MAX,
} from "../../../../src/core/machines/light-client-restore.ts";
import { COUNTS_EVERY_MS, viewRestore } from "../../../../src/core/machines/light-client-restore-view.ts";
import { paymentTerms, viewBalance, viewHistory, viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import type { RangeAnswer } from "../../../../src/core/state/range-answer.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { restoreWallet } from "../../../../src/core/wallet/wallet-records.ts";
import { workersFor } from "../../../../src/client/crypto/crypto-pool.ts";
import { killsOver } from "../../../support/kill-count.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";
import { runs } from "../../../support/run-counts.ts";
import { SeededNumbers } from "../../../support/seeded-numbers.ts";

const effectsOf = <Type extends string>(world: LightClientWorld, type: Type) =>
  world.log.filter((effect): effect is Extract<(typeof world.log)[number], { type: Type }> => effect.type === type);

const DAY_MS = 24 * 60 * 60_000;
const view = (world: LightClientWorld) => viewRestore(world.state);
const leavesOf = (world: LightClientWorld): readonly number[] => [...world.truth().keys()];

/**
 * A chain of two ranges, or of four with more strangers, with coins of ours all over it, some of them spent, whose
 * newest boundary is the checkpoint.
 */
function worldWithCoins(seed = 1, strangers = 30): LightClientWorld {
  const world = new LightClientWorld(seed);
  const numbers = new SeededNumbers(seed);
  for (let block = 1; block <= 40; block++) {
    const coins = block % 4 === 0 ? [BigInt(block), 1_000n + BigInt(block)] : [];
    const spent = block % 10 === 0 ? [numbers.pick(leavesOf(world))] : [];
    world.mine({ strangers, coins, spent, isEpochEnd: block % 5 === 0, afterMs: 60_000 });
  }
  world.checkpointHeight = 40;
  world.nowMs = world.chain.tip.time;
  world.restore = { birthdayMs: undefined, isTyped: true };
  return world;
}

/** A block of now: a chain that runs ahead of the device's clock is refused. */
function mineNow(world: LightClientWorld, options: Parameters<LightClientWorld["mine"]>[0]): void {
  world.run(1_001, 1_000_000);
  world.mine({ afterMs: world.nowMs - world.chain.tip.time, ...options });
}

/** The wallet holds exactly what the chain says it owns, in memory and in the store. */
function expectTruth(world: LightClientWorld): void {
  const wallet = world.state.durable.wallet!;
  const notes = [...wallet.notes.values()].filter((kept) => kept.spent === undefined);
  expect(new Map(notes.map(({ note }) => [note.leaf as number, note.amount as bigint]))).toEqual(world.truth());
  const stored = restoreWallet(
    [...world.store].filter(([key]) => key !== "chain" && key !== "network").map(([key, bytes]) => ({ key, bytes })),
  );
  if (!stored.ok) throw new Error(stored.reason);
  expect(stored.value?.restore).toEqual(wallet.restore);
  expect(stored.value?.notes).toEqual(wallet.notes);
}

function expectRestored(world: LightClientWorld): void {
  expect(view(world)).toBeUndefined();
  expectTruth(world);
  expect([...world.store.keys()].filter((key) => key.startsWith("restore"))).toEqual([]);
  const total = [...world.truth().values()].reduce((sum, micro) => sum + micro, 0n);
  expect(viewBalance(world.state)).toEqual({ total, usable: total });
}

/** A range that is not what it was. */
const LIES: Readonly<Record<string, (answer: RangeAnswer) => RangeAnswer>> = {
  "an altered tag": (answer) =>
    withFirstTile(answer, (tile) => {
      return { ...tile, entries: tile.entries.with(33, tile.entries[33]! ^ 1) };
    }),
  "an omitted leaf": (answer) =>
    withFirstTile(answer, (tile) => {
      const place = tile.bitmap.findIndex((byte) => byte !== 0);
      const byte = tile.bitmap[place]!;
      return { ...tile, bitmap: tile.bitmap.with(place, byte & (byte - 1)), entries: tile.entries.slice(34) };
    }),
  "a leaf too many": (answer) =>
    withFirstTile(answer, (tile) => {
      const place = tile.bitmap.findIndex((byte) => byte !== 0xff);
      const byte = tile.bitmap[place]!;
      const entries = concatBytes(tile.entries.slice(0, 34), tile.entries);
      return { ...tile, bitmap: tile.bitmap.with(place, byte | (byte + 1)), entries };
    }),
  "a leaf moved": (answer) =>
    withFirstTile(answer, (tile) => {
      const place = tile.bitmap.findIndex((byte) => byte !== 0 && byte !== 0xff);
      const byte = tile.bitmap[place]!;
      const lowestSet = byte & -byte;
      const lowestFree = ~byte & (byte + 1);
      return { ...tile, bitmap: tile.bitmap.with(place, byte ^ lowestSet ^ lowestFree) };
    }),
  "a dead tile": (answer) => withFirstTile(answer, () => undefined),
  "another path": (answer) => ({ ...answer, siblings: [...answer.siblings].reverse() }),
};

type Tile = NonNullable<RangeAnswer["tiles"][number]>;

function withFirstTile(answer: RangeAnswer, change: (tile: Tile) => Tile | undefined): RangeAnswer {
  const place = answer.tiles.findIndex((tile) => tile !== undefined);
  return { ...answer, tiles: answer.tiles.map((tile, index) => (index === place ? change(tile!) : tile)) };
}

describe("a wallet restored from words", () => {
  it("[BL-8] has the coins of the wallet it was, and says truly how far it has come", () => {
    const world = worldWithCoins();
    world.start();
    expect(view(world)).toMatchObject({ rangesDone: 0, rangesTotal: undefined, outputsChecked: 0, coinsFound: 0 });
    const seen: NonNullable<ReturnType<typeof view>>[] = [];
    while (view(world) !== undefined) {
      world.run(10);
      const now = view(world);
      if (now !== undefined) seen.push(now);
      // Checking, never 0.
      if (now?.coinsFound === 0) expect(viewBalance(world.state)).toBeUndefined();
    }
    expectRestored(world);
    const live = world.chain.state.range(40, 0);
    expect(live.tiles.some((tile) => tile !== undefined)).toBe(true);
    const last = seen.at(-1)!;
    expect(last.rangesTotal).toBe(2);
    expect(seen.every((now, index) => now.rangesDone >= (seen[index - 1]?.rangesDone ?? 0))).toBe(true);
    const outputs = world.chain.items.slice(0, 41).reduce((sum, { compact }) => {
      return sum + compact.entries.length - compact.spent.length;
    }, 0);
    expect(last.outputsChecked).toBe(outputs);
    expect(world.state.durable.wallet).toMatchObject({ wordsSeen: true, birthday: 0 });
  });

  it("[BL-10] asks for the newest range alone, and for more at a time the more there is", () => {
    const world = worldWithCoins(3, 300);
    world.start();
    world.run(2_000, 1_000_000);
    const sizes = effectsOf(world, "request-ranges").map(({ ranges }) => ranges.length);
    const asked = effectsOf(world, "request-ranges").flatMap(({ ranges }) => ranges);
    expect(asked[0]).toBe(Math.max(...asked));
    expect(sizes[0]).toBe(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(new Set(asked).size);
  });

  it("[BL-10] works on the newest ranges alone before the first of them is scanned", () => {
    const world = worldWithCoins(3, 300);
    world.start();
    let most = 0;
    let done = 0;
    while (done === 0) {
      const { requests, verified, scanning } = world.state.restore;
      const asked = requests.flatMap(({ asks }) => (asks.type === "ranges" ? asks.ranges : []));
      most = Math.max(most, asked.length + verified.length + scanning.length);
      world.run(1);
      done = view(world)!.rangesDone;
    }
    expect(view(world)!.rangesTotal).toBeGreaterThan(RANGES_OPEN_FIRST);
    expect(most).toBe(RANGES_OPEN_FIRST);
  });

  it("[BL-10] keeps eight workers in work where they are what is waited for, and holds no more ranges than it may", () => {
    const world = new LightClientWorld(4);
    for (let block = 1; block <= 120; block++) {
      world.mine({ strangers: 1, gone: 1_022, isEpochEnd: block % 5 === 0, afterMs: 60_000 });
    }
    world.checkpointHeight = 120;
    world.nowMs = world.chain.tip.time;
    world.restore = { birthdayMs: undefined, isTyped: true };
    world.scanMs = 300;
    world.start();
    world.run(100);
    let [scanningMost, heldMost] = [0, 0];
    while (view(world) !== undefined) {
      world.run(5);
      const { requests, verified, scanning } = world.state.restore;
      const asked = requests.flatMap(({ asks }) => (asks.type === "ranges" ? asks.ranges : []));
      scanningMost = Math.max(scanningMost, scanning.length);
      heldMost = Math.max(heldMost, asked.length + verified.length + scanning.length);
    }
    expectRestored(world);
    expect(scanningMost).toBe(SCANS_MAX);
    expect(SCANS_MAX).toBeGreaterThanOrEqual(2 * workersFor(64));
    expect(heldMost).toBe(RANGES_OPEN_MAX);
  });

  it("tells of every coin at once, and of counts alone a few times a second", () => {
    const world = worldWithCoins(2, 300);
    world.start();
    const told: { readonly atMs: number; readonly view: ReturnType<typeof view> }[] = [];
    let heard = 0;
    while (told.length === 0 || view(world) !== undefined) {
      world.run(10);
      const notices = effectsOf(world, "notify").slice(heard);
      heard += notices.length;
      if (notices.some(({ changed }) => changed.includes("restore")))
        told.push({ atMs: world.nowMs, view: view(world) });
      expect(view(world)?.coinsFound).toBe(told.at(-1)?.view?.coinsFound);
    }
    const steady = (each: ReturnType<typeof view>) => {
      return each && { ...each, rangesDone: each.rangesDone === each.rangesTotal, outputsChecked: 0 };
    };
    told.forEach(({ atMs, view: now }, index) => {
      const before = told[index - 1];
      if (before !== undefined && atMs - before.atMs < COUNTS_EVERY_MS / 2) {
        expect(steady(now)).not.toEqual(steady(before.view));
      }
    });
    expect(told.at(-1)!.view).toBeUndefined();
  });

  it("marks the time of what it found as a bound, and tells no payment twice", () => {
    const world = worldWithCoins();
    world.start();
    world.run(5_000);
    const rows = viewHistory(world.state);
    expect(rows.length).toBe(new Set(rows.map(({ id }) => id)).size);
    expect(rows.filter(({ isTimeBound }) => isTimeBound).length).toBe(world.truth().size);
    expect(rows[0]!.timeMs).toBe(world.chain.items[40]!.header.time);
  });

  it("[BL-10] reads the newest ranges first, all of them, from all nodes", () => {
    const world = worldWithCoins();
    world.start();
    world.run(5_000);
    const ranges = world.asked.filter(({ name }) => name === "range").flatMap(({ ids }) => ids);
    expect([...ranges].sort((left, right) => left - right)).toEqual([0, 1]);
    expect(Math.max(...world.asked[0]!.ids)).toBe(1);
  });

  it("[NW-7] [NW-9] asks for exactly three buckets each time, the same three whenever it asks again", () => {
    const world = worldWithCoins();
    world.start();
    world.run(5_000);
    const triples = world.asked.filter(({ name }) => name === "bucket").map(({ ids }) => ids);
    expect(triples.length).toBeGreaterThan(3);
    for (const ids of triples) expect(ids).toEqual([...new Set(ids)].sort((left, right) => left - right));
    expect(triples.every((ids) => ids.length === 3)).toBe(true);
    const again = worldWithCoins();
    again.falseHitShare = 0;
    again.start();
    again.run(5_000);
    const names = new Set(triples.map(String));
    const repeated = again.asked.filter(({ name }) => name === "bucket").map(({ ids }) => String(ids));
    expect(repeated.filter((name) => !names.has(name))).toEqual([]);
    expect(effectsOf(world, "request-headers")).toHaveLength(1);
  });

  it("opens a bucket once for all the hits that lie in it", () => {
    const world = worldWithCoins();
    world.falseHitShare = 0;
    world.start();
    world.run(5_000);
    const buckets = new Set(leavesOf(world).map((leaf) => Math.floor(leaf / 64)));
    const triples = world.asked.filter(({ name }) => name === "bucket");
    expect(triples.length).toBeGreaterThan(0);
    expect(triples.length).toBeLessThanOrEqual(buckets.size);
    expect(buckets.size).toBeLessThan(world.truth().size);
  });

  it("counts coins that come and coins that go while it runs, each once", () => {
    const world = worldWithCoins();
    for (const node of world.nodes) node.rangeMs = 4_000;
    world.start();
    world.run(1_500, 1_000);
    expect(view(world)).toBeDefined();
    const old = leavesOf(world).slice(0, 3);
    mineNow(world, { coins: [7n, 8n], spent: old });
    world.run(300, 10_000);
    mineNow(world, { spent: [leavesOf(world).at(-1)!] });
    world.run(12_000);
    expectRestored(world);
    const spent = [...world.state.durable.wallet!.notes.values()].filter((kept) => kept.spent !== undefined);
    expect(spent.length).toBeGreaterThanOrEqual(1);
  });

  it("pays only once the blocks are read, and shows an address that nobody has paid to", () => {
    const world = worldWithCoins();
    for (const node of world.nodes) node.rangeMs = 2_000;
    world.start();
    while (world.state.durable.wallet!.notes.size === 0) world.run(10);
    expect(view(world)).toBeDefined();
    expect(viewSync(world.state, world.nowMs).state).toBe("live");
    expect(paymentTerms(world.state, world.nowMs)).toBeDefined();
    expect(world.state.durable.wallet!.addressIndex).toBe(1);
    expect(world.pay("1", 5n)).toBeDefined();
    world.run(20_000);
    expect(view(world)).toBeUndefined();
    expectTruth(world);
    world.nodes.forEach((node) => (node.isReachable = false));
  });

  it("on a chain that has just begun is done at once", () => {
    const world = new LightClientWorld(5);
    world.restore = { birthdayMs: undefined };
    world.start();
    world.run(2_000);
    expect(view(world)).toBeUndefined();
    expect(viewBalance(world.state)).toEqual({ total: 0n, usable: 0n });
  });
});

describe("a restore and its birthday", () => {
  const birthdayOf = (world: LightClientWorld, block: number) => timeMs(world.chain.items[block]!.header.time + DAY_MS);

  it("[BL-9] reads no range that lies wholly below it", () => {
    const world = worldWithCoins(1, 85);
    world.restore = { birthdayMs: birthdayOf(world, 33) };
    world.start();
    world.run(5_000);
    expect(view(world)).toBeUndefined();
    const ranges = new Set(world.asked.filter(({ name }) => name === "range").flatMap(({ ids }) => ids));
    const first = Math.floor(world.chain.items[30]!.header.nextLeaf / 1_024);
    expect(first).toBe(2);
    // The newest ones are asked for at once, before the answer is there.
    expect(world.state.durable.wallet!.birthday).toBe(30);
    const known = [...world.truth()].filter(([leaf]) => leaf >= 1_024 * first);
    const notes = new Set(world.state.durable.wallet!.notes.keys());
    expect(known.every(([leaf]) => notes.has(leaf as never))).toBe(true);
    expect(ranges.has(3)).toBe(true);
  });

  it("[LC-2] believes no boundary that the signers of today do not stand behind", () => {
    const world = worldWithCoins(1, 85);
    world.restore = { birthdayMs: birthdayOf(world, 33) };
    const boundaries = world.chain.boundaries.bind(world.chain);
    world.chain.boundaries = (from, count) =>
      boundaries(from, count).map((item) => {
        const forged = { ...item.header, nextLeaf: 10 ** 6, time: timeMs(1) };
        return { ...item, header: forged };
      });
    world.start();
    world.run(5_000);
    expectRestored(world);
    expect(world.state.durable.wallet!.birthday).toBe(0);
  });
});

describe("a restore among nodes that lie, dawdle or know nothing", () => {
  it.each(Object.keys(LIES))("[BL-7] a node that answers with %s is named, and the others finish", (name) => {
    const world = worldWithCoins();
    world.nodes[1]!.answerRange = (_, answer) => LIES[name]!(answer);
    for (const node of world.nodes) node.rangeMs = 40;
    world.start();
    while (effectsOf(world, "node-dropped").length === 0 && view(world) !== undefined) world.run(20);
    world.run(5_000);
    const asked = world.asked.some(({ node, name: kind }) => node === 1 && kind === "range");
    expect(effectsOf(world, "node-dropped")).toEqual(
      asked ? [{ type: "node-dropped", node: 1, fault: "wrong_range" }] : [],
    );
    expect(asked).toBe(true);
    expectRestored(world);
  });

  it("[BL-8] a range of another boundary is a stale root, and a lie", () => {
    const world = worldWithCoins();
    world.nodes[0]!.answerRange = (range) => world.chain.state.range(35, range);
    world.start();
    world.run(8_000);
    expect(effectsOf(world, "node-dropped")).toEqual([{ type: "node-dropped", node: 0, fault: "wrong_range" }]);
    expectRestored(world);
  });

  it("[BL-15] [BL-6] a bucket with a coin left out, or of another height, names its sender", () => {
    const lies = [
      (served: Parameters<LightClientWorld["nodes"][number]["answerBucket"]>[1]) => ({
        ...served,
        slots: served.slots.map((slot, place) => (place === 0 ? undefined : slot)),
      }),
      (served: Parameters<LightClientWorld["nodes"][number]["answerBucket"]>[1]) => ({ ...served, at: height(35) }),
    ];
    for (const lie of lies) {
      const world = worldWithCoins();
      world.falseHitShare = 0.2;
      world.nodes[0]!.answerBucket = (_, served) => lie(served);
      world.start();
      world.run(30_000);
      expect(effectsOf(world, "node-dropped")).toEqual([{ type: "node-dropped", node: 0, fault: "wrong_bucket" }]);
      expectRestored(world);
    }
  });

  /** A world whose first node lies in one bucket of a triple, at the moment in which a worker has its answer. */
  function worldWithLiarAtWork(): LightClientWorld {
    const world = worldWithCoins();
    world.falseHitShare = 0.2;
    world.nodes[0]!.answerBucket = (bucket, served) => {
      const isDecoy =
        bucket !== world.state.restore.requests.flatMap(({ asks }) => ("bucket" in asks ? asks.bucket : []))[0];
      return isDecoy ? { ...served, slots: served.slots.map(() => undefined) } : served;
    };
    world.start();
    while (world.state.restore.opening.every(({ from }) => from?.node !== 0)) world.run(1);
    expect(effectsOf(world, "node-dropped")).toEqual([]);
    return world;
  }
  const dropped = [{ type: "node-dropped", node: 0, fault: "wrong_bucket" }];

  it("[BL-15] a lie in a decoy names its sender, also where it hangs up before the worker is done", () => {
    for (const isGone of [false, true]) {
      const world = worldWithLiarAtWork();
      world.nodes[0]!.isReachable = !isGone;
      if (isGone) world.dropConnections(0);
      world.run(100);
      expect(effectsOf(world, "node-dropped")).toEqual(dropped);
      expect(world.state.nodes[0]).toMatchObject({ fault: "wrong_bucket", peer: undefined });
      world.run(30_000);
      expect(effectsOf(world, "node-dropped")).toEqual(dropped);
      expectRestored(world);
    }
  });

  it("[EN-4] frames that are no answer cost their sender its place, and others are asked", () => {
    const world = worldWithLiarAtWork();
    const [first] = world.state.restore.opening;
    world.send({ type: "buckets-opened", jobId: first!.jobId, result: { ok: false, code: "frame_refused" } });
    world.run(30_000);
    expect(effectsOf(world, "node-dropped")).toMatchObject([{ node: first!.from!.node, fault: "bad_certificate" }]);
    expectRestored(world);
  });

  it("a verdict on a node of another list, or of a job that no longer counts, is nobody's", () => {
    const world = worldWithLiarAtWork();
    const { jobId } = world.state.restore.opening.find(({ from }) => from?.node === 0)!;
    const verdict = { type: "buckets-opened", jobId, result: { ok: false, code: "wrong_bucket" } } as const;
    world.send({ type: "network-configured", config: { ...world.config, nodes: [...world.config.nodes].reverse() } });
    world.send(verdict);
    world.send(verdict);
    expect(effectsOf(world, "node-dropped")).toEqual([]);
  });

  it("a node that drips keeps its ranges for a while only", () => {
    const world = worldWithCoins();
    world.nodes[0]!.rangeMs = 15_000;
    world.start();
    world.run(3 * RESTORE_ANSWER_MS);
    expectRestored(world);
    expect(effectsOf(world, "node-dropped")).toEqual([]);
  });

  it("a node that is silent keeps its ranges for a while only", () => {
    const world = worldWithCoins();
    world.nodes[0]!.answerRange = () => undefined;
    world.start();
    world.run(RESTORE_ANSWER_MS - 2_000);
    expect(view(world)).toBeDefined();
    world.run(10_000);
    expectRestored(world);
  });

  it("says that all nodes were wrong, and goes on once one is not", () => {
    const world = worldWithCoins();
    for (const node of world.nodes) node.answerRange = (_, answer) => LIES["a dead tile"]!(answer);
    world.start();
    world.run(10_000);
    expect(view(world)).toMatchObject({ isWaiting: true, problem: "nodes_refused", rangesDone: 0 });
    expect(viewBalance(world.state)).toBeUndefined();
    for (const node of world.nodes) node.answerRange = (_, answer) => answer;
    world.run(11 * 60_000, 10_000);
    expectRestored(world);
  });

  it("says that it is offline, and goes on by itself", () => {
    const world = worldWithCoins();
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    world.run(20_000);
    expect(view(world)).toMatchObject({ isWaiting: true, problem: "offline" });
    for (const node of world.nodes) node.isReachable = true;
    world.run(60_000);
    expectRestored(world);
  });

  it("[BL-8] waits for a boundary that is served where its own is not, and reads there only what is missing", () => {
    const world = worldWithCoins();
    for (const node of world.nodes) node.boundariesKept = 0;
    world.start();
    world.run(5_000, 100_000);
    expect(view(world)).toMatchObject({ isWaiting: true, problem: "not_served", rangesTotal: 2 });
    for (const node of world.nodes) node.boundariesKept = 1;
    mineNow(world, { coins: [5n], spent: leavesOf(world).slice(0, 4), isEpochEnd: true });
    world.run(20_000, 100_000);
    expectRestored(world);
    expect(world.asked.some(({ name }) => name === "bucket")).toBe(true);
  });

  it("[BL-8] goes on at a newer boundary in the middle, with what it has", () => {
    const world = worldWithCoins(1, 85);
    world.nodes.forEach((node, index) => (node.rangeMs = index === 0 ? 100 : 9_000));
    world.start();
    while ((view(world)?.rangesDone ?? 4) < 1) world.run(50, 100_000);
    const done = world.state.durable.wallet!.restore!;
    expect([done.cursor, ...done.done]).not.toEqual([4]);
    for (const node of world.nodes) node.boundariesKept = 1;
    mineNow(world, { coins: [5n], spent: leavesOf(world).filter((_, place) => place % 3 === 0), isEpochEnd: true });
    // Answers under way are of the old boundary still; what is asked from now on is refused there.
    for (const node of world.nodes) node.rangeMs = 5;
    const before = world.asked.length;
    world.run(60_000, 200_000);
    expectRestored(world);
    const later = world.asked.slice(before).flatMap(({ name, ids }) => (name === "range" ? ids : []));
    expect(later.length).toBeGreaterThan(0);
    expect(later.filter((range) => range >= done.cursor || done.done.has(range))).toEqual([]);
  });

  it("[BL-8] begins again where nodes have dropped the blocks since, and misses nothing", () => {
    const world = worldWithCoins(1, 85);
    world.nodes.forEach((node, index) => (node.rangeMs = index === 0 ? 100 : 60_000));
    world.start();
    while ((view(world)?.rangesDone ?? 4) < 1) world.run(50, 100_000);
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    for (let block = 0; block < 60; block++) {
      const spent = block % 20 === 0 ? leavesOf(world).slice(-1) : [];
      world.mine({ strangers: 5, coins: block % 20 === 5 ? [77n] : [], spent, isEpochEnd: block % 10 === 9 });
    }
    world.nowMs = world.chain.tip.time;
    const oldestBlock = world.chain.tip.height - 10;
    for (const node of world.nodes) Object.assign(node, { isReachable: true, oldestBlock, rangeMs: 5 });
    world.start();
    world.run(30_000);
    expectRestored(world);
  });
});

describe("killed at any write", () => {
  const seeds = Array.from({ length: runs(8, 400) }, (_, seed) => seed + 1);
  const tellKills = killsOver(seeds.length);

  it.each(seeds)("[BL-8] a restore goes on where it was: no coin is lost, none counted twice, seed %i", (seed) => {
    const world = worldWithCoins(seed);
    world.killShare = 0.03;
    const numbers = new SeededNumbers(seed);
    world.start();
    for (let turn = 0; turn < 12; turn++) {
      world.run(numbers.between(50, 900));
      const own = leavesOf(world);
      if (numbers.chance(0.5)) {
        mineNow(world, { coins: [BigInt(turn + 1)], spent: own.slice(0, numbers.between(0, 2)) });
      }
    }
    world.killShare = 0;
    world.run(60_000);
    expectRestored(world);
    tellKills(world.kills);
  });
});
