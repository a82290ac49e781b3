import { describe, expect, it } from "vitest";
import { verifyCertificate } from "../../../../src/core/chain/certificate.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { NODE_CONNECTIONS_MAX } from "../../../../src/core/machines/light-client-nodes.ts";
import { viewBalance, viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { COMPARE_EVERY_MS, COMPARE_RETRY_MS } from "../../../../src/core/machines/light-client-witness.ts";
import { decodeForkEvidence } from "../../../../src/core/sync/fork-evidence.ts";
import type { HeaderItem } from "../../../../src/core/sync/compact-item.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import { validatorsOf } from "../../../support/consensus-chain.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const effectsOf = <Type extends string>(world: LightClientWorld, type: Type) =>
  world.log.filter((effect): effect is Extract<(typeof world.log)[number], { type: Type }> => effect.type === type);
const sync = (world: LightClientWorld) => viewSync(world.state, world.nowMs);
const compared = (world: LightClientWorld) => world.headerQuestions.filter(({ boundariesOnly }) => !boundariesOnly);
const forged = (items: readonly HeaderItem[]): readonly HeaderItem[] =>
  items.map((item) => ({ ...item, header: { ...item.header, txsRoot: hash32("forged") } }));

function liveWorld(seed: number, operators?: readonly string[], params = {}): LightClientWorld {
  const world = new LightClientWorld(seed, operators?.length ?? 3, params);
  operators?.forEach((operator, node) => (world.nodes[node]!.operator = operator));
  world.start();
  world.run(4_000);
  expect(sync(world).state).toBe("live");
  return world;
}

/** A client that follows one chain while some nodes are on another, which has as many signatures. */
function forkedWorld(seed: number, liars: readonly number[], seats?: readonly number[]): LightClientWorld {
  const world = new LightClientWorld(seed);
  for (let index = 0; index < 5; index++) world.mine({ isEpochEnd: index === 2 });
  const other = world.chain.fork(world.chain.tip.height);
  other.add({ afterMs: 1_500, ...(seats === undefined ? {} : { seats }) });
  world.chain.add({ afterMs: 1_500, spent: [] });
  world.mine({ coins: [70n] });
  world.nowMs = world.chain.tip.time;
  for (const node of liars) world.nodes[node]!.chain = other;
  return world;
}

/** Others come first, so that this one is no source. */
function startWithout(world: LightClientWorld, node: number): void {
  world.nodes[node]!.isReachable = false;
  world.start();
  world.run(2_000);
  world.nodes[node]!.isReachable = true;
  world.run(30_000);
}

describe("comparing with witnesses", () => {
  it("[LC-3] [NW-10] asks another operator's node at the start and every ten minutes, never the source of the blocks", () => {
    const world = liveWorld(1, ["a", "a", "b"], { trustingMs: 10_000_000 });
    const isOther = ({ node }: { readonly node: number }): boolean => {
      return world.nodes[node]!.operator !== world.nodes[world.state.data!.node]!.operator;
    };
    expect(compared(world)).toMatchObject([{ count: 1 }]);
    expect(world.state.durable.root!.header.height).toBe(compared(world)[0]!.from);
    world.run(COMPARE_EVERY_MS - 10_000, 5_000);
    expect(compared(world)).toHaveLength(1);
    world.run(20_000, 5_000);
    expect(compared(world)).toHaveLength(2);
    expect(compared(world).every(isOther)).toBe(true);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("[NW-10] connects to as many operators as the network file offers", () => {
    const world = liveWorld(2, ["a", "a", "a", "b", "b", "c"]);
    const held = [...world.state.nodes.keys()].filter((node) => world.state.nodes[node]!.phase === "connected");
    expect(held).toHaveLength(NODE_CONNECTIONS_MAX);
    expect(held.map((node) => world.nodes[node]!.operator)).toEqual(["a", "b", "c"]);
  });

  it("[NW-10] where all nodes are one operator's, another connection is still better than none", () => {
    const world = liveWorld(3, ["a", "a"]);
    expect(compared(world)).toMatchObject([{ node: 1 - world.state.data!.node }]);
    world.run(COMPARE_EVERY_MS / 2, 1_000);
    expect(compared(world)).toHaveLength(1);
  });

  it("asks the next one soon where the first says nothing, and blames nobody for it", () => {
    const world = new LightClientWorld(4);
    world.nodes[1]!.answerHeaders = () => "silent";
    world.nodes[2]!.answerHeaders = () => [];
    world.start();
    world.run(2 * COMPARE_RETRY_MS + 25_000);
    expect(new Set(compared(world).map(({ node }) => node))).toEqual(new Set([1, 2]));
    expect(world.state.nodes.map(({ fault }) => fault)).toEqual([undefined, undefined, undefined]);
    expect(sync(world).state).toBe("live");
  });

  it("survives a restart: judging goes on from what a witness has confirmed", () => {
    const world = liveWorld(5);
    const { root } = world.state.durable;
    world.start();
    expect(world.state.durable.root).toEqual(root);
    const { header } = world.state.chain!;
    // A certificate takes long to check, and until somebody is there nobody waits for it.
    expect(world.state.trust.proven).toEqual([]);
    while (world.state.nodes.every(({ peer }) => peer === undefined)) world.run(10);
    expect(world.state.trust.proven[0]).toMatchObject({ header });
  });

  it("[LC-4] what is stored counts for a checkpoint that is entered before anybody is there", () => {
    const world = liveWorld(6);
    for (const node of world.nodes) node.isReachable = false;
    world.start();
    world.run(100);
    const name = { height: world.state.chain!.header.height, idStart: new Uint8Array(16) };
    world.send({ type: "checkpoint-entered", entryId: "x", name });
    expect(effectsOf(world, "checkpoint-judged")).toMatchObject([{ code: "other_chain" }]);
  });
});

describe("witnesses that lie", () => {
  it("[LC-3] one that shows a forged header is dropped and named, the chain goes on", () => {
    const world = new LightClientWorld(10, 2);
    world.nodes[1]!.answerHeaders = forged;
    startWithout(world, 1);
    expect(world.state.nodes[1]).toMatchObject({ phase: "idle", fault: "false_witness" });
    expect(effectsOf(world, "node-dropped")).toEqual([{ type: "node-dropped", node: 1, fault: "false_witness" }]);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
    expect(world.state.durable.root!.header.height).toBe(0);
  });

  it("[LC-3] one whose chain has a third of the power too few behind it is dropped and named", () => {
    const world = forkedWorld(11, [1], [0]);
    startWithout(world, 1);
    expect(world.state.nodes[1]!.fault).toBe("false_witness");
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
    expect(viewBalance(world.state)).toMatchObject({ total: 70n });
  });

  it("[LC-3] one that claims another block and shows ours contradicts itself", () => {
    const world = liveWorld(12);
    const { peer } = world.state.nodes[1]!;
    const status = { chainId: 1000, genesis: world.genesisHash, height: 2, blockId: hash32("other"), oldestBlock: 0 };
    world.send({ type: "status-received", peer: peer!, status });
    world.run(100);
    expect(world.state.nodes[1]).toMatchObject({ phase: "idle", fault: "false_witness" });
  });

  it("one that leads its judge on for ever is left", () => {
    const world = forkedWorld(13, [1]);
    world.nodes[1]!.answerHeaders = (items) => (items[0]?.header.isEpochEnd === true ? "silent" : items);
    for (let index = 0; index < 30; index++) world.mine({ isEpochEnd: false });
    world.nowMs = world.chain.tip.time;
    startWithout(world, 1);
    expect(world.state.phase).toBe("running");
    expect(sync(world).state).toBe("live");
    expect(world.state.trust.questions).toHaveLength(0);
  });
});

describe("a fork", () => {
  function expectFork(world: LightClientWorld): void {
    expect(world.state).toMatchObject({ phase: "halted", problem: "fork", data: undefined });
    expect(sync(world)).toMatchObject({ state: "offline", problem: "fork", isFinalityLate: false });
    const { ours, theirs } = decodeForkEvidence(world.store.get("fork")!);
    expect(ours.header.height).toBe(theirs.header.height);
    for (const { header, certificate } of [ours, theirs]) {
      const { nextValidators } = world.chain.headerItem(0);
      const id = blockId(header);
      expect(verifyCertificate(fakeBls, 1000, header.height, id, certificate, nextValidators!)).toBe(true);
    }
  }

  it("[LC-3] stops the client, keeps both headers and certificates, and is still there after a restart", () => {
    const world = forkedWorld(20, [1]);
    startWithout(world, 1);
    expectFork(world);
    expect(effectsOf(world, "notify").at(-1)!.changed).toContain("sync");
    // Stored before anything else of the step, and nothing but hanging up follows.
    const at = world.log.findIndex(
      (effect) => effect.type === "write" && effect.puts.some(({ key }) => key === "fork"),
    );
    expect(new Set(world.log.slice(at + 1).map(({ type }) => type))).toEqual(new Set(["disconnect", "notify"]));
    const before = new Map(world.store);
    world.start();
    const count = world.log.length;
    world.run(20_000);
    expectFork(world);
    expect(viewBalance(world.state)).toMatchObject({ total: 70n });
    expect(world.log.slice(count)).toEqual([]);
    expect(world.store).toEqual(before);
  });

  it("[LC-3] leaves the person's own matters alone: words and addresses, but no payment and no checkpoint", () => {
    const world = forkedWorld(21, [1]);
    startWithout(world, 1);
    expect(world.state.phase).toBe("halted");
    expect(world.pay("one", 30n)).toBeUndefined();
    world.send({ type: "fresh-address-wanted" });
    world.send({ type: "words-seen" });
    world.start();
    expect(world.state.durable.wallet).toMatchObject({ addressIndex: 1, wordsSeen: true });
    const name = { height: world.chain.tip.height, idStart: new Uint8Array(16) };
    expect(world.send({ type: "checkpoint-entered", entryId: "x", name })).toEqual([
      { type: "checkpoint-judged", entryId: "x", code: "not_ready" },
    ]);
  });

  it("[LC-3] answers whoever waits: a payment that a worker still signs, and a checkpoint that is asked for", () => {
    const world = forkedWorld(23, [1]);
    world.nodes[1]!.isReachable = false;
    world.start();
    world.run(2_000);
    world.nodes[1]!.isReachable = true;
    while (world.state.trust.check === undefined) world.run(5, 1_000_000);
    expect(world.pay("open", 30n)).toBeDefined();
    const name = { height: height(2), idStart: new Uint8Array(16) };
    world.send({ type: "checkpoint-entered", entryId: "open", name });
    // The worker never ends.
    const send = world.send.bind(world);
    world.send = (event) => (event.type === "payment-built" ? [] : send(event));
    world.run(30_000);
    expectFork(world);
    expect(effectsOf(world, "payment-refused")).toEqual([
      { type: "payment-refused", proposalId: "open", code: "proposal_expired" },
    ]);
    expect(effectsOf(world, "checkpoint-judged")).toHaveLength(1);
    expect(viewBalance(world.state)).toEqual({ total: 70n, usable: 70n });
  });

  it("[LC-3] is found where the whole source changes: the next one's blocks do not follow on ours", () => {
    const world = forkedWorld(22, [0]);
    for (const node of [1, 2]) world.nodes[node]!.isReachable = false;
    world.start();
    world.run(3_000);
    expect(sync(world).state).toBe("live");
    for (const [node, behaviour] of world.nodes.entries()) behaviour.isReachable = node !== 0;
    world.start();
    world.run(10_000);
    expectFork(world);
  });

  it("[LC-3] a source whose blocks do not follow on ours and who has nothing to show for it is only dropped", () => {
    const world = liveWorld(23);
    const source = world.state.data!.node;
    world.nodes[source]!.lie = (item) => ({ ...item, header: { ...item.header, prev: hash32("nowhere") } });
    world.run(3_000);
    expect(world.state.nodes[source]!.fault).toBe("false_witness");
    expect(sync(world).state).toBe("live");
  });
});

describe("[LC-2] [LC-3] skipping to a boundary that a third of the trusted power and strangers have signed", () => {
  /** The source's chain: one key of more than a third has changed sides, two strangers have joined it. */
  function skippedWorld(seed: number, traitor: number): LightClientWorld {
    const world = new LightClientWorld(seed, 3, { trustingMs: 1_000_000 });
    for (let index = 0; index < 10; index++) world.mine({ isEpochEnd: index === 9 });
    const strangers = validatorsOf(
      fakeBls,
      new Map([
        [traitor, 1],
        [70, 1],
        [71, 1],
      ]),
    );
    const other = world.chain.fork(world.chain.tip.height);
    other.add({ nextValidators: strangers, seats: [] });
    for (let index = 1; index < 100; index++) other.add({ isEpochEnd: index % 10 === 0 });
    for (let index = 0; index < 100; index++) world.mine({ isEpochEnd: index % 10 === 0 });
    world.nodes[0]!.chain = other;
    world.nowMs = world.chain.tip.time;
    world.hasWallet = false;
    world.start();
    world.send({ type: "wallet-opened", restore: { birthdayMs: undefined } });
    return world;
  }

  it("is caught by a witness before anything of it counts", () => {
    // Key 0 has 3 of 7.
    const world = skippedWorld(30, 0);
    world.run(5_000);
    expect(world.state).toMatchObject({ phase: "halted", problem: "fork" });
    expect(world.state.durable.chain).toBeUndefined();
    expect(world.state.durable.wallet!.scanned).toBeUndefined();
    const { ours, theirs } = decodeForkEvidence(world.store.get("fork")!);
    expect(ours.header).toEqual(world.nodes[0]!.chain!.items[ours.header.height]!.header);
    expect(theirs.header).toEqual(world.chain.items[theirs.header.height]!.header);
  });

  it("does not even get that far with less, and the restore goes on from the others", () => {
    // Key 1 has 2 of 7.
    const world = skippedWorld(31, 1);
    world.run(15_000);
    expect(["bad_certificate", "false_witness"]).toContain(world.state.nodes[0]!.fault);
    expect(world.state.phase).toBe("running");
    const newest = world.chain.items.findLast(({ header }) => header.isEpochEnd && header.time < world.nowMs - 12_000)!;
    expect(world.state.chain!.header.height).toBeGreaterThanOrEqual(newest.header.height);
    expect(world.state.durable.chain!.isFeeKnown).toBe(false);
  });
});
