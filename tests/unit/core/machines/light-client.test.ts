import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { QUEUE_BLOCKS_MAX, SCAN_BLOCKS_MAX } from "../../../../src/core/machines/light-client-scan.ts";
import { NODE_CONNECTIONS_MAX } from "../../../../src/core/machines/light-client-nodes.ts";
import { RESEND_MS } from "../../../../src/core/machines/light-client-payments.ts";
import { viewBalance, viewHistory, viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { restoreWallet } from "../../../../src/core/wallet/wallet-records.ts";
import { SHOWN_KEY } from "../../../../src/core/wallet/shown-wallet.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";
import { runs } from "../../../support/run-counts.ts";

const effectsOf = <Type extends string>(world: LightClientWorld, type: Type) =>
  world.log.filter((effect): effect is Extract<(typeof world.log)[number], { type: Type }> => effect.type === type);

const sync = (world: LightClientWorld) => viewSync(world.state, world.nowMs);

/** The wallet holds exactly what the chain says it owns, no more and no less. */
function expectTruth(world: LightClientWorld, from = 1): void {
  const notes = [...world.state.durable.wallet!.notes.values()].filter((kept) => kept.spent === undefined);
  expect(new Map(notes.map(({ note }) => [note.leaf as number, note.amount as bigint]))).toEqual(world.truth(from));
  const stored = restoreWallet(
    [...world.store].filter(([key]) => /^(wallet|notes|payment)/.test(key)).map(([key, bytes]) => ({ key, bytes })),
  );
  expect(stored).toMatchObject({ ok: true, value: { scanned: world.state.durable.wallet!.scanned } });
}

function liveWorld(seed = 1, nodeCount = 3): LightClientWorld {
  const world = new LightClientWorld(seed, nodeCount);
  world.start();
  world.run(3_000);
  return world;
}

describe("a client that starts again", () => {
  it("writes nothing of what it has just read: its last balance waits for no storage", () => {
    const world = liveWorld(5);
    world.mine({ coins: [40n, 2n] });
    world.run(1_500);
    const before = world.log.length;
    world.start();
    expect(viewBalance(world.state)).toEqual({ total: 42n, usable: 42n });
    expect(world.log.slice(before).filter((effect) => effect.type === "write")).toEqual([]);
    // What it learns from then on is stored as ever.
    world.run(3_000);
    expect(world.log.slice(before).some((effect) => effect.type === "write")).toBe(true);
    expectTruth(world);
  });
});

describe("a new wallet", () => {
  it("[LC-4] [NW-8] starts at the checkpoint, downloads nothing below it, takes the full stream and goes live", () => {
    const world = new LightClientWorld(1);
    for (let index = 0; index < 30; index++) world.mine({ isEpochEnd: index === 19 });
    world.checkpointHeight = 20;
    world.nowMs = world.chain.tip.time;
    expect(viewBalance(world.state)).toBeUndefined();
    world.start();
    expect(sync(world)).toMatchObject({ state: "connecting", height: undefined });
    world.run(1_500);
    expect(effectsOf(world, "request-headers")).toMatchObject([{ from: 20, count: 1 }]);
    expect(effectsOf(world, "open-compact-stream")).toMatchObject([{ from: 21, isFull: true }]);
    expect(world.state.durable.wallet).toMatchObject({ birthday: 21, scanned: { height: world.chain.tip.height } });
    expect(sync(world)).toMatchObject({
      state: "live",
      height: world.chain.tip.height,
      network: "dev",
      problem: undefined,
    });
    expect(viewBalance(world.state)).toEqual({ total: 0n, usable: 0n });
    expect(world.state.nodes.filter((node) => node.phase === "connected")).toHaveLength(NODE_CONNECTIONS_MAX);
  });

  it("[FE-1] takes the price that the network file names at the block it names it for, however old its own start", () => {
    const world = new LightClientWorld(17);
    world.feeMultiplier = 1_000;
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    world.run(2_000);
    for (let index = 0; index < 30; index++) world.mine({ isEpochEnd: index === 9 || index === 19 });
    const height = world.chain.items.findLast(({ header }) => header.epoch !== world.chain.tip.epoch)!.header.height;
    world.checkpointHeight = height;
    world.feeMultiplier = 4_000;
    world.nowMs = world.chain.tip.time;
    for (const node of world.nodes) node.isReachable = true;
    world.start();
    world.run(900);
    expect(world.state.durable.wallet).toMatchObject({ birthday: 1, scanned: { height: world.chain.tip.height } });
    expect(world.state.chain?.feeMultiplier).toBe(4_000);
  });

  it("without a network file says so, and goes on once there is one", () => {
    const world = new LightClientWorld(2);
    world.checkpointHeight = undefined;
    world.start();
    world.run(2_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "no_network_file" });
    world.checkpointHeight = 0;
    world.run(8_000);
    expect(sync(world).state).toBe("live");
  });

  it("waits for the wallet: without one nothing is streamed", () => {
    const world = new LightClientWorld(3);
    world.hasWallet = false;
    world.start();
    world.run(3_000);
    expect(effectsOf(world, "open-compact-stream")).toEqual([]);
    world.send({ type: "wallet-opened" });
    world.run(1_500);
    expect(sync(world).state).toBe("live");
    expect(world.state.durable.wallet!.birthday).toBe(1);
  });
});

