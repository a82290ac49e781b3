import { ClassicLevel } from "classic-level";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as letOthersIn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PublicCore } from "../../../../src/core/chain/output.ts";
import { EMPTY_CERTIFICATE } from "../../../../src/core/chain/certificate.ts";
import { blockCommit } from "../../../../src/core/state/block-outcome.ts";
import { verifyRangeRoots } from "../../../../src/core/state/range-answer.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import { META } from "../../../../src/node/storage/commit-operations.ts";
import {
  heightKey,
  journalHeightOfKey,
  KEY_SPACE,
  leafKey,
  leafOfKey,
  metaKey,
} from "../../../../src/node/storage/key-spaces.ts";
import { FORMAT_VERSION } from "../../../../src/node/storage/migrate-database.ts";
import { openLevelStore } from "../../../../src/node/storage/level-store.ts";
import { NodeCache } from "../../../../src/node/storage/node-cache.ts";
import { BOUNDARY_KEEP_COUNT, commitOf, hashOf } from "../../../support/block-commits.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { runs } from "../../../support/run-counts.ts";
import { expectConsistent, expectTail, findHeight } from "../../../support/store-consistency.ts";

const KILL_COUNT = runs(8, 10_000);
/** A run of kills this long starts a new database: listing all live leaves after each kill must not grow for ever. */
const KILLS_PER_DATABASE = 50;
const COMMIT_LOOP = fileURLToPath(new URL("../../../support/commit-loop.ts", import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-level-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Starts the commit loop, kills it after a while and gives the last height it called durable. */
// The moment of a kill is up to the machine anyway, so no seed would repeat it.
async function killCommitLoop(from: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [COMMIT_LOOP, directory, String(from)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const firstWord = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      resolve();
    });
  });
  const exited = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await Promise.race([firstWord, exited]);
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  child.kill("SIGKILL");
  await exited;
  const lines = said.split("\n");
  return Number(lines.at(-2) ?? from - 1);
}

describe("level store", () => {
  it(`is whole after a kill -9 at any moment of a commit (${KILL_COUNT} kills)`, async () => {
    let height = -1;
    for (let kill = 0; kill < KILL_COUNT; kill++) {
      if (kill > 0 && kill % KILLS_PER_DATABASE === 0) {
        await rm(directory, { recursive: true, force: true });
        height = -1;
      }
      const durable = await killCommitLoop(height + 1, Math.random() * 60);
      const store = await openLevelStore(directory);
      try {
        height = findHeight(store, Math.max(0, height));
        expect(height).toBeGreaterThanOrEqual(durable);
        await expectConsistent(store, height);
      } finally {
        await store.close();
      }
    }
    expect(height).toBeGreaterThan(0);
  });

  it("[SU-3] shows leaves and nodes of one state, also while a block is being stored", async () => {
    const store = await openLevelStore(directory);
    for (let at = 0; at < 20; at++) {
      const commit = commitOf(at);
      const nodes = [...commit.changes.nodes].map(([name, node]) => [name.split(":").map(Number), node] as const);
      const read = () => nodes.map(([[level, position]]) => store.node(level!, position!));
      const made = [...commit.changes.leaves].find(([, record]) => record !== undefined)![0];
      read();
      const isShown = (): boolean => store.leaf(made)?.height === at;
      const write = { isOver: false };
      const stored = store.commit(commit).then(() => (write.isOver = true));
      // Looks without a pause for a while, so that the database is ahead of whoever waits for it.
      for (let end = performance.now() + 20; !write.isOver && !isShown();) {
        if (performance.now() < end) continue;
        await letOthersIn();
        end = performance.now() + 20;
      }
      expect(read()).toEqual(nodes.map(([, node]) => node));
      await stored;
      expect(read()).toEqual(nodes.map(([, node]) => node));
    }
    await store.close();
  });

  it("refuses a database that is open elsewhere", async () => {
    const store = await openLevelStore(directory);
    await expect(openLevelStore(directory)).rejects.toMatchObject({ name: "Refusal", code: "database_in_use" });
    await store.close();
    await (await openLevelStore(directory)).close();
  });
});

/** The keys of some key spaces, read past the store. */
async function rawKeys(...spaces: readonly number[]): Promise<readonly Uint8Array[]> {
  const database = new ClassicLevel<Uint8Array, Uint8Array>(directory, { keyEncoding: "view", valueEncoding: "view" });
  const keys = await database.keys().all();
  await database.close();
  return keys.filter((key) => spaces.includes(key[0]!));
}

