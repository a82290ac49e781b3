import { describe, expect, it } from "vitest";
import { FETCH_ANSWER_MS } from "../../../../src/core/machines/light-client-fetch.ts";
import { viewSync } from "../../../../src/core/machines/light-client-views.ts";
import type { ServedBucket, ServedSlot } from "../../../../src/core/sync/served-bucket.ts";
import { randomOutput } from "../../../support/client-chain.ts";
import { killsOver } from "../../../support/kill-count.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";
import { runs } from "../../../support/run-counts.ts";

const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

const effectsOf = <Type extends string>(world: LightClientWorld, type: Type) =>
  world.log.filter((effect): effect is Extract<(typeof world.log)[number], { type: Type }> => effect.type === type);

const streams = (world: LightClientWorld) => effectsOf(world, "open-compact-stream").map(({ isFull }) => isFull);

function expectTruth(world: LightClientWorld): void {
  const notes = [...world.state.durable.wallet!.notes.values()].filter((kept) => kept.spent === undefined);
  expect(new Map(notes.map(({ note }) => [note.leaf as number, note.amount as bigint]))).toEqual(world.truth());
  expect(world.state.durable.wallet!.scanned!.height).toBe(world.chain.tip.height);
}

/** Fourteen minutes with 0.75 outputs a second, none of them ours, and a client that has read them. */
function busyWorld(seed: number, nodeCount = 3): LightClientWorld {
  const world = new LightClientWorld(seed, nodeCount, { trustingMs: 9 * DAY_MS, emptyBlockMs: MINUTE_MS });
  world.falseHitShare = 0;
  for (let minute = 0; minute < 14; minute++) world.mine({ afterMs: MINUTE_MS, strangers: 45 });
  world.nowMs = world.chain.tip.time;
  world.start();
  world.run(2_000, 10_000);
  expect(streams(world)).toEqual([true, false]);
  expect(viewSync(world.state, world.nowMs).state).toBe("live");
  world.asked.length = 0;
  return world;
}

/** A block with coins for the client. */
function pay(world: LightClientWorld, coins: readonly bigint[], strangers = 0): number {
  world.nowMs = Math.max(world.nowMs, world.chain.tip.time + 1_000) as typeof world.nowMs;
  return world.mine({ coins, strangers }).compact.firstLeaf;
}

/** Changes one slot of every bucket that has it. */
function bend(world: LightClientWorld, node: number, change: (slot: ServedSlot) => ServedSlot | undefined): void {
  world.nodes[node]!.answerBucket = (_bucket: number, served: ServedBucket): ServedBucket => ({
    ...served,
    slots: served.slots.map((slot) => slot && change(slot)),
  });
}

const source = (world: LightClientWorld): number => world.state.data!.node;

describe("[NW-8] a busy chain", () => {
  it("is read without cores and payloads, and in full again when it has calmed down", () => {
    const world = busyWorld(1);
    for (let minute = 0; minute < 40; minute++) {
      world.mine({ afterMs: MINUTE_MS });
      world.nowMs = world.chain.tip.time;
      world.run(500, MINUTE_MS);
    }
    expect(streams(world)).toEqual([true, false, true]);
    expect(world.state.data).toMatchObject({ isFull: true, isTurning: false });
    world.mine({ coins: [5n] });
    world.run(2_000, MINUTE_MS);
    expectTruth(world);
    expect(effectsOf(world, "node-dropped")).toEqual([]);
  });

  it("is read the same way after a restart, and by whoever takes over", () => {
    const world = busyWorld(2);
    world.start();
    world.run(2_000, 10_000);
    const first = source(world);
    world.dropConnections(first);
    world.nodes[first]!.isReachable = false;
    world.run(3_000, 10_000);
    expect(source(world)).not.toBe(first);
    expect(streams(world)).toEqual([true, false, false, false]);
  });

  it("items of the wrong kind count against their sender, but for those of the stream before", () => {
    const world = busyWorld(3);
    const { peer } = world.state.nodes[source(world)]!;
    const item = world.mine();
    world.send({ type: "compact-block-received", peer: peer!, item });
    expect(effectsOf(world, "node-dropped")).toEqual([]);
    world.run(500, 10_000);
    expectTruth(world);
    world.send({ type: "compact-block-received", peer: peer!, item });
    expect(effectsOf(world, "node-dropped")).toMatchObject([{ fault: "bad_certificate" }]);
  });
});

