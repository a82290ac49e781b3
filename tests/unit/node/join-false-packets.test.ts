import { ClassicLevel } from "classic-level";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { encodeGenesis } from "../../../src/core/chain/genesis.ts";
import { decodeOutputCore } from "../../../src/core/chain/output.ts";
import { decodePacketCore, packetProofSize, type PacketCore } from "../../../src/core/chain/packet-output.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { sha256Hash } from "../../../src/core/crypto/tagged-hash.ts";
import type { NetworkPort } from "../../../src/core/ports/network-port.ts";
import { RANGE_LEAVES } from "../../../src/core/state/range-answer.ts";
import { TILE_LEAVES } from "../../../src/core/state/tree.ts";
import { isZeroHash, type Hash } from "../../../src/core/values/hash.ts";
import { height, leafIndex, type LeafIndex } from "../../../src/core/values/height.ts";
import { joinSnapshot } from "../../../src/node/join/join-snapshot.ts";
import { fetchRange } from "../../../src/node/network/fetch-snapshot.ts";
import { openLevelStore, type DiskStore } from "../../../src/node/storage/level-store.ts";
import { pinnedAmong } from "../../../src/node/storage/pinned-packets.ts";
import {
  decodeSnapPinned,
  decodeSnapRequest,
  encodeSnapPinned,
  SNAP_ITEM_TYPE,
  type PinnedPacket,
} from "../../../src/wire/requests/snap.ts";
import { fakeBls } from "../../support/fake-bls.ts";
import { FakeNetwork } from "../../support/fake-network.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import { LedgerNode } from "../../support/ledger-node.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { PacketBuilder, type TestPacket } from "../../support/packet-builder.ts";
import { twistedHost, type Twist } from "../../support/twisted-host.ts";

/** Changes what stands behind the tiles of one range. `shown`: how many tiles of it this has seen before. */
type Bend = (packets: readonly PinnedPacket[], shown: number) => readonly PinnedPacket[];

function bending(range: number, bend: Bend): Twist {
  let shown = 0;
  return (frame, request) => {
    const isOf = Math.floor((decodeSnapRequest(request).fromTile * TILE_LEAVES) / RANGE_LEAVES) === range;
    if (!isOf || frame[0] !== SNAP_ITEM_TYPE.pinned) return frame;
    return encodeSnapPinned(bend(decodeSnapPinned(frame), shown++));
  };
}

/** A core and a proof that fit each other, and nothing else. */
const withoutProof = ({ leaf, core }: PinnedPacket): PinnedPacket => {
  const rangeProof = new Uint8Array(packetProofSize(core));
  return { leaf, core: { ...core, rangeProofHash: sha256Hash(rangeProof) }, rangeProof };
};
/** What no proof speaks of. */
const withOtherGreeting = (packet: PinnedPacket): PinnedPacket => {
  return { ...packet, core: { ...packet.core, greeting: new Uint8Array(160) } };
};