async function rawMeta(name: number): Promise<Uint8Array | undefined> {
  let found: Uint8Array | undefined;
  await writeRaw(async (database) => {
    found = await database.get(metaKey(name));
  });
  return found;
}

async function writeRaw(change: (database: ClassicLevel<Uint8Array, Uint8Array>) => Promise<void>): Promise<void> {
  const database = new ClassicLevel<Uint8Array, Uint8Array>(directory, { keyEncoding: "view", valueEncoding: "view" });
  await change(database);
  await database.close();
}

describe("states of boundaries in a level store", () => {
  it("[BL-7] cost no more than what changed since the oldest readable one", async () => {
    const store = await openLevelStore(directory);
    const last = 203;
    for (let at = 0; at <= last; at++) await store.commit(commitOf(at));
    await expectConsistent(store, last);
    const [oldest] = store.readableBoundaries();
    await store.close();
    const { journal, journalLeaves, rangeRoots } = KEY_SPACE;
    const journaled = await rawKeys(journal);
    expect(journaled.map(journalHeightOfKey).every((at) => at > oldest!)).toBe(true);
    // Each made-up block spends one output and changes another.
    expect(journaled).toHaveLength(2 * (last - oldest!));
    expect(await rawKeys(journalLeaves)).toHaveLength(last - oldest!);
    expect(await rawKeys(rangeRoots)).toHaveLength(BOUNDARY_KEEP_COUNT);
  });

  it("[BL-7] are not kept at all where no boundary is to stay readable", async () => {
    const store = await openLevelStore(directory);
    for (let at = 0; at <= 12; at++) {
      const commit = commitOf(at);
      const { boundary } = commit;
      await store.commit({ ...commit, boundary: boundary && { ...boundary, keepCount: 0 } });
    }
    expect(await store.boundaries(height(0), 9)).toEqual([0, 5, 10]);
    expect(store.readableBoundaries()).toEqual([]);
    await store.close();
    const { journal, journalLeaves, rangeRoots } = KEY_SPACE;
    expect(await rawKeys(journal, journalLeaves, rangeRoots)).toEqual([]);
  });

  it("a database of version 1 lists its boundaries and public payments and serves them from the next one on", async () => {
    const builder = new LedgerBuilder({ label: "migration" });
    let store = await openLevelStore(directory);
    await store.commit(blockCommit(builder.start, builder.start.block, EMPTY_CERTIFICATE));
    const boundaries = [0];
    const extend = async (): Promise<void> => {
      const block = builder.build([], { afterMs: builder.tip.chain.params.epochMs });
      const result = builder.execute(block);
      if (!result.ok) throw new Error(result.rule);
      await store.commit(blockCommit(result, block, builder.commit(result)));
      if (block.header.isEpochEnd) boundaries.push(block.header.height);
    };
    for (let count = 0; count < 4; count++) await extend();
    await store.close();
    await writeRaw(async (database) => {
      const newer = { gte: Uint8Array.of(KEY_SPACE.journal), lt: Uint8Array.of(KEY_SPACE.publicPayment + 1) };
      await database.clear(newer);
      await database.put(metaKey(META.version), Uint8Array.of(1));
    });
    store = await openLevelStore(directory);
    expect(boundaries.length).toBeGreaterThan(2);
    expect(await store.boundaries(height(0), 100)).toEqual(boundaries);
    const { recipient } = builder.notes[0]!.output.core as PublicCore;
    const payments = await store.publicPayments(recipient, 100);
    expect(payments.map(({ leaf }) => leaf).reverse()).toEqual(builder.notes.map(({ leaf }) => leaf));
    expect(store.readableBoundaries()).toEqual([]);
    while (store.readableBoundaries().length === 0) await extend();
    expect(store.readableBoundaries()).toEqual([boundaries.at(-1)]);
    const { nextLeaf, utxoRoot } = builder.tip.header;
    expect(verifyRangeRoots(utxoRoot, (await store.rangeRoots(height(boundaries.at(-1)!)))!)).toBe(true);
    expect((await store.leavesAt(height(boundaries.at(-1)!), leafIndex(0), nextLeaf))!.live.size).toBe(nextLeaf);
    await store.close();
  });

  it("[BL-11] a database of version 6, whose payloads went with the window, goes on from there", async () => {
    let store = await openLevelStore(directory);
    for (let at = 0; at <= 30; at++) await store.commit(commitOf(at));
    while (await store.prune({ blocks: height(20), window: height(12), payloads: height(11) }, 100));
    await store.close();
    await writeRaw(async (database) => {
      const windowed = { gte: leafKey(KEY_SPACE.payload, 0), lt: leafKey(KEY_SPACE.payload, 36) };
      await database.clear(windowed);
      await database.del(metaKey(META.prunedPayloads));
      await database.put(metaKey(META.version), Uint8Array.of(6));
    });
    store = await openLevelStore(directory);
    expect(store.keptFrom()).toEqual({ blocks: 20, window: 12, payloads: 12 });
    while (await store.prune({ blocks: height(20), window: height(18), payloads: height(16) }, 100));
    expect(store.keptFrom()).toEqual({ blocks: 20, window: 18, payloads: 16 });
    await expectTail(store, 30);
    expect(await store.payloads([leafIndex(47), leafIndex(49)])).toEqual([
      undefined,
      commitOf(16).payloads.get(leafIndex(49)),
    ]);
    await store.close();
    expect((await rawMeta(META.version))?.[0]).toBe(FORMAT_VERSION);
  });

  it("reads the whole blocks of version 7, and none whose payloads are lost", async () => {
    let store = await openLevelStore(directory);
    for (let at = 0; at <= 4; at++) await store.commit(commitOf(at));
    await store.close();
    const old = Uint8Array.of(1, ...commitOf(2).block);
    await writeRaw(async (database) => {
      const record = await database.get(heightKey(KEY_SPACE.block, 3));
      expect(record!.length).toBe(commitOf(3).block.length + 3 - 592 - 3 * (512 - 9));
      await database.put(heightKey(KEY_SPACE.block, 2), old);
      await database.del(leafKey(KEY_SPACE.payload, 13));
      await database.put(metaKey(META.version), Uint8Array.of(7));
    });
    store = await openLevelStore(directory);
    expect(await store.block(height(2))).toEqual(old);
    expect(await store.block(height(3))).toEqual(commitOf(3).block);
    expect(await store.block(height(4))).toBeUndefined();
    await store.close();
    expect((await rawMeta(META.version))?.[0]).toBe(FORMAT_VERSION);
  });

  it("a database of a later version is refused", async () => {
    await (await openLevelStore(directory)).close();
    await writeRaw((database) => database.put(metaKey(META.version), Uint8Array.of(FORMAT_VERSION + 1)));
    await expect(openLevelStore(directory)).rejects.toMatchObject({ name: "Refusal", code: "database_newer" });
  });
});

