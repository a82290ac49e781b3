import { describe, expect, it } from "vitest";
import { decodeTrustedChain, encodeTrustedChain } from "../../../../src/core/sync/trusted-chain.ts";
import type { CompactItem } from "../../../../src/core/sync/compact-item.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const provenHeights = (world: LightClientWorld) =>
  world.state.trust.proven.map(({ header }) => header.height as number);

/** A certificate of so many seats that nobody has signed. */
function forge({ certificate }: Pick<CompactItem, "certificate">): CompactItem["certificate"] {
  return { ...certificate, signature: certificate.signature.map((byte) => byte ^ 1) };
}

/** Nodes that have no block above the checkpoint, so that nothing else is proven. */
function worldAtCheckpoint(seed: number): LightClientWorld {
  const world = new LightClientWorld(seed);
  for (let index = 0; index < 10; index++) world.mine({ isEpochEnd: index === 9 });
  world.checkpointHeight = 10;
  world.nowMs = world.chain.tip.time;
  return world;
}

describe("a block that a witness may speak about", () => {
  it("[LC-3] a checkpoint whose certificate holds is one from the start", () => {
    const world = worldAtCheckpoint(1);
    world.start();
    world.run(3_000, 1_000_000);
    expect(world.state.durable.chain!.header.height).toBe(10);
    expect(provenHeights(world)).toEqual([10]);
  });

  it("[LC-3] one that came with any certificate is none: it would show no fork to anybody", () => {
    const world = worldAtCheckpoint(2);
    const [item] = world.chain.items.slice(10);
    world.chain.items[10] = { ...item!, certificate: forge(item!) };
    world.start();
    world.run(3_000, 1_000_000);
    expect(world.state.durable.chain!.header.height).toBe(10);
    expect(provenHeights(world)).toEqual([]);
    world.run(4_000);
    expect(provenHeights(world)[0]).toBe(11);
  });

  it("[LC-3] the stored block is one where its certificate holds, since it may have come in the middle of many", () => {
    const world = worldAtCheckpoint(3);
    world.start();
    world.run(5_000);
    const stood = world.state.durable.chain!.header.height;
    const untilSomebodyIsThere = (): void => {
      world.start();
      expect(provenHeights(world)).toEqual([]);
      world.run(500, Infinity);
    };
    untilSomebodyIsThere();
    expect(provenHeights(world)).toEqual([stood]);
    const chain = decodeTrustedChain(world.store.get("chain")!);
    const certificate = forge({ certificate: chain.certificate! });
    world.store.set("chain", encodeTrustedChain({ ...chain, certificate }));
    untilSomebodyIsThere();
    expect(provenHeights(world)).toEqual([]);
    expect(world.state.durable.chain!.header.height).toBe(stood);
    // A source whose next block does not follow is then no witness of a fork, only of no use.
    const other = world.chain.fork(stood - 1);
    for (let index = 0; index < 5; index++) other.add({ afterMs: 900 });
    for (const node of world.nodes) node.chain = other;
    world.run(3_000);
    expect(world.state.phase).toBe("running");
    expect(world.state.durable.fork).toBeUndefined();
  });
});
