import { ClassicLevel } from "classic-level";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EMPTY_CERTIFICATE } from "../../../../src/core/chain/certificate.ts";
import type { Transaction } from "../../../../src/core/chain/transaction.ts";
import { EXPIRED_PACKETS_MAX } from "../../../../src/core/params/limits.ts";
import { blockCommit } from "../../../../src/core/state/block-outcome.ts";
import { rangeTreeOf } from "../../../../src/core/state/snapshot.ts";
import { leafIndex, timeMs, type LeafIndex } from "../../../../src/core/values/height.ts";
import { META } from "../../../../src/node/storage/commit-operations.ts";
import { KEY_SPACE, metaKey } from "../../../../src/node/storage/key-spaces.ts";
import { openLevelStore, type DiskStore } from "../../../../src/node/storage/level-store.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { PacketBuilder } from "../../../support/packet-builder.ts";

async function openDatabase(directory: string): Promise<ClassicLevel<Uint8Array, Uint8Array>> {
  const database = new ClassicLevel<Uint8Array, Uint8Array>(directory, { keyEncoding: "view", valueEncoding: "view" });
  await database.open();
  return database;
}

describe("packets by their expiry, in a database", () => {
  let directory: string;
  let store: DiskStore;
  let ledger: LedgerBuilder;
  let packets: PacketBuilder;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-expiries-"));
    store = await openLevelStore(directory);
    ledger = new LedgerBuilder({ label: "expiries", noteCount: 40 });
    packets = new PacketBuilder(ledger);
    await store.commit(blockCommit(ledger.start, ledger.start.block, EMPTY_CERTIFICATE));
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function extend(transactions: readonly Transaction[] = [], afterMs = 1_000): Promise<void> {
    const { time } = ledger.tip.header;
    expect(store.expiredPackets(time, 500)).toEqual(ledger.ledger.expiredPackets(time, 500));
    const block = ledger.build(transactions, { afterMs });
    const result = ledger.execute(block);
    if (!result.ok) throw new Error(result.rule);
    await store.commit(blockCommit(result, block, ledger.commit(result)));
  }

  const expiredNow = (countMax = EXPIRED_PACKETS_MAX) => store.expiredPackets(ledger.tip.header.time, countMax);
  const reopen = async (): Promise<void> => {
    await store.close();
    store = await openLevelStore(directory);
  };
  const keysLeft = async (): Promise<number> => {
    await store.close();
    const database = await openDatabase(directory);
    const range = { gte: Uint8Array.of(KEY_SPACE.packetExpiry), lt: Uint8Array.of(KEY_SPACE.packetExpiry + 1) };
    const keys = await database.keys(range).all();
    await database.close();
    store = await openLevelStore(directory);
    return keys.length;
  };

  it("[RP-7] lists those that have expired, first by expiry, then by leaf, and forgets what has ended", async () => {
    const livesMs = [90_000, 30_000, 60_000, 30_000, 45_000];
    const made = livesMs.map((lifeMs) => packets.make([1n, 2n], { lifeMs }));
    const first = ledger.tip.header.nextLeaf;
    const { transaction } = packets.transfer(made);
    await extend([transaction]);
    const live = transaction.outputs.flatMap(({ core }, index) =>
      core.type === "packet" ? [{ leaf: leafIndex(first + index), expiry: core.expiry }] : [],
    );
    const inOrder = live.toSorted((left, right) => left.expiry - right.expiry || left.leaf - right.leaf);
    expect(expiredNow()).toEqual([]);
    expect(await keysLeft()).toBe(5);
    // A claim keeps one of the first from being given back at once.
    const [{ leaf, expiry }] = inOrder as [(typeof inOrder)[0]];
    const core = transaction.outputs[leaf - first]!.core;
    const packet = { ...made.find((each) => each.core === core)!, leaf };
    await extend([], expiry - ledger.tip.header.time - 1);
    expect(expiredNow()).toEqual([]);
    await extend([packets.claim(packet)]);
    expect(expiredNow()).toEqual([leaf, inOrder[1]!.leaf]);
    expect(expiredNow(1)).toEqual([leaf]);
    expect(store.expiredPackets(timeMs(expiry - 1), 10)).toEqual([]);
    await extend();
    expect(expiredNow()).toEqual([leaf]);
    await reopen();
    expect(expiredNow()).toEqual([leaf]);
    await extend();
    expect(expiredNow()).toEqual([]);
    expect(await keysLeft()).toBe(3);
    await extend([], 100_000);
    expect(expiredNow()).toEqual(inOrder.slice(2).map(({ leaf }) => leaf));
    // A new one below those that are left in the database, which expire later.
    await extend([packets.transfer([packets.make([1n], { lifeMs: 3_600_000 })]).transaction]);
    await extend([packets.transfer([packets.make([1n], { lifeMs: 30_000 })]).transaction]);
    await extend([], 40_000);
    expect(expiredNow()).toHaveLength(1);
    await extend();
    expect(await keysLeft()).toBe(1);
    expect(ledger.tip.packets).toEqual({ count: 1, unsettled: [] });
  });

  it("[BL-12] [RP-7] lists those of ranges that a node joins by, and forgets them with their range", async () => {
    const [packet] = packets.pack(packets.make([1n], { lifeMs: 30_000 }));
    const { leaf, core } = packet!;
    const live = new Map([[leaf, ledger.ledger.leaf(leaf)!]]);
    const joined = { range: 0, live, rangeProofs: new Map(), pinned: [], tree: rangeTreeOf(0, live) };
    const place = join(directory, "joining");
    const expired = async (): Promise<readonly LeafIndex[]> => {
      const opened = await openLevelStore(place);
      const found = opened.expiredPackets(core.expiry, 10);
      await opened.close();
      return found;
    };
    const first = await openLevelStore(place);
    await first.joining().putRange(joined);
    await first.close();
    expect(await expired()).toEqual([leaf]);
    const second = await openLevelStore(place);
    await second.joining().dropRange(0);
    await second.close();
    expect(await expired()).toEqual([]);
  });

  it("cannot answer for a time that no block has reached, and does not guess", async () => {
    await extend();
    const { time } = ledger.tip.header;
    expect(() => store.expiredPackets(timeMs(time + 1), 1)).toThrow(RangeError);
    expect(() => store.expiredPackets(time, EXPIRED_PACKETS_MAX + 1)).toThrow(RangeError);
  });

  it("a database that lists packets in its tip is refused by name", async () => {
    await store.close();
    const database = await openDatabase(directory);
    await database.put(metaKey(META.version), Uint8Array.of(9));
    await database.close();
    await expect(openLevelStore(directory)).rejects.toMatchObject({ name: "Refusal", code: "database_unreleased" });
    const again = await openDatabase(directory);
    await again.put(metaKey(META.version), Uint8Array.of(10));
    await again.close();
    store = await openLevelStore(directory);
  });
});
