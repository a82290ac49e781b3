import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decodeCertificate } from "../../../src/core/chain/certificate.ts";
import { decodeBlock } from "../../../src/core/chain/block.ts";
import { encodeGenesis } from "../../../src/core/chain/genesis.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import type { NetworkPort } from "../../../src/core/ports/network-port.ts";
import { blockCommit } from "../../../src/core/state/block-outcome.ts";
import { examineBlock } from "../../../src/core/state/examine-block.ts";
import { executeBlock } from "../../../src/core/state/execute-block.ts";
import { decodeLedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { ZERO_HASH, type Hash } from "../../../src/core/values/hash.ts";
import { height, leafIndex, timeMs } from "../../../src/core/values/height.ts";
import type { RuleNumber } from "../../../src/core/values/rule-number.ts";
import { joinSnapshot, type JoinParts } from "../../../src/node/join/join-snapshot.ts";
import { openLedger } from "../../../src/node/open-ledger.ts";
import { serveSnap } from "../../../src/node/network/serve-snap.ts";
import { openLevelStore, type DiskStore } from "../../../src/node/storage/level-store.ts";
import { decodeSnapRequest, encodeSnapPinned } from "../../../src/wire/requests/snap.ts";
import { END_FRAME } from "../../../src/wire/frame.ts";
import { HDR_HEADERS_MAX } from "../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../src/wire/protocols.ts";
import { decodeHdrRequest, encodeHdrItem } from "../../../src/wire/requests/hdr.ts";
import { fetchBoundaries } from "../../../src/node/network/fetch-snapshot.ts";
import { FakeNetwork } from "../../support/fake-network.ts";
import { fakeBls } from "../../support/fake-bls.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import { LedgerNode } from "../../support/ledger-node.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { PacketBuilder, type TestPacket } from "../../support/packet-builder.ts";
import { spoil, twistedHost, type Twist } from "../../support/twisted-host.ts";

describe("[BL-12] a node that joins by a snapshot", { timeout: 120_000 }, () => {
  let curve: CurveBackend;
  let builder: LedgerBuilder;
  let node: LedgerNode;
  /** Another chain from the same genesis by the same keys, as whoever has bought old ones makes it; boundaries later. */
  let fork: LedgerNode;
  let boundary: { readonly height: number; readonly blockId: Hash; readonly tip: Uint8Array };
  const boundaries: number[] = [0];
  /** Its one share was drawn below the boundary, and lives. */
  let endedPacket: TestPacket;
  let openPacket: TestPacket;

  beforeAll(async () => {
    curve = await openBackend(buildKernel);
    const params = { epochMs: 60_000 };
    builder = new LedgerBuilder({ label: "joining", curve, params, noteCount: 14 });
    node = await LedgerNode.open(builder, new MemoryStore());
    const extend = async (outputs: number): Promise<void> => {
      const spends = builder.notes.sort((left, right) => Number(right.amount - left.amount)).splice(0, 1);
      const transfers =
        outputs === 0 ? [] : [builder.transfer(spends, [0n, ...Array.from({ length: outputs - 1 }, () => 7n)])];
      await act(transfers);
    };
    const act = async (transactions: Parameters<LedgerNode["extend"]>[0]): Promise<void> => {
      await node.extend(transactions, 31_000);
      if (builder.tip.header.isEpochEnd) {
        boundaries.push(builder.tip.header.height);
        const tip = node.store.tip()!;
        boundary = { height: builder.tip.header.height, blockId: builder.tip.blockId, tip };
      }
    };
    for (let count = 0; count < 12; count++) await extend(100);
    const packets = new PacketBuilder(builder);
    const [ended, open] = [[5_000_000n], Array.from({ length: 9 }, (_, index) => BigInt(1 + index))].map((amounts) =>
      packets.make(amounts, { lifeMs: 3_600_000 }),
    );
    await act([packets.transfer([ended!, open!])]);
    [endedPacket, openPacket] = packets.live([ended!, open!]) as [TestPacket, TestPacket];
    await act([{ transaction: packets.claim(endedPacket), makes: [] }]);
    // What is claimed now is drawn behind the boundary.
    do await act([{ transaction: packets.claim(openPacket), makes: [] }]);
    while (!builder.tip.header.isEpochEnd || builder.ledger.leaf(endedPacket.leaf) !== undefined);
    expect(builder.tip.packets).toMatchObject({ count: 1, unsettled: [{ hasPending: true }] });
    expect(builder.tip.header.nextLeaf).toBeGreaterThan(1_100);
    // The chain goes on behind the boundary, and spends what lives there.
    await extend(3);
    await extend(0);
    await extend(0);
    expect(builder.tip.packets).toEqual({ count: 1, unsettled: [] });
    fork = await LedgerNode.open(
      new LedgerBuilder({ label: "joining", curve, params, noteCount: 14 }),
      new MemoryStore(),
    );
    expect(fork.builder.tip.chain.genesisHash).toEqual(builder.tip.chain.genesisHash);
    // Its epochs end later than those of the chain, so that nobody's follow on another's.
    for (let count = 0; count < 40; count++) await fork.extend([], 3_600_000);
    expect(fork.builder.tip.header.height).toBeGreaterThan(boundary.height);
  }, 120_000);

  let directory: string;
  let store: DiskStore;
  let network: FakeNetwork;
  let client: NetworkPort;
  /** Tiles from which each server was asked. */
  let asked: Map<string, number[]>;
  let lines: string[];
  let blamed: string[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-join-"));
    store = await openLevelStore(directory);
    network = new FakeNetwork();
    client = network.join("client");
    lines = [];
    blamed = [];
    asked = new Map();
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const serve = async (
    name: string,
    protocol?: string,
    twist: Twist = (frame) => frame,
    from = node,
  ): Promise<void> => {
    const host = network.join(name);
    const tilesAsked: number[] = [];
    asked.set(name, tilesAsked);
    const hear = (name: string, request: Uint8Array): void => {
      if (name === "snap") tilesAsked.push(decodeSnapRequest(request).fromTile);
    };
    const served = protocol === undefined ? host : twistedHost(host, protocol, twist, hear);
    await from.serve(served);
    await serveSnap(served, from.store);
    await client.dial(`/fake/${name}`, 100);
  };
  const verdict: { rule: RuleNumber | undefined } = { rule: undefined };
  const joinIt = (changes: Partial<JoinParts> = {}): Promise<number> =>
    joinSnapshot({
      store,
      network: client,
      genesis: encodeGenesis(builder.genesis),
      checkpoint: { height: height(boundaries[1]!), blockId: idAt(boundaries[1]!) },
      curve,
      bls: fakeBls,
      proofs: { verify: (claims) => Promise.resolve(claims.map(() => verdict.rule)) },
      blame: (peer) => blamed.push(peer),
      log: (line) => lines.push(line),
      connect: () => Promise.resolve(),
      ...changes,
    });
  const ids = new Map<number, Hash>();
  const idAt = (at: number): Hash => ids.get(at) ?? ZERO_HASH;
  beforeAll(async () => {
    const { blockId, decodeHeader } = await import("../../../src/core/chain/header.ts");
    for (const at of boundaries) ids.set(at, blockId(decodeHeader((await node.store.header(height(at)))!)));
  });
  const reopen = async (): Promise<void> => {
    await store.close();
    store = await openLevelStore(directory);
  };

  const expectJoined = async (): Promise<void> => {
    await reopen();
    expect(store.tip()).toEqual(boundary.tip);
    const state = (await node.store.leavesAt(height(boundary.height), leafIndex(0), 10_000))!;
    let live = 0;
    for await (const [leaf, record] of store.liveLeaves()) {
      expect(record).toEqual(state.live.get(leaf));
      expect(await store.rangeProof(leaf)).toEqual(await node.store.rangeProof(leaf));
      live++;
    }
    expect(live).toBe(state.live.size);
    expect(store.expiredPackets(openPacket.core.expiry, 10)).toEqual([openPacket.leaf]);
    expect(store.expiredPackets(timeMs(openPacket.core.expiry - 1), 10)).toEqual([]);
    // Nothing else proves what the coin drawn from it is worth.
    expect(await store.core(endedPacket.leaf)).toEqual(await node.store.core(endedPacket.leaf));
    expect(await store.rangeProof(endedPacket.leaf)).toEqual(endedPacket.coin.output.rangeProof);
    // LC-1 and ST-4 of later blocks look at boundaries and their sets.
    expect(await store.boundaries(height(0), 100)).toEqual(boundaries);
    for (const at of boundaries) {
      expect(await store.header(height(at))).toEqual(await node.store.header(height(at)));
      expect(await store.certificate(height(at))).toEqual(await node.store.certificate(height(at)));
    }
    const { header } = decodeLedgerTip(boundary.tip);
    expect(await store.validatorSet(header.nextValHash)).toEqual(await node.store.validatorSet(header.nextValHash));
    const next = boundary.height + 1;
    expect(store.keptFrom()).toEqual({ blocks: next, window: next, payloads: next });
    // It serves the same to the next one that joins.
    expect(store.readableBoundaries()).toEqual([boundary.height]);
    expect(await store.rangeRoots(height(boundary.height))).toEqual(
      await node.store.rangeRoots(height(boundary.height)),
    );
    expect(await store.snapshotTail(height(boundary.height))).toEqual(
      await node.store.snapshotTail(height(boundary.height)),
    );
    await expectFollows();
  };

  /** The next blocks are valid on the state that was joined, down to every root. */
  const expectFollows = async (): Promise<void> => {
    const opened = await openLedger(store, encodeGenesis(builder.genesis), { curve, bls: fakeBls });
    let { tip } = opened;
    for (let at = boundary.height + 1; at <= builder.tip.header.height; at++) {
      const block = decodeBlock((await node.store.block(height(at)))!);
      const { seatHistory } = builder;
      const deps = { bls: fakeBls, curve, isRangeProofVerified: () => true, seatHistory };
      const examined = examineBlock(deps, tip, store, block);
      if (!examined.ok) throw new Error(examined.rule);
      const result = executeBlock(curve, tip, store, examined);
      if (!result.ok) throw new Error(`${result.rule} ${result.field}`);
      const certificate = decodeCertificate((await node.store.certificate(height(at)))!);
      await store.commit(blockCommit(result, block, certificate));
      tip = result.tip;
    }
    expect(tip.blockId).toEqual(builder.tip.blockId);
    expect(store.tip()).toEqual(node.store.tip());
  };

  it("has the same state as who executed every block, and goes on from there", async () => {
    for (const name of ["a", "b", "c"]) await serve(name);
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual([]);
    await expectJoined();
  });

  it.each([
    ["a leaf", "snap", spoil(1, 60)],
    ["a height", "snap", spoil(1, 17)],
    ["a bitmap", "snap", spoil(1, 1)],
    ["a range proof", "snap", spoil(1, -3)],
    ["a pinned packet", "snap", spoil(4, 320)],
    ["a proof of a pinned packet", "snap", spoil(4, -3)],
    ["the tail", "snap", spoil(2, 60)],
    ["the end of the tail", "snap", spoil(2, -1)],
    [
      "range roots",
      "range",
      (frame: Uint8Array) =>
        frame[0] === 2 ? spoil(2, 5)(Uint8Array.from([...frame, ...new Uint8Array(64)]), frame) : frame,
    ],
    ["a boundary", "hdr", spoil(1, 40)],
    ["a certificate", "hdr", spoil(1, 620)],
  ] as const)("names and leaves a peer that gives a false %s, and joins by the others", async (_, protocol, twist) => {
    await serve("liar", protocol, twist);
    for (const name of ["b", "c"]) await serve(name);
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual(["liar"]);
    expect(lines.filter((line) => line.startsWith("liar gave a false snapshot"))).toHaveLength(1);
    await expectJoined();
  });

  it("[RP-5] names and leaves a peer that gives a false certificate of a block before the boundary", async () => {
    const twist: Twist = (frame, request) => {
      return decodeHdrRequest(request).boundariesOnly ? frame : spoil(1, 620)(frame, request);
    };
    await serve("liar", "hdr", twist);
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual(["liar"]);
    await expectJoined();
    for (let at = boundary.height - builder.tip.chain.params.claimRefWindow; at < boundary.height; at++) {
      if (at > 0) expect(await store.certificate(height(at))).toEqual(await node.store.certificate(height(at)));
    }
  });

  it("[BL-12] leaves a peer that shows coins without their packets, without blame, and joins by the others", async () => {
    await serve("silent", "snap", (frame) => (frame[0] === 4 ? encodeSnapPinned([]) : frame));
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual([]);
    expect(lines.filter((line) => line.startsWith("silent is left"))).toHaveLength(1);
    await expectJoined();
  });

  it("[BL-12] does not believe a coin whose packet nobody shows, and asks again at the next start", async () => {
    await serve("silent", "snap", (frame) => (frame[0] === 4 ? encodeSnapPinned([]) : frame));
    await expect(joinIt()).rejects.toMatchObject({ code: "no_snapshot" });
    expect(store.tip()).toBeUndefined();
    await reopen();
    client = network.join("client again");
    await serve("a");
    expect(await joinIt()).toBe(boundary.height);
    await expectJoined();
  });

  it("goes on after a kill with what it has, whoever it asks then", async () => {
    let sent = 0;
    // Dies in the second range.
    await serve("first", "snap", (frame) => (frame[0] === 1 && ++sent > 9 ? undefined : frame));
    await expect(joinIt()).rejects.toMatchObject({ name: "Refusal", code: "no_snapshot" });
    await reopen();
    expect(store.tip()).toBeUndefined();
    const stored = await store.joining().joinedRanges();
    expect(stored.size).toBe(1);
    client = network.join("client again");
    await serve("second", "snap");
    expect(await joinIt()).toBe(boundary.height);
    const [kept] = [...stored.keys()];
    const ranges = asked.get("second")!.map((tile) => Math.floor(tile / 8));
    expect(new Set(ranges.slice(1))).toEqual(new Set([kept === 0 ? 1 : 0]));
    await expectJoined();
  });

  it("passes over a peer that has dropped range proofs, without blame", async () => {
    const bare = Object.create(node.store) as typeof node.store;
    bare.rangeProof = () => Promise.resolve(undefined);
    const host = network.join("bare");
    await node.serve(host);
    await serveSnap(host, bare);
    await client.dial("/fake/bare", 100);
    await expect(joinIt()).rejects.toMatchObject({ code: "no_snapshot" });
    await serve("whole");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual([]);
  });

  it("takes no chain but the one its operator vouches for", async () => {
    await serve("a");
    const other = { height: height(boundaries[1]!), blockId: ZERO_HASH };
    await expect(joinIt({ checkpoint: other })).rejects.toMatchObject({ code: "other_checkpoint" });
    const inside = { height: height(1), blockId: ZERO_HASH };
    await expect(joinIt({ checkpoint: inside })).rejects.toMatchObject({ code: "other_checkpoint" });
    const ahead = { height: height(boundary.height + 1), blockId: ZERO_HASH };
    await expect(joinIt({ checkpoint: ahead })).rejects.toMatchObject({ code: "no_snapshot" });
    expect(store.tip()).toBeUndefined();
    // The fault may have been the operator's: whoever has the right block is asked again.
    expect(blamed).toEqual([]);
    expect(await joinIt()).toBe(boundary.height);
    await expectJoined();
  });

  it("[LC-4] leaves a chain that old keys have signed for one that holds the checkpoint", async () => {
    const unchanged: Twist = (frame) => frame;
    await serve("forger", "hdr", unchanged, fork);
    await serve("a");
    expect(await joinIt()).toBe(boundary.height);
    expect(lines).toContain("forger is left: its chain does not hold the checkpoint");
    expect(blamed).toEqual([]);
    await expectJoined();
  });

  it("[LC-4] does not take an honest peer's boundaries for lies because of others' before the checkpoint", async () => {
    // The forger ends one boundary before the checkpoint, where nothing tells its chain from the other.
    let told = 0;
    const short: Twist = (frame) => (frame[0] === 1 && ++told > 1 ? END_FRAME : frame);
    await serve("forger", "hdr", short, fork);
    const checkpoint = { height: height(boundaries.at(-1)!), blockId: idAt(boundaries.at(-1)!) };
    await expect(joinIt({ checkpoint })).rejects.toMatchObject({ code: "no_snapshot" });
    const [, theirs, ...more] = await store.boundaries(height(0), 100);
    expect(more).toEqual([]);
    expect(await store.header(theirs!)).toEqual(await fork.store.header(theirs!));
    expect(await store.header(theirs!)).not.toEqual(await node.store.header(theirs!));
    await reopen();
    client = network.join("client again");
    await serve("a");
    expect(await joinIt({ checkpoint })).toBe(boundary.height);
    expect(blamed).toEqual([]);
    await expectJoined();
  });

  it("asks anew when the checkpoint has changed since a kill", async () => {
    await serve("forger", "hdr", (frame) => frame, fork);
    const theirs = (await fork.store.boundaries(height(1), 1))[0]!;
    const { blockId, decodeHeader } = await import("../../../src/core/chain/header.ts");
    const wrong = { height: theirs, blockId: blockId(decodeHeader((await fork.store.header(theirs))!)) };
    verdict.rule = "TX-3";
    await expect(joinIt({ checkpoint: wrong })).rejects.toMatchObject({ name: "Refusal" });
    verdict.rule = undefined;
    await reopen();
    client = network.join("client again");
    await serve("a");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual([]);
    await expectJoined();
  });

  it("reads no more boundaries than it has asked for", async () => {
    await serve("a");
    const [first, second] = await fetchBoundaries(client, "a", height(1));
    let sent = 0;
    await network.join("endless").serve(PROTOCOL.hdr.name, PROTOCOL.hdr.served, async (stream) => {
      for await (const frame of stream.frames()) {
        expect(frame.length).toBeGreaterThan(0);
        const frames = [encodeHdrItem(first!), encodeHdrItem({ ...second!, nextValidators: undefined })] as const;
        for (; sent < 10 * HDR_HEADERS_MAX; sent++) await stream.send(frames[sent === 0 ? 0 : 1]);
      }
    });
    await client.dial("/fake/endless", 100);
    await expect(fetchBoundaries(client, "endless", height(1))).rejects.toMatchObject({
      name: "SnapshotFault",
    });
    expect(sent).toBeLessThan(10 * HDR_HEADERS_MAX);
  });

  it("[SU-3] believes no certified state with a wrong proof or another supply", async () => {
    await serve("a");
    verdict.rule = "TX-3";
    await expect(joinIt()).rejects.toMatchObject({ code: "bad_snapshot" });
    verdict.rule = undefined;
    expect(store.tip()).toBeUndefined();
    // The sum leaves out an output: as if the state held one too few.
    const liveLeaves: DiskStore["liveLeaves"] = async function* () {
      let isFirst = true;
      for await (const each of store.liveLeaves()) {
        if (!isFirst) yield each;
        isFirst = false;
      }
    };
    const short: Partial<DiskStore> = {
      liveLeaves,
      joining: () => store.joining(),
      heightOfBlock: (id) => store.heightOfBlock(id),
      validatorSet: (name) => store.validatorSet(name),
      core: (leaf) => store.core(leaf),
    };
    await expect(joinIt({ store: short as DiskStore })).rejects.toMatchObject({ code: "bad_snapshot" });
    expect(store.tip()).toBeUndefined();
  });

  it("refuses where nobody serves a state", async () => {
    await expect(joinIt()).rejects.toMatchObject({ code: "no_snapshot" });
  });
});
