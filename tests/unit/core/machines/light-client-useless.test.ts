import { expect, it } from "vitest";
import { viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { LightClientWorld, type NodeBehaviour } from "../../../support/light-client-world.ts";

/** Nodes of a chain that is thirty blocks long; those that a client dials first are not as they should be. */
function startAmong(useless: Partial<NodeBehaviour>, count: number, nodeCount = 5): LightClientWorld {
  const world = new LightClientWorld(21, nodeCount);
  for (let index = 0; index < 30; index++) world.mine({ isEpochEnd: index === 19 });
  world.checkpointHeight = 20;
  world.nowMs = world.chain.tip.time;
  for (const node of world.nodes.slice(0, count)) Object.assign(node, useless);
  return world;
}

const connected = (world: LightClientWorld): readonly number[] =>
  [...world.state.nodes.keys()].filter((node) => world.state.nodes[node]!.phase === "connected");

const hasHungUp = (world: LightClientWorld): boolean => world.log.some(({ type }) => type === "disconnect");

it.each<[string, Partial<NodeBehaviour>]>([
  ["are far behind", { claims: 3 }],
  ["do not say where they stand", { isMute: true }],
])("[NW-10] nodes that %s do not keep those away that can give us blocks", (_what, useless) => {
  const world = startAmong(useless, 3);
  world.start();
  world.run(60_000);
  expect(viewSync(world.state, world.nowMs)).toMatchObject({ state: "live", height: world.chain.tip.height });
  expect(world.state.data!.node).toBeGreaterThan(2);
});

it("[NW-10] [LC-3] nodes that do not say where they stand do not take the places of witnesses", () => {
  const world = startAmong({ isMute: true }, 3);
  world.nodes[0]!.isMute = false;
  world.start();
  world.run(60_000);
  expect(connected(world)).toEqual([0, 3, 4]);
});

it("[NW-10] a node that is of no use keeps its place where nobody waits for it", () => {
  const world = startAmong({ isMute: true }, 3, 3);
  world.start();
  world.run(60_000);
  expect(connected(world)).toEqual([0, 1, 2]);
  expect(hasHungUp(world)).toBe(false);
});

it("[NW-10] nodes that were merely asked a while ago keep their places when the source of the blocks is gone", () => {
  const world = startAmong({}, 0);
  world.start();
  world.run(20_000);
  const source = world.state.data!.node;
  const others = connected(world).filter((node) => node !== source);
  world.nodes[source]!.isReachable = false;
  for (const node of world.nodes) node.claims = world.chain.tip.height - 5;
  world.send({ type: "peer-disconnected", peer: world.state.data!.peer });
  world.run(5_000);
  expect(world.state.data).toBeUndefined();
  expect(connected(world)).toEqual(expect.arrayContaining(others));
  for (const node of world.nodes) node.claims = undefined;
  world.run(5_000);
  expect(others).toContain(world.state.data!.node);
});

it("[NW-10] a device without a wallet wants no blocks, so nobody is of no use to it", () => {
  const world = startAmong({}, 0);
  world.hasWallet = false;
  world.start();
  world.run(60_000);
  expect(world.state.data).toBeUndefined();
  expect(hasHungUp(world)).toBe(false);
});

it("a source that does not say where it stands stays one as long as it sends blocks", () => {
  const world = startAmong({}, 0, 3);
  world.start();
  world.run(20_000);
  const { node, peer } = world.state.data!;
  world.nodes[node]!.isMute = true;
  world.run(20_000);
  world.send({ type: "status-missing", peer });
  expect(world.state.data).toMatchObject({ node, peer });
  const noBlocks = Infinity;
  world.run(20_000, noBlocks);
  expect(world.state.data).toMatchObject({ node, peer });
  world.send({ type: "status-missing", peer });
  expect(world.state.nodes[node]).toMatchObject({ phase: "idle", failures: 1, fault: undefined });
});