describe("coins", () => {
  it("[NW-6] arrive with the block, and are stored in the write that moves the height", () => {
    const world = liveWorld();
    const before = world.log.length;
    world.mine({ coins: [70n, 30n] });
    world.run(200);
    expect(viewBalance(world.state)).toEqual({ total: 100n, usable: 100n });
    const writes = world.log
      .slice(before)
      .flatMap((effect) => (effect.type === "write" ? [effect.puts.map(({ key }) => key)] : []));
    expect(writes).toContainEqual(["wallet", "notes/000000000", "wallet-counts", SHOWN_KEY, "chain"]);
    expect(world.log.slice(before)).toContainEqual(expect.objectContaining({ type: "notify" }));
    expectTruth(world);
  });

  it("are there at once after a reload, before any network", () => {
    const world = liveWorld();
    world.mine({ coins: [70n] });
    world.run(1_500);
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    expect(viewBalance(world.state)).toEqual({ total: 70n, usable: 70n });
    world.run(5_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "no_node_reachable" });
    expect(viewBalance(world.state)).toEqual({ total: 70n, usable: 70n });
    for (const node of world.nodes) node.isReachable = true;
    const streams = effectsOf(world, "open-compact-stream").length;
    const resumed = world.state.durable.wallet!.scanned!.height;
    world.run(20_000);
    expect(sync(world).state).toBe("live");
    expect(effectsOf(world, "open-compact-stream")[streams]).toMatchObject({ from: resumed + 1 });
  });

  it("catch up in few scan jobs and few writes, with the stream paused at QUEUE_BLOCKS_MAX", () => {
    const world = new LightClientWorld(4, 3, { trustingMs: 100_000_000 });
    world.start();
    world.run(3_000);
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    for (let index = 0; index < 3_000; index++) world.mine({ coins: index % 500 === 0 ? [5n] : [] });
    world.nowMs = world.chain.tip.time;
    for (const node of world.nodes) node.isReachable = true;
    const before = world.log.length;
    world.start();
    world.run(30_000);
    const later = world.log.slice(before);
    expect(sync(world).state).toBe("live");
    expectTruth(world);
    const jobs = later.flatMap((effect) => (effect.type === "scan-outputs" ? [effect.job.blocks.length] : []));
    expect(Math.max(...jobs)).toBeLessThanOrEqual(SCAN_BLOCKS_MAX);
    expect(jobs.length).toBeLessThan(120);
    expect(later.some((effect) => effect.type === "pause-compact-stream")).toBe(true);
    expect(later.some((effect) => effect.type === "resume-compact-stream")).toBe(true);
    expect(world.chain.items.length).toBeGreaterThan(QUEUE_BLOCKS_MAX);
  });
});

