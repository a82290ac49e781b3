import { describe, expect, it } from "vitest";
import { viewBalance } from "../../../../src/core/machines/light-client-views.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import type { NewPacket } from "../../../../src/core/wallet/packet-order.ts";
import { PACKET_PAYMENT_LIFE_MS } from "../../../../src/core/wallet/payment-end.ts";
import type { PaymentProposal } from "../../../../src/core/wallet/propose-payment.ts";
import { PACKET_ASKS_MAX } from "../../../../src/core/wallet/restore-packets.ts";
import { killsOver } from "../../../support/kill-count.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";
import { runs } from "../../../support/run-counts.ts";
import { testNote } from "../../../support/wallet-values.ts";

/** Of a stranger's output in the first block: where the packet once stood. */
const PACKET = leafIndex(3);
const bucketOf = (leaf: number): number => Math.floor(leaf / 64);
const walletOf = (world: LightClientWorld) => world.state.durable.wallet!;

/** A block of now: a chain that runs ahead of the device's clock is refused. */
function mineNow(world: LightClientWorld, options: Parameters<LightClientWorld["mine"]>[0]) {
  world.run(1_001, 1_000_000);
  return world.mine({ afterMs: world.nowMs - world.chain.tip.time, ...options });
}

/** A block with a coin that was drawn from a packet; its leaf. */
function draw(world: LightClientWorld, micro: bigint): number {
  const { compact } = mineNow(world, { coins: [micro] });
  world.packetOf.set(compact.firstLeaf, PACKET);
  return compact.firstLeaf;
}

function endEpoch(world: LightClientWorld): void {
  mineNow(world, { isEpochEnd: true });
}

/** A wallet at the newest block, far enough up that the packet and what comes of it are in different buckets. */
function begun(seed: number, nodeCount = 3): LightClientWorld {
  const world = new LightClientWorld(seed, nodeCount);
  for (let block = 0; block < 6; block++) world.mine({ strangers: 20, isEpochEnd: block === 5 });
  world.checkpointHeight = world.chain.tip.height;
  world.nowMs = world.chain.tip.time;
  world.start();
  world.run(1_500, 1_000_000);
  return world;
}

function expectTruth(world: LightClientWorld): void {
  expect(walletOf(world)).toMatchObject({ restore: undefined, unopened: new Map() });
  const notes = [...walletOf(world).notes.values()].filter(({ spent }) => spent === undefined);
  expect(new Map(notes.map(({ note }) => [note.leaf as number, note.amount as bigint]))).toEqual(world.truth());
  expect(viewBalance(world.state)!.total).toBe([...world.truth().values()].reduce((sum, micro) => sum + micro, 0n));
}

describe("a coin of ours that only its packet opens", () => {
  it("[OU-11] is had with the next boundary, where nodes are asked for the packet", () => {
    const world = begun(1);
    const leaf = draw(world, 70n);
    world.run(900, 1_000_000);
    expect(walletOf(world).unopened).toEqual(new Map([[leaf, PACKET]]));
    expect(viewBalance(world.state)!.total).toBe(0n);
    expect(world.asked).toEqual([]);
    endEpoch(world);
    world.run(20_000, 1_000_000);
    expectTruth(world);
    expect(viewBalance(world.state)!.total).toBe(70n);
  });

  it("[OU-11] asks three nodes for a packet that none has, each once, and again at the boundary after", () => {
    const world = begun(2, 5);
    world.keepsPackets = false;
    const leaf = draw(world, 70n);
    endEpoch(world);
    world.run(20_000, 1_000_000);
    expect(walletOf(world)).toMatchObject({ restore: undefined, unopened: new Map([[leaf, PACKET]]) });
    const nodes = (): readonly number[] => {
      return world.asked.filter(({ ids }) => ids.includes(bucketOf(PACKET))).map(({ node }) => node);
    };
    const asked = nodes();
    expect(asked.length).toBeGreaterThanOrEqual(PACKET_ASKS_MAX);
    expect(new Set(asked.slice(-PACKET_ASKS_MAX)).size).toBe(PACKET_ASKS_MAX);
    world.run(20_000, 1_000_000);
    expect(nodes()).toEqual(asked);
    world.keepsPackets = true;
    endEpoch(world);
    world.run(20_000, 1_000_000);
    expectTruth(world);
  });

  it("[OU-11] waits for no node that is not there", () => {
    const world = begun(3, 4);
    world.keepsPackets = false;
    for (const node of world.nodes.slice(1)) node.isReachable = false;
    for (const node of [1, 2, 3]) world.dropConnections(node);
    const leaf = draw(world, 70n);
    world.run(4_000, 1_000_000);
    endEpoch(world);
    world.run(20_000, 1_000_000);
    expect(walletOf(world)).toMatchObject({ restore: undefined, unopened: new Map([[leaf, PACKET]]) });
  });

  it("[RP-7] that only looks like ours is asked about a few times at a boundary, though its packet is in its bucket", () => {
    const world = new LightClientWorld(4);
    world.mine({ strangers: 5, isEpochEnd: true });
    world.checkpointHeight = world.chain.tip.height;
    world.nowMs = world.chain.tip.time;
    world.start();
    world.run(1_500, 1_000_000);
    const leaf = draw(world, 70n);
    world.strangersOf.add(leaf);
    expect(bucketOf(leaf)).toBe(bucketOf(PACKET));
    endEpoch(world);
    world.run(20_000, 1_000_000);
    expect(walletOf(world)).toMatchObject({ restore: undefined, unopened: new Map([[leaf, PACKET]]) });
    // Without a core, with it, and what the other nodes have.
    expect(world.asked.length).toBeLessThanOrEqual(PACKET_ASKS_MAX + 2);
  });

  const seeds = Array.from({ length: runs(8, 400) }, (_, seed) => seed + 1);
  const tellKills = killsOver(seeds.length);

  it.each(seeds)("[NW-18] is neither lost nor had twice where the device ends at any line, seed %i", (seed) => {
    const world = begun(100 + seed);
    world.killShare = 0.03;
    draw(world, 70n);
    world.run(1_500);
    endEpoch(world);
    draw(world, 9n);
    world.run(2_500);
    endEpoch(world);
    world.run(20_000, 1_000_000);
    world.killShare = 0;
    endEpoch(world);
    world.run(20_000, 1_000_000);
    expectTruth(world);
    tellKills(world.kills);
  });
});

