import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LEARNT_OPERATOR } from "../../../../src/core/machines/light-client-learnt.ts";
import { submissionOrder } from "../../../../src/core/machines/light-client-payments.ts";
import { viewBalance, viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import {
  decodeKnownNodes,
  encodeKnownNodes,
  LEARNT_ADDRESS_LENGTH_MAX,
  LEARNT_ADDRESSES_MAX,
  LEARNT_NODES_MAX,
  peerOfAddress,
} from "../../../../src/core/sync/known-nodes.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const sync = (world: LightClientWorld) => viewSync(world.state, world.nowMs);
/** Node n of the world, as another node tells of it. */
const address = (node: number | string, kind = "ws"): string => `/node/${node}/${kind}/p2p/Peer${node}`;
const learnt = (world: LightClientWorld) => world.state.durable.known?.learnt ?? [];

/** Four nodes, of which the origin names the first; that one tells of the others. */
function worldOfOne(seed: number): LightClientWorld {
  const world = new LightClientWorld(seed, 4);
  world.listedCount = 1;
  world.told = [address(1), address(1, "rtc"), address(2), address(3)];
  world.start();
  world.run(4_000);
  expect(sync(world).state).toBe("live");
  return world;
}

describe("nodes that a client is told of", () => {
  it("[NW-17] are kept, connected, and take over when the only listed node is gone", () => {
    const world = worldOfOne(1);
    expect(learnt(world).map(({ addresses }) => addresses)).toEqual([
      [address(1), address(1, "rtc")],
      [address(2)],
      [address(3)],
    ]);
    expect(world.state.config!.nodes.map(({ operator }) => operator)).toEqual(["op 0", ...Array<string>(3).fill("")]);
    expect(LEARNT_OPERATOR).toBe("");
    world.nodes[0]!.isReachable = false;
    world.dropConnections(0);
    world.mine({ coins: [70n] });
    world.run(20_000);
    expect(sync(world)).toMatchObject({ state: "live", height: world.chain.tip.height });
    expect(viewBalance(world.state)).toMatchObject({ total: 70n });
    expect(world.state.data!.node).toBeGreaterThan(0);
    world.pay("a", 5n);
    world.run(5_000);
    expect(world.submissions.length).toBeGreaterThan(0);
    expect(world.submissions.every(({ node }) => node > 0)).toBe(true);
    expect(viewBalance(world.state)!.total).toBe(63n);
  });

  it("[NW-17] are there after a reload without the origin, and its file fits in again when it comes back", () => {
    const world = worldOfOne(2);
    world.mine({ coins: [9n] });
    world.run(2_000);
    world.checkpointHeight = undefined;
    world.nodes[0]!.isReachable = false;
    world.start();
    world.run(10_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined, height: world.chain.tip.height });
    expect(viewBalance(world.state)).toMatchObject({ total: 9n });
    const { peer } = world.state.data!;
    const fetches = (): number => world.log.filter(({ type }) => type === "fetch-network").length;
    const before = fetches();
    world.run(20_000);
    expect(fetches() - before).toBe(4);
    // The same list again: no connection is given up for it.
    world.checkpointHeight = 0;
    world.feeMultiplier = 1_500;
    world.run(8_000);
    expect(world.state.data!.peer).toBe(peer);
    expect(world.state.config!.feeMultiplier).toBe(1_500);
  });

  it("[NW-17] a device that has seen no network waits for its origin", () => {
    const world = new LightClientWorld(3, 4);
    world.checkpointHeight = undefined;
    world.start();
    world.run(10_000);
    expect(sync(world).problem).toBe("no_network_file");
    expect(world.state.config).toBeUndefined();
  });

  it("[NW-17] LEARNT_NODES_MAX, LEARNT_ADDRESSES_MAX: nobody fills the memory, and a found node stays", () => {
    const world = worldOfOne(4);
    for (let round = 0; round < 20; round++) {
      const addresses = Array.from({ length: 32 }, (_, index) => address(`1${"1".repeat(round)}${index + 11}`));
      const peer = world.state.nodes.find((node) => node.peer !== undefined)!.peer!;
      world.send({ type: "peers-received", peer, addresses });
      world.run(60_000, 10_000);
    }
    expect(learnt(world)).toHaveLength(LEARNT_NODES_MAX);
    expect(world.state.config!.nodes).toHaveLength(1 + LEARNT_NODES_MAX);
    expect(world.state.nodes).toHaveLength(1 + LEARNT_NODES_MAX);
    expect(
      learnt(world)
        .slice(0, 3)
        .map(({ addresses }) => addresses.at(-1)),
    ).toEqual([address(1, "rtc"), address(2), address(3)]);
    expect(sync(world).state).toBe("live");
    const many = Array.from({ length: 20 }, (_, index) => address("Many", `ws${index}`));
    const fresh = worldOfOne(5);
    fresh.send({ type: "peers-received", peer: fresh.state.data!.peer, addresses: many });
    expect(learnt(fresh).at(-1)!.addresses).toHaveLength(LEARNT_ADDRESSES_MAX);
  });

  it("[NW-17] no node moves one that can be reached, nor one that the origin names", () => {
    const world = worldOfOne(6);
    const before = learnt(world);
    const { peer } = world.state.data!;
    world.send({ type: "peers-received", peer, addresses: ["/node/9/ws/p2p/Peer1", "/elsewhere", "/node/3/ws"] });
    expect(learnt(world)).toEqual(before);
    // Only with too few others is it looked for again and again.
    for (const node of [1, 2]) {
      world.nodes[node]!.isReachable = false;
      world.dropConnections(node);
    }
    world.run(60_000, 10_000);
    world.send({ type: "peers-received", peer: world.state.data!.peer, addresses: ["/node/9/ws/p2p/Peer1"] });
    expect(learnt(world)[0]!.addresses).toEqual(["/node/9/ws/p2p/Peer1"]);
  });

  it("[NW-3] a payment goes to nodes we have found before it goes to those we were told of", () => {
    const world = worldOfOne(7);
    const { peer, node } = world.state.data!;
    world.send({ type: "peers-received", peer, addresses: [address("Never")] });
    expect(submissionOrder(world.state)).not.toContain(node);
    // Whose turn it is follows the list, round from the source of the blocks: here the one nobody has found comes first.
    const order = submissionOrder({ ...world.state, data: { ...world.state.data!, node: 3 } });
    expect(order.at(-1)).toBe(4);
    expect(order.toSorted()).toEqual([0, 1, 2, 4]);
  });

  it("[NW-17] go with the chain they belong to", () => {
    const world = worldOfOne(8);
    world.hasWallet = false;
    world.store.clear();
    world.start();
    world.run(4_000);
    expect(learnt(world).length).toBe(3);
    // A dev network made anew has the number of the one before.
    world.genesisHash = hash32("test/another genesis");
    world.send({ type: "network-configured", config: world.config });
    expect(learnt(world)).toEqual([]);
    expect(world.state.config!.nodes).toHaveLength(1);
  });

  it("[NW-17] eight of one answer: no node tells us all we know", () => {
    const world = worldOfOne(9);
    const addresses = Array.from({ length: 20 }, (_, index) => address(`Some${index + 11}`));
    world.send({ type: "peers-received", peer: world.state.data!.peer, addresses });
    expect(learnt(world)).toHaveLength(3 + 8);
  });
});