describe("a payment", () => {
  function funded(seed = 5, nodeCount = 3): LightClientWorld {
    const world = liveWorld(seed, nodeCount);
    world.mine({ coins: [100n, 40n] });
    world.run(1_500);
    return world;
  }

  it("[NW-3] is stored with its bytes before it leaves, to a node other than the data source", () => {
    const world = funded();
    const before = world.log.length;
    world.pay("one", 30n);
    expect(viewBalance(world.state)).toEqual({ total: 140n, usable: 40n });
    world.run(60);
    const kinds = world.log.slice(before).map((effect) => effect.type);
    const stored = kinds.indexOf("payment-stored");
    expect(kinds.lastIndexOf("write", stored)).toBeGreaterThanOrEqual(0);
    expect(kinds.indexOf("submit-transaction")).toBeGreaterThan(kinds.indexOf("write"));
    const [submit] = effectsOf(world, "submit-transaction");
    expect(submit).toMatchObject({ delayMaxMs: 100 });
    expect(submit!.node).not.toBe(world.state.data!.node);
    world.run(100);
    expect(viewHistory(world.state)[0]).toMatchObject({
      direction: "out",
      amount: 30n,
      fee: 2n,
      state: "sent",
      id: formatHex(submit!.txid),
    });
    world.run(2_000);
    expect(viewHistory(world.state).find((row) => row.direction === "out")).toMatchObject({ state: "final" });
    expect(viewBalance(world.state)).toEqual({ total: 108n, usable: 108n });
    expectTruth(world);
    expect(effectsOf(world, "submit-transaction")).toHaveLength(1);
  });

  it("[NW-3] is nobody's tap any more after a restart: it waits like every repeat", () => {
    const world = funded();
    for (const node of world.nodes) node.takesPayments = false;
    world.pay("one", 30n);
    world.pay("two", 35n);
    world.run(1_000);
    const before = effectsOf(world, "submit-transaction").length;
    world.start();
    world.run(1_000);
    const repeats = effectsOf(world, "submit-transaction").slice(before);
    expect(repeats.map((each) => each.delayMaxMs)).toEqual([2_000, 2_000]);
  });

  it("goes to the only node there is, if there is only one", () => {
    const world = funded(6, 1);
    world.pay("one", 30n);
    world.run(3_000);
    expect(viewHistory(world.state).find((row) => row.direction === "out")).toMatchObject({ state: "final" });
  });

  it("[NW-3] goes to another node every 30 s while it is not final, with the same bytes, and sooner to the next if one is gone", () => {
    const world = funded(7, 4);
    for (const node of world.nodes) node.takesPayments = false;
    world.pay("one", 30n);
    world.run(3 * RESEND_MS + 5_000);
    const sends = world.submissions;
    expect(sends).toHaveLength(4);
    expect(new Set(sends.map((each) => each.bytes)).size).toBe(1);
    expect(sends[1]!.node).not.toBe(sends[0]!.node);
    expect(sends[1]!.atMs - sends[0]!.atMs).toBeGreaterThanOrEqual(RESEND_MS);
    expect(sends.every((each) => each.node !== world.state.data!.node)).toBe(true);
    const data = world.state.data!.node;
    for (const [node, behaviour] of world.nodes.entries()) behaviour.isReachable = node === data;
    const before = sends.length;
    world.run(RESEND_MS + 10_000);
    expect(sends.length - before).toBeGreaterThan(2);
  });

  it("[TX-2] fails when its time is over, frees the coins and may be made again", () => {
    const world = funded(8);
    for (const node of world.nodes) node.takesPayments = false;
    world.pay("one", 30n);
    world.run(21 * 60_000, 5_000);
    expect(viewHistory(world.state)[0]).toMatchObject({ state: "failed", canRetry: true });
    expect(viewBalance(world.state)).toEqual({ total: 140n, usable: 140n });
    const count = world.submissions.length;
    world.run(2 * RESEND_MS);
    expect(world.submissions).toHaveLength(count);
  });

  it("is refused when its notes went to another one, and when the proposal is too old", () => {
    const world = funded(9);
    const proposal = world.pay("one", 30n)!;
    world.send({ type: "payment-confirmed", proposalId: "two", proposal });
    world.send({
      type: "payment-confirmed",
      proposalId: "old",
      proposal: { ...proposal, madeMs: (world.nowMs - 700_000) as never },
    });
    world.send({ type: "payment-confirmed", proposalId: "fee", proposal: { ...proposal, feeMultiplier: 1001 } });
    expect(effectsOf(world, "payment-refused")).toMatchObject([
      { proposalId: "two", code: "funds_changed" },
      { proposalId: "old", code: "proposal_expired" },
      { proposalId: "fee", code: "proposal_expired" },
    ]);
  });

  it("a build that came out wrong frees the notes and sends nothing", () => {
    const world = funded(10);
    world.pay("one", 30n);
    world.send({ type: "payment-built", proposalId: "one", result: { ok: false, code: "check_failed" } });
    expect(effectsOf(world, "payment-refused")).toMatchObject([{ proposalId: "one", code: "build_failed" }]);
    expect(viewBalance(world.state)).toEqual({ total: 140n, usable: 140n });
    world.run(5_000);
    expect(world.submissions).toEqual([]);
  });

  it("a spend by another device with the same words fails it and lowers the balance", () => {
    const world = funded(11);
    for (const node of world.nodes) node.takesPayments = false;
    const proposal = world.pay("one", 30n)!;
    world.run(100);
    world.spendElsewhere(proposal.inputs[0]!);
    world.run(1_000);
    expect(viewHistory(world.state)[0]).toMatchObject({ state: "failed" });
    expect(viewBalance(world.state)).toEqual({ total: 40n, usable: 40n });
  });
});

