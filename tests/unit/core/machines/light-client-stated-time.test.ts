import { describe, expect, it } from "vitest";
import { viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const sync = (world: LightClientWorld) => viewSync(world.state, world.nowMs);
const countOf = (world: LightClientWorld, type: string) => world.log.filter((effect) => effect.type === type).length;

/** The file names an old block and calls it young. */
function backdated(seed: number): LightClientWorld {
  const world = new LightClientWorld(seed, 3, { trustingMs: 100_000 });
  for (let index = 0; index < 30; index++) world.mine({ isEpochEnd: index % 10 === 9 });
  world.checkpointHeight = 10;
  for (let index = 0; index < 120; index++) world.mine({ isEpochEnd: index % 10 === 9 });
  world.nowMs = world.chain.tip.time;
  world.statedTimeMs = world.nowMs;
  return world;
}

function expectToldOnce(world: LightClientWorld): void {
  world.start();
  world.run(30_000);
  expect(sync(world)).toMatchObject({ state: "offline", problem: "checkpoint_too_old" });
  expect(countOf(world, "request-headers")).toBe(1);
  expect(world.headerQuestions.filter(({ boundariesOnly }) => boundariesOnly)).toEqual([]);
  expect(world.state.nodes.every(({ fault }) => fault === undefined)).toBe(true);
  expect(world.state.durable.chain).toBeUndefined();
}

describe("a checkpoint whose stated time is not its header's", () => {
  it("[LC-4] an old block that is called young begins no restore: it is too old, and said to be", () => {
    const world = backdated(1);
    world.restore = { birthdayMs: undefined };
    expectToldOnce(world);
    // Nor after a restart, which knows better by now.
    world.start();
    world.run(10_000);
    expect(sync(world).problem).toBe("checkpoint_too_old");
    expect(countOf(world, "request-headers")).toBe(1);
    world.checkpointHeight = 140;
    world.statedTimeMs = undefined;
    world.run(20_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("[LC-4] nor a new wallet", () => {
    expectToldOnce(backdated(2));
  });

  it("[LC-4] nor does it renew the trust of a wallet whose blocks are gone", () => {
    const world = new LightClientWorld(3, 3, { trustingMs: 100_000 });
    world.start();
    world.run(3_000);
    const stood = world.state.durable.chain!.header.height;
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    for (let index = 0; index < 200; index++) world.mine({ isEpochEnd: index % 10 === 9 });
    world.nowMs = world.chain.tip.time;
    world.checkpointHeight = world.chain.items.find(
      ({ header }) => header.isEpochEnd && header.height > stood,
    )!.header.height;
    world.statedTimeMs = world.nowMs;
    const oldestBlock = world.chain.tip.height - 30;
    for (const node of world.nodes) Object.assign(node, { isReachable: true, oldestBlock });
    const before = countOf(world, "request-headers");
    world.start();
    world.run(30_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "checkpoint_too_old" });
    expect(countOf(world, "request-headers") - before).toBe(1);
    expect(world.state.durable.chain!.header.height).toBe(stood);
  });
});
