import { describe, expect, it } from "vitest";
import { WITNESS_WAIT_MS } from "../../../../src/core/machines/light-client-climb.ts";
import { ENTRY_MS } from "../../../../src/core/machines/light-client-entered.ts";
import { viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { formatCheckpoint, parseCheckpoint, type CheckpointName } from "../../../../src/core/sync/checkpoint-words.ts";
import type { Checkpoint } from "../../../../src/core/sync/network-config.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const effectsOf = <Type extends string>(world: LightClientWorld, type: Type) =>
  world.log.filter((effect): effect is Extract<(typeof world.log)[number], { type: Type }> => effect.type === type);
const sync = (world: LightClientWorld) => viewSync(world.state, world.nowMs);

/** As one person reads it out and another one types it. */
function nameOf(checkpoint: Checkpoint): CheckpointName {
  const parsed = parseCheckpoint(formatCheckpoint(checkpoint).text);
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.name;
}

function enter(world: LightClientWorld, checkpoint: Checkpoint): string | undefined {
  const entryId = `entry ${world.log.length}`;
  world.send({ type: "checkpoint-entered", entryId, name: nameOf(checkpoint) });
  world.run(ENTRY_MS + 1_000, 1_000_000);
  const judged = effectsOf(world, "checkpoint-judged").filter((effect) => effect.entryId === entryId);
  expect(judged).toHaveLength(1);
  return judged[0]!.code;
}

/** A chain of ten epochs on the main network, whose origin nobody believes. */
function mainWorld(seed: number): LightClientWorld {
  const world = new LightClientWorld(seed);
  world.network = "main";
  for (let index = 0; index < 100; index++)
    world.mine({ isEpochEnd: index % 10 === 9, coins: index === 97 ? [9n] : [] });
  world.checkpointHeight = 90;
  world.nowMs = world.chain.tip.time;
  return world;
}

describe("where trust comes from", () => {
  it("[LC-4] on main the page's origin is not believed, nor is anything stored from its word", () => {
    const world = mainWorld(1);
    world.start();
    world.run(3_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "checkpoint_too_old" });
    expect(world.state.durable.anchor).toBeUndefined();
    expect(effectsOf(world, "open-compact-stream")).toEqual([]);
  });

  it("[LC-4] a command line that names the origin believes it", () => {
    const world = mainWorld(9);
    world.isOriginTrusted = true;
    world.start();
    world.run(3_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("[LC-4] the app's bundle counts while it is younger than trusting_ms, for its own genesis only", () => {
    const fresh = mainWorld(2);
    const { genesisHash } = fresh;
    fresh.bundled = { main: [{ ...fresh.chain.checkpoint(80), genesisHash }], test: [], dev: [] };
    fresh.start();
    fresh.run(3_000);
    expect(sync(fresh)).toMatchObject({ state: "live", problem: undefined });
    expect(fresh.state.durable.anchor!.checkpoint).toEqual(fresh.chain.checkpoint(80));
    for (const bundled of [
      { ...fresh.chain.checkpoint(80), genesisHash: hash32("another") },
      { ...fresh.chain.checkpoint(80), timeMs: fresh.chain.items[0]!.header.time, genesisHash },
    ]) {
      const world = mainWorld(3);
      world.nowMs = (world.chain.items[0]!.header.time + world.params.trustingMs) as never;
      world.bundled = { main: [bundled], test: [], dev: [] };
      world.start();
      world.run(2_000, 1_000_000);
      expect(sync(world).problem).toBe("checkpoint_too_old");
    }
  });

  it("[LC-4] a person's words are enough: nodes bring the header, 128 bits of its id are compared", () => {
    const world = mainWorld(4);
    world.nodes[0]!.answerHeaders = (items) =>
      items.map((item) => ({ ...item, header: { ...item.header, txsRoot: hash32("forged") } }));
    world.start();
    world.run(2_000);
    expect(enter(world, world.chain.checkpoint(90))).toBeUndefined();
    expect(world.state.durable.checkpoint).toEqual(world.chain.checkpoint(90));
    world.run(2_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
    expect(world.state.durable.wallet).toMatchObject({ birthday: 91 });
    expect(world.state.durable.wallet!.notes.size).toBe(1);
    world.start();
    expect(world.state.durable.checkpoint).toEqual(world.chain.checkpoint(90));
  });

  it("[LC-4] an entered checkpoint renews trust that has grown too old", () => {
    const world = new LightClientWorld(5);
    world.start();
    world.run(3_000);
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    for (let index = 0; index < 400; index++)
      world.mine({ isEpochEnd: index % 50 === 0, coins: index === 200 ? [5n] : [] });
    world.nowMs = world.chain.tip.time;
    for (const node of world.nodes) node.isReachable = true;
    world.start();
    world.run(3_000);
    expect(sync(world).problem).toBe("checkpoint_too_old");
    const boundary = world.chain.items.findLast(({ header }) => header.isEpochEnd)!.header.height;
    expect(enter(world, world.chain.checkpoint(boundary))).toBeUndefined();
    world.run(3_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
    expect(world.state.durable.wallet!.notes.size).toBe(1);
  });

  it("[LC-4] says why it takes no other", () => {
    const world = mainWorld(6);
    const entered = { type: "checkpoint-entered", entryId: "early", name: nameOf(world.chain.checkpoint(90)) } as const;
    world.checkpointHeight = undefined;
    world.start();
    world.send(entered);
    expect(effectsOf(world, "checkpoint-judged")).toEqual([
      { type: "checkpoint-judged", entryId: "early", code: "not_ready" },
    ]);
    world.checkpointHeight = 90;
    world.run(9_000, 1_000_000);
    const flipped = {
      ...world.chain.checkpoint(90),
      blockId: hash(world.chain.checkpoint(90).blockId.map((byte) => byte ^ 1)),
    };
    expect(enter(world, flipped)).toBe("not_found");
    expect(enter(world, world.chain.checkpoint(95))).toBe("not_a_boundary");
    expect(enter(world, { ...world.chain.checkpoint(90), height: 1_000_000 as never })).toBe("no_node");
    for (const node of world.nodes) node.answerHeaders = () => undefined;
    expect(enter(world, world.chain.checkpoint(90))).toBe("no_node");
    for (const node of world.nodes) node.answerHeaders = () => [];
    expect(enter(world, world.chain.checkpoint(90))).toBe("not_found");
    for (const node of world.nodes) node.answerHeaders = (items) => items;
    world.nowMs = (world.chain.items[90]!.header.time + world.params.trustingMs) as never;
    expect(enter(world, world.chain.checkpoint(90))).toBe("too_old");
    expect(world.state.durable.checkpoint).toBeUndefined();
  });

  it("[LC-4] what this device has verified itself needs no node: it is the same, another one, or long past", () => {
    const world = new LightClientWorld(7);
    for (let index = 0; index < 30; index++) world.mine({ isEpochEnd: index % 10 === 9 });
    world.nowMs = world.chain.tip.time;
    world.start();
    world.run(3_000, 1_000_000);
    expect(world.state.durable.chain!.boundary).toEqual(world.chain.checkpoint(30));
    expect(enter(world, world.chain.checkpoint(30))).toBeUndefined();
    expect(enter(world, { ...world.chain.checkpoint(30), blockId: hash32("elsewhere") })).toBe("other_chain");
    expect(enter(world, world.chain.checkpoint(10))).toBe("already_newer");
    expect(world.headerQuestions.filter(({ from }) => from === 10 || from === 30)).toHaveLength(1);
  });

  it("the newest entry counts, an earlier one is given up", () => {
    const world = mainWorld(8);
    world.start();
    world.run(2_000, 1_000_000);
    const name = nameOf(world.chain.checkpoint(90));
    world.send({ type: "checkpoint-entered", entryId: "one", name: { ...name, idStart: new Uint8Array(16) } });
    world.send({ type: "checkpoint-entered", entryId: "two", name });
    world.run(1_000, 1_000_000);
    expect(effectsOf(world, "checkpoint-judged")).toEqual([
      { type: "checkpoint-judged", entryId: "one", code: "not_found" },
      { type: "checkpoint-judged", entryId: "two", code: undefined },
    ]);
  });
});

describe("skipping", () => {
  const PARAMS = { trustingMs: 10_000_000 };

  /** Words on a device that knows a checkpoint of long ago. */
  function restoring(seed: number, nodeCount = 3, feeMultiplier?: number): LightClientWorld {
    const world = new LightClientWorld(seed, nodeCount, PARAMS);
    world.feeMultiplier = feeMultiplier;
    for (let index = 0; index < 300; index++) world.mine({ isEpochEnd: index % 20 === 19 });
    world.nowMs = world.chain.tip.time;
    world.hasWallet = false;
    world.start();
    world.send({ type: "wallet-opened", restore: { birthdayMs: undefined } });
    return world;
  }

  it("[LC-2] a restore begins at the newest boundary, found with one question and confirmed by a witness", () => {
    const world = restoring(20);
    world.run(1_500, 1_000_000);
    expect(world.state.durable.chain!.header.height).toBe(300);
    expect(effectsOf(world, "request-ranges")[0]).toMatchObject({ boundary: 300 });
    expect(world.state.durable.chain).toMatchObject({ isFeeKnown: false, boundary: world.chain.checkpoint(300) });
    expect(world.state.durable.root!.header.height).toBe(300);
    const [climb, compare] = world.headerQuestions;
    expect(climb).toMatchObject({ from: 1, boundariesOnly: true });
    expect(compare).toMatchObject({ from: 300, count: 1, boundariesOnly: false });
    expect(compare!.node).not.toBe(climb!.node);
    expect(effectsOf(world, "open-compact-stream")[0]).toMatchObject({ from: 301 });
  });

  it("[LC-2] without a witness it goes on after a while, and keeps what to judge later ones from", () => {
    const world = restoring(21);
    for (const node of world.nodes) {
      const { answerHeaders } = node;
      node.answerHeaders = (items) =>
        items.length === 1 && items[0]!.header.height === 300 ? "silent" : answerHeaders(items);
    }
    world.run(WITNESS_WAIT_MS / 2, 1_000_000);
    expect(world.state.durable.chain).toBeUndefined();
    world.run(WITNESS_WAIT_MS + 4_000, 1_000_000);
    expect(world.state.durable.chain!.header.height).toBe(300);
    expect(world.state.durable.root!.header.height).toBe(0);
  });

  it("where there is only one node nobody waits", () => {
    const world = restoring(22, 1);
    world.run(1_500, 1_000_000);
    expect(world.state.durable.chain!.header.height).toBe(300);
  });

  it("a source that goes silent on the way is left for another one", () => {
    const world = restoring(23);
    world.nodes[0]!.answerHeaders = () => "silent";
    world.nodes[1]!.answerHeaders = () => "silent";
    world.run(40_000, 1_000_000);
    expect(world.state.durable.chain!.header.height).toBe(300);
  });

  it("[FE-1] the fee is known once the origin states it for the boundary we stand behind, also later", () => {
    const world = restoring(24, 3, 3_000);
    world.run(1_500, 1_000_000);
    expect(world.state.chain).toMatchObject({ isFeeKnown: false, feeMultiplier: 1_000 });
    world.checkpointHeight = 300;
    // Asked for by itself, until it is known.
    const fetches = effectsOf(world, "fetch-network").length;
    world.run(61_000, 1_000_000);
    expect(effectsOf(world, "fetch-network")).toHaveLength(fetches + 1);
    world.run(120_000, 1_000_000);
    expect(effectsOf(world, "fetch-network")).toHaveLength(fetches + 1);
    expect(world.state.chain).toMatchObject({ isFeeKnown: true, feeMultiplier: 3_000 });
    expect(world.state.durable.chain).toMatchObject({ isFeeKnown: true, feeMultiplier: 3_000 });
    world.mine({ isEpochEnd: false, afterMs: world.nowMs - world.chain.tip.time });
    world.run(1_000, 1_000_000);
    expect(world.state.durable.chain).toMatchObject({ header: { height: 301 }, feeMultiplier: 3_000 });
  });

  it("a new wallet skips nothing: it may have been paid since it saw its checkpoint", () => {
    const world = new LightClientWorld(25, 3, PARAMS);
    for (let index = 0; index < 300; index++)
      world.mine({ isEpochEnd: index % 20 === 19, coins: index === 100 ? [5n] : [] });
    world.nowMs = world.chain.tip.time;
    world.start();
    world.run(3_000);
    expect(world.headerQuestions.some(({ boundariesOnly }) => boundariesOnly)).toBe(false);
    expect(world.state.durable.wallet!.notes.size).toBe(1);
  });
});
