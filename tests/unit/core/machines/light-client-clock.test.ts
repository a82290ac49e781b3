import { describe, expect, it } from "vitest";
import { CLOCK_OFF_MS } from "../../../../src/core/machines/light-client-clock.ts";
import { viewBalance, viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const DAY_MS = 24 * 60 * 60_000;
const sync = (world: LightClientWorld) => viewSync(world.state, world.deviceMs);

function worldWith(seed: number, clockOffMs: number, params = {}): LightClientWorld {
  const world = new LightClientWorld(seed, 3, params);
  for (let index = 0; index < 10; index++) world.mine({ isEpochEnd: index === 4 });
  world.nowMs = world.chain.tip.time;
  world.clockOffMs = clockOffMs;
  return world;
}

describe("a device's clock", () => {
  it("[LC-6] a day behind: certified blocks of its future say so, and it goes on once the clock is set", () => {
    const world = worldWith(1, -DAY_MS);
    world.start();
    world.run(5_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "clock_wrong" });
    expect(world.state.nodes.every(({ fault }) => fault === undefined)).toBe(true);
    world.clockOffMs = 0;
    world.start();
    world.run(4_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("[LC-1] goes on without a restart, too", () => {
    const world = worldWith(2, -DAY_MS);
    world.start();
    world.run(5_000);
    world.clockOffMs = 0;
    world.run(40_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("[LC-6] is not called wrong because of blocks that nobody has certified: their sender is dropped", () => {
    const world = worldWith(3, 0);
    world.nodes[0]!.lie = (item) => ({
      ...item,
      header: { ...item.header, time: (item.header.time + DAY_MS) as never },
    });
    world.nodes[1]!.lie = world.nodes[0]!.lie;
    world.start();
    world.run(8_000);
    expect(world.state.nodes.slice(0, 2).some(({ fault }) => fault === "bad_certificate")).toBe(true);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("[LC-6] a day ahead: its trust looks old, but all nodes make blocks of yesterday", () => {
    const world = worldWith(4, DAY_MS);
    world.start();
    world.run(2_000);
    expect(sync(world).problem).toBe("checkpoint_too_old");
    world.run(20_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "clock_wrong" });
    world.clockOffMs = 0;
    world.run(20_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("one node alone cannot make it look wrong, nor a chain that stands still", () => {
    const old = worldWith(5, DAY_MS);
    for (const node of old.nodes.slice(1)) node.answerHeaders = () => undefined;
    old.start();
    old.run(60_000);
    expect(sync(old).problem).toBe("checkpoint_too_old");
    const still = worldWith(6, DAY_MS);
    still.start();
    still.run(60_000, 10 * DAY_MS);
    expect(sync(still).problem).toBe("checkpoint_too_old");
  });

  it("[LC-6] a node that answers with nothing, with old blocks or not at all is asked now and then, not at once again", () => {
    const answers = [undefined, [], "oldest", "silent"] as const;
    for (const [index, answer] of answers.entries()) {
      const world = worldWith(40 + index, DAY_MS);
      const oldest = [world.chain.headerItem(1)];
      for (const node of world.nodes) node.answerHeaders = () => (answer === "oldest" ? oldest : answer);
      world.start();
      world.run(60_000);
      expect(sync(world).problem).toBe("checkpoint_too_old");
      const asked = world.headerQuestions.filter(({ node }) => node === 0).length;
      expect(asked).toBeGreaterThan(3);
      expect(asked).toBeLessThanOrEqual(13);
    }
  });

  it("hours ahead where trust lasts for days: the wallet works, and says that the clock is wrong", () => {
    const world = worldWith(7, 3 * 60 * 60_000, { trustingMs: 9 * DAY_MS });
    world.start();
    world.run(8_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: "clock_wrong", isFinalityLate: false });
    world.mine({ coins: [5n] });
    world.run(2_000);
    expect(viewBalance(world.state)).toEqual({ total: 5n, usable: 5n });
    world.clockOffMs = 0;
    world.run(5_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("less than an hour is nobody's business", () => {
    const world = worldWith(8, CLOCK_OFF_MS - 10_000, { trustingMs: 9 * DAY_MS });
    world.start();
    world.run(8_000);
    expect(sync(world).problem).toBeUndefined();
  });

  it("old blocks on the way to the tip say nothing of it", () => {
    const world = worldWith(9, 0, { trustingMs: 9 * DAY_MS });
    for (let index = 0; index < 20; index++) world.mine({ isEpochEnd: false, afterMs: 600_000 });
    world.nowMs = world.chain.tip.time;
    world.start();
    world.run(3_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });
});

describe("finality", () => {
  it("[ST-6] is called late once no block has come for five times empty_block_ms, and only then", () => {
    const world = worldWith(20, 0);
    world.start();
    world.run(1_500, 1_000_000);
    const lateMs = world.chain.tip.time + 5 * world.params.emptyBlockMs;
    expect(viewSync(world.state, lateMs as never)).toMatchObject({ state: "live", isFinalityLate: false });
    expect(viewSync(world.state, (lateMs + 1) as never)).toMatchObject({ state: "live", isFinalityLate: true });
    world.run(30_000, 1_000_000);
    expect(sync(world)).toMatchObject({ state: "live", isFinalityLate: true, problem: undefined });
    world.mine({ afterMs: 31_000 });
    world.run(1_000, 1_000_000);
    expect(sync(world)).toMatchObject({ state: "live", isFinalityLate: false });
  });
});
