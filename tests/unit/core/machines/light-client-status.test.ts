import { describe, expect, it } from "vitest";
import { formatCheckpoint, parseCheckpoint } from "../../../../src/core/sync/checkpoint-words.ts";
import { height } from "../../../../src/core/values/height.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const CONNECTIONS = 3;

/** A client that is up to date, and was for a while. */
function live(): LightClientWorld {
  const world = new LightClientWorld(31);
  world.start();
  world.run(120_000);
  return world;
}

/** How often any node is asked where it stands, while so much time passes. */
function questions(world: LightClientWorld, ms: number, blockEveryMs: number): number {
  const before = world.log.length;
  world.run(ms, blockEveryMs);
  return world.log.slice(before).filter(({ type }) => type === "request-status").length;
}

describe("where nodes stand", () => {
  it("is asked once a minute while blocks come as they are made", () => {
    const world = live();
    expect(questions(world, 240_000, 10_000)).toBe(4 * CONNECTIONS);
  });

  it("is asked four times as often once none comes any more, or while somebody waits for nodes that are far enough", () => {
    const silent = live();
    silent.run(15_000, 1e9);
    expect(questions(silent, 60_000, 1e9)).toBe(4 * CONNECTIONS);

    const waiting = live();
    const far = formatCheckpoint({ ...waiting.chain.checkpoint(1), height: height(100_000) });
    const parsed = parseCheckpoint(far.text);
    if (!parsed.ok) throw new Error(parsed.code);
    waiting.send({ type: "checkpoint-entered", entryId: "entry", name: parsed.name });
    expect(questions(waiting, 16_000, 1_000)).toBeGreaterThanOrEqual(CONNECTIONS);
  });

  it("is asked a node that has said nothing yet four times as often, whatever the others do", () => {
    const world = new LightClientWorld(31);
    world.nodes[2]!.isMute = true;
    world.start();
    world.run(120_000);
    expect(questions(world, 240_000, 10_000)).toBe(4 * (CONNECTIONS - 1) + 16);
  });

  it("is asked a node that has failed a second time after a quarter of a minute, which makes up for it", () => {
    const world = new LightClientWorld(31);
    world.nodes[2]!.isReachable = false;
    world.start();
    world.run(120_000);
    world.nodes[2]!.isReachable = true;
    const askedMs: number[] = [];
    for (const from = world.nowMs; world.nowMs < from + 180_000;) {
      const before = world.log.length;
      world.run(1_000, 10_000);
      const { peer } = world.state.nodes[2]!;
      if (world.log.slice(before).some((effect) => effect.type === "request-status" && effect.peer === peer))
        askedMs.push(world.nowMs);
    }
    const gaps = askedMs.slice(1).map((atMs, index) => atMs - askedMs[index]!);
    expect(gaps.slice(0, 3)).toEqual([15_000, 60_000, 60_000]);
    expect(world.state.nodes[2]!.failures).toBe(0);
  });
});