const textArb = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" });
const peerArb = fc.integer({ min: 1, max: 99 }).map((each) => `/node/x/p2p/Peer${String(each).replaceAll("0", "1")}`);

codecContract("known nodes", {
  encode: encodeKnownNodes,
  decode: decodeKnownNodes,
  arbitrary: fc.record({
    params: fc.constant(NETWORK_PARAMS.dev),
    listed: fc.array(fc.record({ operator: textArb, addresses: fc.array(textArb, { maxLength: 3 }) }), {
      maxLength: 3,
    }),
    learnt: fc.array(
      fc.record({
        addresses: peerArb.map((each) => [each, `/other${each}`]),
        metMs: fc.integer({ min: 0, max: 2 ** 50 }),
      }),
      { maxLength: 4 },
    ),
  }),
});

describe("the peer in an address", () => {
  it("is its last part", () => {
    expect(peerOfAddress("/ip4/1.2.3.4/tcp/1/ws/p2p/12D3KooWPeer")).toBe("12D3KooWPeer");
    for (const none of ["", "/p2p/", "/ip4/1.2.3.4/tcp/1", "/p2p/a/ws", "/p2p/0OIl", `/p2p/${"a".repeat(101)}`]) {
      expect(peerOfAddress(none), none).toBeUndefined();
    }
    expect(LEARNT_ADDRESS_LENGTH_MAX).toBe(512);
  });
});