describe("[NW-7] a hit", () => {
  it("asks for its bucket among decoys at the newest height, once, and the coin is there", () => {
    const world = busyWorld(10);
    const leaf = pay(world, [7n]);
    world.run(1_000, 10_000);
    expectTruth(world);
    expect(world.asked).toMatchObject([{ name: "bucket" }]);
    expect(world.asked[0]!.ids).toHaveLength(3);
    expect(world.asked[0]!.ids).toContain(Math.floor(leaf / 64));
    expect(effectsOf(world, "request-newest-buckets")).toHaveLength(1);
    expect(effectsOf(world, "request-buckets")).toEqual([]);
  });

  it("asks once for several of one bucket, and never for a triple twice at once", () => {
    const world = busyWorld(11);
    // The first coin ends a bucket.
    const strangers = 63 - (world.chain.tip.nextLeaf % 64);
    pay(world, [1n, 2n, 3n, 4n], strangers);
    world.run(1_000, 10_000);
    expectTruth(world);
    const buckets = world.asked.map(({ ids }) => ids.join());
    expect(new Set(buckets).size).toBe(buckets.length);
    expect(buckets.length).toBeLessThanOrEqual(2);
  });

  it.each([
    ["another core", (slot: ServedSlot) => ({ ...slot, core: randomOutput().core })],
    ["another payload", (slot: ServedSlot) => ({ ...slot, payload: new Uint8Array(512) })],
    ["nothing, as if it were dead", () => undefined],
  ])("whoever answers with %s is named and left, and others are asked", (_, change) => {
    const world = busyWorld(12);
    const liar = source(world);
    bend(world, liar, change);
    pay(world, [9n]);
    world.run(3_000, 10_000);
    expectTruth(world);
    expect(effectsOf(world, "node-dropped")).toMatchObject([{ node: liar, fault: "wrong_bucket" }]);
  });

  it("answers of several states, or of other buckets, are lies", () => {
    for (const isMixed of [true, false]) {
      const world = busyWorld(13);
      const liar = source(world);
      if (isMixed) {
        world.nodes[liar]!.answerBucket = (bucket, served) => ({ ...served, at: (served.at - (bucket % 2)) as never });
        pay(world, [9n]);
      } else {
        pay(world, [9n]);
        world.nodes[liar]!.answerBucket = () => undefined;
        world.run(300, 10_000);
        const { request } = world.state.fetch;
        const { peer, requestId, bucket } = request!;
        const served = world.chain.state.newestBucket(world.chain.tip.height, bucket + 1);
        world.send({ type: "newest-buckets-received", peer, requestId, answers: [{ bucket: bucket + 1, served }] });
      }
      world.run(3_000, 10_000);
      expect(effectsOf(world, "node-dropped")).toMatchObject([{ node: liar, fault: "wrong_bucket" }]);
      expectTruth(world);
    }
  });

  it("whoever is silent, or lags behind, is passed over without blame", () => {
    for (const isSilent of [true, false]) {
      const world = busyWorld(14);
      const slow = source(world);
      const { height } = world.chain.tip;
      const slots = Array.from({ length: 64 }, () => undefined);
      world.nodes[slow]!.answerBucket = (_, served) => (isSilent ? undefined : { ...served, at: height, slots });
      pay(world, [9n]);
      world.run(FETCH_ANSWER_MS / 2, 20_000);
      if (isSilent) expect(world.state.durable.wallet!.scanned!.height).toBe(world.chain.tip.height - 1);
      world.run(FETCH_ANSWER_MS, 60_000);
      expectTruth(world);
      expect(effectsOf(world, "node-dropped")).toEqual([]);
      expect(world.asked.map(({ node }) => node)).toEqual([slow, expect.not.stringMatching(String(slow))]);
      expect(world.asked[1]!.ids).toEqual(world.asked[0]!.ids);
    }
  });

  it("when its node goes, another is asked", () => {
    const world = busyWorld(15);
    const gone = source(world);
    world.nodes[gone]!.answerBucket = () => undefined;
    pay(world, [9n]);
    world.run(500, 10_000);
    expect(world.asked).toHaveLength(1);
    world.nodes[gone]!.isReachable = false;
    world.dropConnections(gone);
    world.run(2_000, 10_000);
    expectTruth(world);
    expect(world.asked).toHaveLength(2);
  });

  it("holds its block and those above it back, and a restart meanwhile looks through them again", () => {
    const world = busyWorld(16);
    for (const node of world.nodes) node.answerBucket = () => undefined;
    const { height } = world.chain.tip;
    pay(world, [9n]);
    world.run(5_000, 1_000);
    expect(world.state.durable.wallet!.scanned!.height).toBe(height);
    expect(world.state.scan).toMatchObject({ stage: "fetch" });
    for (const node of world.nodes) node.answerBucket = (_, served) => served;
    world.start();
    world.run(2_000, 10_000);
    expectTruth(world);
  });
});