describe("nodes", () => {
  it("one that streams a forged block loses its place, another one takes over", () => {
    const world = new LightClientWorld(20);
    for (const node of world.nodes.slice(0, 2)) {
      node.lie = (item) => ({ ...item, compact: { ...item.compact, spent: [0 as never] } });
    }
    world.start();
    world.mine({ coins: [9n] });
    world.run(5_000);
    expect(sync(world).state).toBe("live");
    expect(world.state.data!.node).toBe(2);
    expect(world.state.nodes).toContainEqual(expect.objectContaining({ phase: "idle", fault: "bad_certificate" }));
    expectTruth(world);
  });

  it("one that says less than two thirds signed loses its place", () => {
    const world = new LightClientWorld(21);
    world.start();
    world.run(1_500);
    const liar = world.state.data!.node;
    world.nodes[liar]!.lie = ({ certificate, ...item }) => ({
      ...item,
      certificate: { ...certificate, signers: certificate.signers.map((signs, seat) => signs && seat === 0) },
    });
    world.run(5_000);
    expect(world.state.nodes[liar]!.fault).toBe("bad_certificate");
    expect(sync(world).state).toBe("live");
  });

  it("when all of them lie, the client is offline and says why", () => {
    const world = new LightClientWorld(22);
    for (const node of world.nodes) node.lie = (item) => ({ ...item, outputs: undefined });
    world.start();
    world.run(5_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "bad_certificate" });
  });

  it("those that end every stream are passed over for one that does not", () => {
    const world = new LightClientWorld(28);
    for (const node of world.nodes.slice(0, 2)) node.isPruned = true;
    world.start();
    world.run(3_000);
    expect(world.state.data!.node).toBe(2);
    const streams = effectsOf(world, "open-compact-stream").length;
    world.run(30_000);
    expect(effectsOf(world, "open-compact-stream")).toHaveLength(streams);
    expect(sync(world).state).toBe("live");
  });

  it("two entries of one host share its connection", () => {
    const world = liveWorld(29);
    const { peer } = world.state.data!;
    const node = world.state.data!.node === 0 ? 1 : 0;
    world.nodes[node]!.isReachable = false;
    world.send({ type: "peer-disconnected", peer: world.state.nodes[node]!.peer! });
    const before = world.log.length;
    while (world.state.nodes[node]!.phase !== "connecting") world.run(50);
    world.send({ type: "peer-connected", peer, node, list: world.state.nodeList });
    expect(world.log.slice(before).filter((effect) => effect.type === "disconnect")).toEqual([]);
    expect(world.state.data!.peer).toBe(peer);
    expect(world.state.nodes[node]!.phase).toBe("idle");
  });

  it("a silent one is left for one that is further on", () => {
    const world = liveWorld(23);
    const silent = world.state.data!.node;
    world.nodes[silent]!.isSilent = true;
    world.run(60_000);
    expect(sync(world).state).toBe("live");
    expect(world.state.data!.node).not.toBe(silent);
  });

  it("one that claims blocks nobody has made cannot keep a client that follows the chain from being live", () => {
    const world = new LightClientWorld(16, 3);
    world.nodes[2]!.claims = 1_000_000_000;
    world.start();
    world.run(3_000);
    const states = Array.from({ length: 30 }, () => {
      world.run(1_000);
      return sync(world).state;
    });
    expect(new Set(states)).toEqual(new Set(["live"]));
  });

  it("[ST-6] a halt of the whole chain is told, not blamed on the nodes", () => {
    const world = liveWorld(24);
    const data = world.state.data!;
    world.run(40_000, 1_000_000);
    expect(sync(world)).toMatchObject({ state: "live", isFinalityLate: true });
    expect(world.state.data!.peer).toBe(data.peer);
    expect(effectsOf(world, "notify").at(-1)!.changed).toContain("sync");
    world.run(3_000);
    expect(sync(world)).toMatchObject({ state: "live", isFinalityLate: false });
  });

  it("[LC-3] a witness with another block at a height we know loses its place, our chain stays", () => {
    const world = liveWorld(25);
    const witness = world.state.nodes.findIndex(
      (node, index) => node.peer !== undefined && index !== world.state.data!.node,
    );
    const { peer } = world.state.nodes[witness]!;
    const status = { chainId: 1000, genesis: world.genesisHash, height: 2, blockId: hash32("other"), oldestBlock: 0 };
    world.send({ type: "status-received", peer: peer!, status });
    world.run(100);
    expect(world.state.nodes[witness]).toMatchObject({ phase: "idle", fault: "false_witness" });
    world.run(2_000);
    expect(sync(world).state).toBe("live");
  });

  it("one of another network is left alone; a device of another network touches nothing", () => {
    const world = liveWorld(26);
    world.mine({ coins: [5n] });
    world.run(1_500);
    const before = new Map(world.store);
    world.genesisHash = hash32("another genesis");
    world.start();
    world.run(10_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "wrong_network" });
    expect(world.store).toEqual(before);
    expect(effectsOf(world, "connect").filter((_, index) => index > 100)).toEqual([]);
  });

  it("events of a connection that was given up mean nothing", () => {
    const world = liveWorld(27);
    const old = world.state;
    world.send({ type: "compact-block-received", peer: "nobody", item: world.chain.items[1]! });
    world.send({ type: "frame-refused", peer: "nobody", reason: "x" });
    world.send({ type: "outputs-scanned", jobId: 999, result: { notes: [] } });
    world.send({ type: "payment-built", proposalId: "?", result: { ok: false, code: "check_failed" } });
    expect(world.state.durable).toBe(old.durable);
    expect(world.state.nodes).toEqual(old.nodes);
  });
});