describe("a packet that was looked at for long", () => {
  it("[RP-1] is proposed anew where too little time is left for a block to take it", () => {
    const world = begun(7);
    mineNow(world, { coins: [500n] });
    world.run(1_500, 1_000_000);
    const plain = world.propose(world.state, 20n)!;
    const latestIn = (ms: number): PaymentProposal => {
      const latest = timeMs(world.deviceMs + ms);
      const order: NewPacket = {
        act: "packet",
        ephemeralKey: new Uint8Array(32),
        plan: { split: "equal", total: amount(20n), count: 1 },
        gate: { mode: "open" },
        claimFee: amount(0n),
        expiry: timeMs(latest + 20_000),
        latest,
        text: "",
        adBlobId: undefined,
        password: undefined,
      };
      return { ...plain, packet: order };
    };
    const typesOf = (proposal: PaymentProposal): readonly string[] =>
      world
        .send({ type: "payment-confirmed", proposalId: `${proposal.packet?.act}`, proposal })
        .flatMap((effect) => (effect.type === "payment-refused" ? [effect.code] : [effect.type]));
    expect(typesOf(latestIn(PACKET_PAYMENT_LIFE_MS - 1))).toContain("proposal_expired");
    expect(typesOf(latestIn(PACKET_PAYMENT_LIFE_MS))).toContain("build-payment");
  });
});

describe("a gift by somebody else while missed blocks are made up for", () => {
  it("[LC-2] is known to be there by its place, since it has none of our tags", () => {
    const world = new LightClientWorld(5, 3, { trustingMs: 10_000_000 });
    world.falseHitShare = 0;
    world.start();
    world.run(2_000);
    const { compact } = world.mine({ coins: [50n], strangers: 3 });
    world.run(2_000);
    const [gift, gone] = [compact.firstLeaf, leafIndex(compact.firstLeaf + 1)];
    const mark = { type: "gift", linkSecret: new Uint8Array(16), isOwn: false } as const;
    const at = height(world.chain.tip.height);
    for (const leaf of [gift, gone]) {
      const note = testNote(leaf, 5n, { height: at, timeMs: timeMs(world.nowMs), packet: mark });
      world.send({ type: "gift-opened", note, height: at });
    }
    expect(walletOf(world).notes.get(gone)).toMatchObject({ spent: undefined });
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    for (let block = 0; block < 40; block++) {
      world.mine({ isEpochEnd: block % 10 === 9, strangers: 2, spent: block === 5 ? [gone] : [] });
    }
    world.nowMs = world.chain.tip.time;
    for (const node of world.nodes)
      Object.assign(node, { isReachable: true, oldestBlock: world.chain.tip.height - 15 });
    world.start();
    world.run(8_000);
    expect(walletOf(world).restore).toBeUndefined();
    expect(walletOf(world).notes.get(gift)).toMatchObject({ spent: undefined });
    expect(walletOf(world).notes.get(gone)!.spent).toBeDefined();
  });
});