describe("[BL-12] packets that nobody certifies", { timeout: 120_000 }, () => {
  let curve: CurveBackend;
  let builder: LedgerBuilder;
  let node: LedgerNode;
  let boundary: { readonly height: number; readonly blockId: Hash };
  /** Its coins live in two tiles of range 0 and in range 1. */
  let ended: TestPacket;
  /** Lives in range 0, and a coin drawn from it in range 1. */
  let open: TestPacket;
  /** Of all that is stored. */
  const proofs = new Set<string>();

  beforeAll(async () => {
    curve = await openBackend(buildKernel);
    builder = new LedgerBuilder({ label: "false packets", curve, params: { epochMs: 60_000 }, noteCount: 14 });
    node = await LedgerNode.open(builder, new MemoryStore());
    const packets = new PacketBuilder(builder);
    const act = (...transactions: Parameters<LedgerNode["extend"]>[0] & object): Promise<void> => {
      return node.extend(transactions, 31_000);
    };
    const fill = (): Promise<void> =>
      act(builder.transfer(builder.take(1), [0n, ...Array.from({ length: 99 }, () => 7n)]));
    const draw = async (...from: readonly TestPacket[]): Promise<void> => {
      await act(...from.map((packet) => ({ transaction: packets.claim(packet), makes: [] })));
      for (let blocks = 0; blocks < 3; blocks++) await act();
    };
    const made = [3, 4].map((shares) =>
      packets.make(
        Array.from({ length: shares }, () => 1_000_000n),
        { lifeMs: 3_600_000 },
      ),
    );
    await act(packets.transfer(made));
    [ended, open] = packets.live(made) as [TestPacket, TestPacket];
    await draw(ended, open);
    await fill();
    await fill();
    await draw(ended);
    while (builder.tip.header.nextLeaf < RANGE_LEAVES) await fill();
    await draw(ended, open);
    while (!builder.tip.header.isEpochEnd) await act();
    boundary = { height: builder.tip.header.height, blockId: builder.tip.blockId };
    for (let leaf = 0; leaf < builder.tip.header.nextLeaf; leaf++) {
      const proof = await node.store.rangeProof(leafIndex(leaf));
      if (proof !== undefined) proofs.add(formatHex(proof));
    }
    const drawn = await drawnPlaces();
    expect(drawn.get(ended.leaf)?.map((leaf) => Math.floor(leaf / TILE_LEAVES))).toEqual([0, 1, 8]);
    expect(drawn.get(open.leaf)?.map((leaf) => Math.floor(leaf / TILE_LEAVES))).toEqual([0, 8]);
    expect([builder.ledger.leaf(ended.leaf), builder.ledger.leaf(open.leaf)?.core]).toEqual([
      undefined,
      await node.store.core(open.leaf),
    ]);
  }, 120_000);

  /** Coins by their packet. */
  const drawnPlaces = async (): Promise<ReadonlyMap<LeafIndex, readonly LeafIndex[]>> => {
    const state = (await node.store.leavesAt(height(boundary.height), leafIndex(0), 10_000))!;
    const places = new Map<LeafIndex, readonly LeafIndex[]>();
    for (const [leaf, { core }] of [...state.live].sort(([left], [right]) => left - right)) {
      const coin = decodeOutputCore(core);
      if (coin.type === "drawn") places.set(coin.packetLeaf, [...(places.get(coin.packetLeaf) ?? []), leaf]);
    }
    return places;
  };

  let directory: string;
  let store: DiskStore;
  let network: FakeNetwork;
  let client: NetworkPort;
  let lines: string[];
  let blamed: string[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-join-"));
    store = await openLevelStore(directory);
    [lines, blamed] = [[], []];
    begin();
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** A network of those who are served next. */
  const begin = (): void => {
    network = new FakeNetwork();
    client = network.join("client");
  };
  const serve = async (name: string, twist: Twist = (frame) => frame): Promise<void> => {
    await node.serve(twistedHost(network.join(name), "snap", twist));
    await client.dial(`/fake/${name}`, 100);
  };
  /** Has nothing of a range to say. */
  const without =
    (range: number, twist: Twist = (frame) => frame): Twist =>
    (frame, request) => {
      const { fromTile } = decodeSnapRequest(request);
      const isTail = fromTile >= Math.ceil(builder.tip.header.nextLeaf / TILE_LEAVES);
      const isOf = Math.floor((fromTile * TILE_LEAVES) / RANGE_LEAVES) === range;
      return isOf && !isTail ? undefined : twist(frame, request);
    };
  const joinIt = (): Promise<number> =>
    joinSnapshot({
      store,
      network: client,
      genesis: encodeGenesis(builder.genesis),
      checkpoint: { height: height(boundary.height), blockId: boundary.blockId },
      curve,
      bls: fakeBls,
      // The proofs of this chain are noise, and true if the chain knows them.
      proofs: {
        verify: (claims) => {
          const isTrue = ({ proof }: { readonly proof: Uint8Array }): boolean => proofs.has(formatHex(proof));
          return Promise.resolve(claims.map(({ rangeProofs }) => (rangeProofs.every(isTrue) ? undefined : "TX-3")));
        },
      },
      blame: (peer) => blamed.push(peer),
      log: (line) => lines.push(line),
      connect: () => Promise.resolve(),
    });
  const left = (): readonly string[] => lines.flatMap((line) => /^(\w+) is left/.exec(line)?.[1] ?? []);

  const expectJoined = async (): Promise<void> => {
    await store.close();
    const database = new ClassicLevel<Uint8Array, Uint8Array>(directory, {
      keyEncoding: "view",
      valueEncoding: "view",
    });
    expect(await pinnedAmong(database, [ended.leaf, open.leaf])).toEqual(new Set([ended.leaf]));
    await database.close();
    store = await openLevelStore(directory);
    for (const { leaf } of [ended, open]) {
      expect(await store.core(leaf)).toEqual(await node.store.core(leaf));
      expect(await store.rangeProof(leaf)).toEqual(await node.store.rangeProof(leaf));
    }
  };
  const openPacket = (): PinnedPacket => {
    const { core, rangeProof } = open.coin.output;
    return { leaf: open.leaf, core, rangeProof };
  };
  const alsoOpen = (packets: readonly PinnedPacket[]): readonly PinnedPacket[] => {
    return [...packets, openPacket()].sort((first, second) => first.leaf - second.leaf);
  };

  it("end no join with a wrong proof: whoever shows it is named and left", async () => {
    await serve(
      "liar",
      bending(1, (packets) => packets.map(withoutProof)),
    );
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual(["liar"]);
    await expectJoined();
  });

  it.each([
    ["the second without a proof", withoutProof, 1],
    ["the second with another greeting", withOtherGreeting, 1],
    ["the first with another greeting", withOtherGreeting, 0],
  ])("are the same behind every tile of a range: %s", async (_, change, place) => {
    await serve(
      "liar",
      bending(0, (packets, shown) => (shown === place ? packets.map(change) : packets)),
    );
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual(["liar"]);
    expect(lines.filter((line) => line.startsWith("liar"))).toEqual(["liar gave a false snapshot: range 0"]);
    await expectJoined();
  });

  it("are the same in every range: who shows two of a leaf is named and left", async () => {
    await serve(
      "liar",
      bending(1, (packets) => packets.map(withOtherGreeting)),
    );
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual(["liar"]);
    await expectJoined();
  });

  it("are the same in every range: of two peers both are left, since nothing tells who is right, without blame", async () => {
    await serve("a", without(1));
    await serve(
      "liar",
      bending(1, (packets) => packets.map(withOtherGreeting)),
    );
    await serve("c");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual([]);
    expect([...left()].sort()).toEqual(["a", "liar"]);
    await expectJoined();
  });

  it("are the same in every range: where nobody else can be asked what came first stays, and the join goes on", async () => {
    await serve("a", without(1));
    await serve(
      "liar",
      bending(1, (packets) => packets.map(withOtherGreeting)),
    );
    expect(await joinIt()).toBe(boundary.height);
    expect([blamed, left()]).toEqual([[], []]);
    await expectJoined();
  });

  it("are the same in every range: what an earlier start has stored is fetched anew, and nobody is left", async () => {
    const greeting = (packets: readonly PinnedPacket[]) => packets.map(withOtherGreeting);
    await serve("liar", without(1, bending(0, greeting)));
    await expect(joinIt()).rejects.toMatchObject({ code: "no_snapshot" });
    expect([...(await store.joining().joinedRanges()).keys()]).toEqual([0]);
    begin();
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect([blamed, left()]).toEqual([[], []]);
    await expectJoined();
  });

  it("do not live: in its own range a packet that does is no ended one", async () => {
    await serve(
      "liar",
      bending(0, (packets, shown) => (shown === 0 ? alsoOpen(packets) : packets)),
    );
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual(["liar"]);
    await expectJoined();
  });

  it("do not live: nor in a range that is stored, and whoever shows it is named and left", async () => {
    await serve("a", without(1));
    await expect(joinIt()).rejects.toMatchObject({ code: "no_snapshot" });
    begin();
    await serve("liar", bending(1, alsoOpen));
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual(["liar"]);
    await expectJoined();
  });

  it("do not live: the range that comes later and has it alive is right", async () => {
    await serve("liar", without(0, bending(1, alsoOpen)));
    await expect(joinIt()).rejects.toMatchObject({ code: "no_snapshot" });
    begin();
    await serve("b");
    expect(await joinIt()).toBe(boundary.height);
    expect(blamed).toEqual([]);
    await expectJoined();
  });

  it("leave nothing behind when the last range that shows them is dropped", async () => {
    await serve("a");
    const header = builder.tip.header;
    const roots = (await node.store.rangeRoots(height(boundary.height)))!;
    const importer = store.joining();
    for (const [range, root] of roots.entries()) {
      if (isZeroHash(root)) continue;
      const joined = await fetchRange(curve, client, "a", header, range, root);
      expect(await importer.putRange(joined)).toEqual({ type: "fits" });
    }
    await importer.dropRange(0);
    const core = await store.core(ended.leaf);
    expect(decodePacketCore(core!)).toEqual<PacketCore>(ended.core);
    expect(await store.rangeProof(ended.leaf)).toEqual(ended.coin.output.rangeProof);
    await importer.dropRange(1);
    await store.close();
    const database = new ClassicLevel<Uint8Array, Uint8Array>(directory, {
      keyEncoding: "view",
      valueEncoding: "view",
    });
    // Of the version alone.
    expect(await database.keys().all()).toHaveLength(1);
    await database.close();
    store = await openLevelStore(directory);
  });
});