describe("old trust", () => {
  function asleep(seed: number): LightClientWorld {
    const world = liveWorld(seed);
    world.mine({ coins: [70n] });
    world.run(1_500);
    for (let index = 0; index < 400; index++)
      world.mine({ isEpochEnd: index % 60 === 0, coins: index === 200 ? [5n] : [] });
    world.nowMs = world.chain.tip.time;
    return world;
  }
  const boundaryBelow = (world: LightClientWorld): number =>
    world.chain.items.findLast(({ header }) => header.isEpochEnd)!.header.height;

  it("[LC-4] without a fresh checkpoint the client waits and asks for one", () => {
    const world = asleep(30);
    world.start();
    world.run(3_000);
    expect(sync(world)).toMatchObject({ state: "offline", problem: "checkpoint_too_old" });
    expect(viewBalance(world.state)).toEqual({ total: 70n, usable: 70n });
    world.checkpointHeight = boundaryBelow(world);
    world.run(8_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
    expectTruth(world);
  });

  it("[LC-4] blocks on the way to a checkpoint are neither stored nor shown until it is reached", () => {
    const world = asleep(31);
    world.checkpointHeight = boundaryBelow(world);
    const { height: stood } = world.state.durable.wallet!.scanned!;
    // The data source stops right below the checkpoint.
    const limit = world.checkpointHeight - 1;
    for (const node of world.nodes)
      node.lie = (item) => (item.header.height <= limit ? item : { ...item, outputs: undefined });
    world.start();
    world.run(2_000);
    expect(world.state.durable.wallet!.scanned!.height).toBe(stood);
    expect(viewBalance(world.state)).toEqual({ total: 70n, usable: 70n });
    for (const node of world.nodes) node.lie = undefined;
    world.start();
    world.run(2_000);
    expect(sync(world).state).toBe("live");
    expectTruth(world);
  });

  it("[LC-4] a chain that misses the checkpoint is thrown away as a whole", () => {
    const world = asleep(32);
    const at = boundaryBelow(world);
    world.checkpointHeight = at;
    const honest = world.config;
    world.checkpointHeight = undefined;
    const before = new Map(world.store);
    world.start();
    const bad = { ...honest, checkpoint: { ...honest.checkpoint, blockId: hash32("not this one") } };
    world.send({ type: "network-configured", config: bad });
    world.run(3_000);
    expect(world.store).toEqual(before);
    expect(viewBalance(world.state)).toEqual({ total: 70n, usable: 70n });
    expect(world.state.nodes.some((node) => node.fault === "bad_certificate")).toBe(true);
  });

  it("a live client whose chain stood still past trusting_ms goes on with the next checkpoint", () => {
    const world = liveWorld(33);
    world.run(world.params.trustingMs + 10_000, 10_000_000);
    world.mine({ isEpochEnd: true, afterMs: world.params.trustingMs + 9_000, coins: [3n] });
    expect(world.state.data).toBeDefined();
    world.checkpointHeight = world.chain.tip.height;
    world.run(30_000);
    expect(sync(world).state).toBe("live");
    expectTruth(world);
  });
});

describe("the store", () => {
  it("[EN-4] damaged records stop the client before it changes anything", () => {
    const world = liveWorld(40);
    world.mine({ coins: [5n] });
    world.run(1_500);
    // What was last shown decides nothing: it is never read here.
    for (const key of [...world.store.keys()].filter((each) => each !== SHOWN_KEY)) {
      const good = world.store.get(key)!;
      for (const [bytes, isNewer] of [
        [Uint8Array.of(9, ...good.slice(1)), true],
        [good.slice(0, -1), false],
      ] as const) {
        world.store.set(key, bytes);
        world.start();
        expect(world.state.phase).toBe("halted");
        expect(effectsOf(world, "storage-unreadable").at(-1)).toEqual({ type: "storage-unreadable", key, isNewer });
        world.run(1_000);
        expect(world.store.get(key)).toBe(bytes);
      }
      world.store.set(key, good);
    }
    world.start();
    world.run(2_000);
    expect(sync(world).state).toBe("live");
  });

  it("keeps what the person has seen, and the newest address", () => {
    const world = liveWorld(41);
    world.send({ type: "words-seen" });
    world.send({ type: "fresh-address-wanted" });
    world.start();
    expect(world.state.durable.wallet).toMatchObject({ wordsSeen: true, addressIndex: 1, birthday: height(1) });
  });
});

describe("killed at any line", () => {
  const seeds = Array.from({ length: runs(24, 10_000) }, (_, index) => index + 1);

  it("no note is lost or doubled, every stored payment ends, always with the same bytes", () => {
    let kills = 0;
    for (const seed of seeds) kills += runKilled(seed);
    expect(kills).toBeGreaterThan(seeds.length);
  });
});

/** A few minutes of coins, payments and kills, then a quiet time after which everything must add up. */
function runKilled(seed: number): number {
  const world = new LightClientWorld(seed);
  const { numbers } = world;
  world.killShare = 0.02;
  world.start();
  for (let round = 0; round < 25; round++) {
    if (numbers.chance(0.3)) world.mine({ coins: [BigInt(numbers.between(5, 60))] });
    if (numbers.chance(0.4)) world.pay(`${round}`, BigInt(numbers.between(1, 20)));
    if (numbers.chance(0.1)) world.nodes[numbers.between(0, 2)]!.isReachable = numbers.chance(0.5);
    if (numbers.chance(0.1)) world.nodes[numbers.between(0, 2)]!.takesPayments = numbers.chance(0.7);
    world.run(numbers.between(50, 2_500));
  }
  const isDead = world.state.phase === "new";
  expect(isDead).toBe(false);
  world.killShare = 0;
  for (const node of world.nodes) Object.assign(node, { isReachable: true, takesPayments: true });
  world.checkpointHeight = world.chain.items.findLast(({ header }) => header.isEpochEnd)!.header.height;
  world.run(100_000);
  const label = `seed ${seed}`;
  expect(sync(world).state, label).toBe("live");
  expectTruth(world);
  const total = [...world.truth().values()].reduce((sum, value) => sum + value, 0n);
  expect(viewBalance(world.state), label).toEqual({ total, usable: total });
  const payments = [...world.state.durable.wallet!.payments.values()];
  expect(
    payments.every((payment) => payment.state === "final" || payment.state === "failed"),
    label,
  ).toBe(true);
  const bytesOf = new Map<string, string>();
  for (const { txid, bytes } of world.submissions) {
    expect(bytesOf.get(txid) ?? bytes, label).toBe(bytes);
    bytesOf.set(txid, bytes);
    // Nothing leaves that a restart would not know of.
    expect(
      payments.some((payment) => formatHex(payment.txid) === txid),
      label,
    ).toBe(true);
  }
  return world.kills;
}