describe("payloads behind the window", () => {
  it("[BL-11] of one epoch go in as many slices as they take, and go on where a slice ended", async () => {
    let store = await openLevelStore(directory);
    for (let at = 0; at <= 30; at++) {
      const commit = commitOf(at);
      await store.commit(at === 5 ? { ...commit, boundary: { ...commit.boundary!, nextLeaf: 5_100 } } : commit);
    }
    const keep = { blocks: height(20), window: height(12), payloads: height(1) };
    while (await store.prune(keep, 100));
    await store.close();
    await writeRaw(async (database) => {
      for (let leaf = 100; leaf < 5_200; leaf++) await database.put(leafKey(KEY_SPACE.payload, leaf), Uint8Array.of(1));
    });
    const left = async (): Promise<number> =>
      (await rawKeys(KEY_SPACE.payload)).filter((key) => leafOfKey(key) >= 100).length;
    const seen: number[] = [];
    for (let isMore = true; isMore;) {
      store = await openLevelStore(directory);
      isMore = await store.prune({ ...keep, payloads: height(6) }, 100);
      const { payloads } = store.keptFrom();
      await store.close();
      seen.push(await left());
      expect(payloads).toBe(seen.at(-1) === 100 ? 6 : 1);
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    expect(seen.at(-1)).toBe(100);
  });
});

describe("node cache", () => {
  it("stays within its bound and forgets what was used least recently", () => {
    const cache = new NodeCache(3);
    let loads = 0;
    const load = () => {
      loads++;
      return hashOf("node", loads);
    };
    for (const position of [0, 1, 2, 0, 3]) cache.read(7, position, load);
    expect(cache.size).toBe(3);
    expect(loads).toBe(4);
    cache.read(7, 0, load);
    expect(loads).toBe(4);
    cache.read(7, 1, load);
    expect(loads).toBe(5);
  });

  it("remembers that a node is absent", () => {
    const cache = new NodeCache(3);
    cache.write(8, 5, undefined);
    expect(cache.read(8, 5, () => hashOf("node", 1))).toBeUndefined();
    expect(cache.read(9, 5, () => hashOf("node", 1))).toEqual(hashOf("node", 1));
  });
});
