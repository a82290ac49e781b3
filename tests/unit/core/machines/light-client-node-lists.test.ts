import { describe, expect, it } from "vitest";
import { changeRun } from "../../../../src/core/machines/light-client-restore.ts";
import { viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { formatCheckpoint, parseCheckpoint } from "../../../../src/core/sync/checkpoint-words.ts";
import type { NetworkConfig } from "../../../../src/core/sync/network-config.ts";
import { height } from "../../../../src/core/values/height.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const reversed = (config: NetworkConfig): NetworkConfig => ({ ...config, nodes: [...config.nodes].reverse() });

/** A client that begins with what it remembers, and is dialling when the network file comes after all. */
function dialling(seed: number): LightClientWorld {
  const world = new LightClientWorld(seed, 5);
  world.start();
  world.run(3_000);
  world.checkpointHeight = undefined;
  world.start();
  while (world.state.nodes.every(({ phase }) => phase === "idle")) world.run(1);
  return world;
}

/** Which node of the world stands behind each connection, and which one the list names there. */
function heldPlaces({ state }: LightClientWorld): readonly (readonly [string, string])[] {
  return state.nodes.flatMap(({ peer }, node) => {
    const [address] = state.config!.nodes[node]!.addresses;
    return peer === undefined ? [] : [[`/node/${peer.split(" ")[1]}`, address!] as const];
  });
}

describe("another list of nodes", () => {
  it("[NW-10] [NW-3] the answer to a dial for the list before makes nobody a node of this one", () => {
    for (let seed = 0; seed < 8; seed++) {
      const world = dialling(seed);
      world.send({ type: "network-configured", config: reversed(world.config) });
      world.run(10_000);
      const held = heldPlaces(world);
      expect(held.length).toBe(3);
      for (const [place, listed] of held) expect(place, `seed ${seed}`).toBe(listed);
      expect(viewSync(world.state, world.nowMs)).toMatchObject({ state: "live", problem: undefined });
    }
  });

  it("nor does one that has failed count against a node of this one", () => {
    const world = dialling(20);
    world.send({ type: "network-configured", config: reversed(world.config) });
    const { nodeList, nodes } = world.state;
    for (const node of nodes.keys()) world.send({ type: "connect-failed", node, list: nodeList - 1 });
    expect(world.state.nodes.map(({ failures }) => failures)).toEqual([0, 0, 0, 0, 0]);
  });

  it("who was reached under another number is kept under his own", () => {
    const world = dialling(21);
    const [old] = world.config.nodes;
    const nodes = [old!, { operator: "x", addresses: ["/x/p2p/PeerX"] }];
    world.send({ type: "network-configured", config: { ...world.config, nodes } });
    const { nodeList } = world.state;
    const before = world.log.length;
    world.send({ type: "peer-connected", peer: "PeerX", node: 0, list: nodeList - 1 });
    // Its own dial leads to the same connection, or is called off because of it.
    world.send({ type: "peer-connected", peer: "PeerX", node: 1, list: nodeList });
    world.send({ type: "connect-failed", node: 1, list: nodeList });
    expect(world.state.nodes[1]).toMatchObject({ phase: "connected", peer: "PeerX", failures: 0 });
    expect(world.state.nodes[0]!.peer).not.toBe("PeerX");
    const ended = world.log.slice(before).filter((effect) => effect.type === "disconnect" && effect.peer === "PeerX");
    expect(ended).toEqual([]);
  });

  it("who was asked and who is left alone are forgotten with their numbers", () => {
    const world = dialling(22);
    world.run(3_000);
    const parsed = parseCheckpoint(formatCheckpoint({ ...world.chain.checkpoint(1), height: height(1_000) }).text);
    if (!parsed.ok) throw new Error(parsed.code);
    for (const node of world.nodes) Object.assign(node, { claims: 1_000, answerHeaders: () => "silent" });
    world.send({ type: "checkpoint-entered", entryId: "entry", name: parsed.name });
    world.run(16_000);
    expect(world.state.trust.entered!.asked.size).toBe(3);
    const draft = {
      state: world.state,
      stored: world.state.durable,
      effects: [],
      nowMs: world.nowMs,
      deps: undefined as never,
    };
    changeRun(draft, { pauses: new Map([[0, { untilMs: Infinity, isNotServed: true }]]) });
    world.state = draft.state;
    world.send({ type: "network-configured", config: reversed(world.config) });
    expect(world.state.trust.entered!.asked.size).toBe(0);
    expect(world.state.restore.pauses.size).toBe(0);
    world.run(3_000);
    expect(world.state.trust.entered!.asked.size).toBe(3);
  });
});