describe("[BL-15] a hit that is dead by now", () => {
  const withoutDead = (slot: ServedSlot): ServedSlot | undefined => (slot.isLive ? slot : undefined);

  it("is found where its core is still kept", () => {
    const world = busyWorld(20);
    const leaf = pay(world, [9n]);
    world.spendElsewhere(leaf);
    world.run(2_000, 10_000);
    expectTruth(world);
    expect(world.state.durable.wallet!.notes.get(leaf as never)).toMatchObject({ spent: {} });
  });

  it("is passed over where it was dropped, if a block we have spends it", () => {
    const world = busyWorld(21);
    for (const node of world.nodes.keys()) bend(world, node, withoutDead);
    const leaf = pay(world, [9n]);
    world.spendElsewhere(leaf);
    world.run(3_000, 10_000);
    expectTruth(world);
    expect(world.state.durable.wallet!.notes.size).toBe(0);
    expect(effectsOf(world, "node-dropped")).toEqual([]);
  });

  it("was alive before the block that spends it: whoever says otherwise lies", () => {
    const world = busyWorld(23);
    const liar = source(world);
    const leaf = pay(world, [9n]);
    const made = world.chain.tip.height;
    world.nodes[liar]!.answerBucket = (_, served) => ({
      ...served,
      at: made,
      slots: served.slots.map(() => undefined),
    });
    world.spendElsewhere(leaf);
    world.run(3_000, 10_000);
    expect(effectsOf(world, "node-dropped")).toMatchObject([{ node: liar, fault: "wrong_bucket" }]);
    expectTruth(world);
    expect(world.state.durable.wallet!.notes.get(leaf as never)).toMatchObject({ spent: {} });
  });

  it("is waited for where the spend would be in a block that has not come yet", () => {
    const world = busyWorld(22);
    const leaf = pay(world, [9n]);
    for (const node of world.nodes.keys()) {
      world.nodes[node]!.answerBucket = (_, served) => ({
        ...served,
        at: (world.chain.tip.height + 1) as never,
        slots: served.slots.map(() => undefined),
      });
    }
    world.run(4_000, 10_000);
    expect(world.state.scan).toMatchObject({ stage: "fetch" });
    expect(effectsOf(world, "node-dropped")).toEqual([]);
    for (const node of world.nodes.keys()) bend(world, node, withoutDead);
    world.spendElsewhere(leaf);
    world.run(4_000, 10_000);
    expectTruth(world);
  });
});

describe("[NW-8] covers", () => {
  it("are asked for as hits are, hold their block up as long, and change nothing", () => {
    const world = busyWorld(30);
    // World's secret: which leaves these are is found by asking for no coin at all.
    while (world.asked.length === 0) {
      pay(world, [], 200);
      world.run(500, 10_000);
    }
    expect(world.asked[0]!.ids).toHaveLength(3);
    expectTruth(world);
    expect(world.state.durable.wallet!.notes.size).toBe(0);
  });
});

describe("a busy chain with kills at any line", () => {
  const seeds = Array.from({ length: runs(8, 200) }, (_, seed) => seed);
  const tellKills = killsOver(seeds.length);

  it.each(seeds)("loses and doubles nothing, seed %i", (seed) => {
    const world = busyWorld(1_000 + seed);
    world.falseHitShare = 0.05;
    world.killShare = 0.02;
    for (let step = 0; step < 40; step++) {
      const coins = world.numbers.chance(0.4) ? [BigInt(1 + step), BigInt(100 + step)] : [];
      pay(world, coins, world.numbers.between(0, 20));
      if (world.numbers.chance(0.1)) world.spendElsewhere([...world.truth().keys()][0] ?? 0);
      world.run(world.numbers.between(100, 2_000), 10_000);
    }
    world.killShare = 0;
    world.run(30_000, 60_000);
    expectTruth(world);
    tellKills(world.kills);
  });
});
