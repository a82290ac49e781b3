import { ClassicLevel } from "classic-level";
import { mkdir } from "node:fs/promises";
import type {
  BlockCommit,
  ConsensusLogEntry,
  FullNodeStore,
  KeptFrom,
  LeavesAt,
  PublicPayment,
} from "../../core/ports/full-node-store.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import { AWARD_WEEKS_KEPT } from "../../core/params/limits.ts";
import type { RecordedTile } from "../../core/state/tile-record.ts";
import type { AddressKeys } from "../../core/values/address.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import { leafIndex, LEAF_INDEX_LIMIT, type Height, type LeafIndex, type TimeMs } from "../../core/values/height.ts";
import { Refusal } from "../refusal.ts";
import { decodeBlockRecord, wholeBlock } from "./block-record.ts";
import { BoundaryStates } from "./boundary-states.ts";
import {
  commitOperations,
  decodeHeight,
  decodePlace,
  decodeTip,
  META,
  parseNodeName,
  type TransactionPlace,
} from "./commit-operations.ts";
import { ConsensusLog } from "./consensus-log.ts";
import {
  hashKey,
  heightKey,
  KEY_SPACE,
  leafKey,
  leafOfKey,
  metaKey,
  nodeKey,
  publicPaymentKey,
  weekKey,
  type KeySpace,
} from "./key-spaces.ts";
import { decodeLeafRecord } from "./leaf-record-bytes.ts";
import { bringUpToDate } from "./migrate-database.ts";
import { NodeCache } from "./node-cache.ts";
import { PacketExpiries } from "./packet-expiries.ts";
import { plainBytes } from "./plain-bytes.ts";
import { PrunedRecords } from "./pruned-records.ts";
import { SnapshotImport } from "./snapshot-import.ts";
import { readSizes, type StoreSizes } from "./store-sizes.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** A store that knows what it costs. */
export interface DiskStore extends FullNodeStore {
  /** Where a snapshot is stored piece by piece. For an empty database; it is opened anew when the snapshot is whole. */
  joining(): SnapshotImport;
  /** Bytes on disk of each class of records (`store-sizes.ts`); what was written last is not counted yet. */
  sizes(): Promise<StoreSizes>;
  /**
   * Has the database give back the room of what was deleted by age since the last call, or, if `isThorough`, also of
   * what was deleted and overwritten all over, which rewrites every live output; commits go on meanwhile.
   */
  reclaim(isThorough: boolean): Promise<void>;
}

/** Live leaves read from the database at a time. */
const LEAVES_AT_ONCE = 500;

/**
 * Opens the database in a folder, making it if missing and migrating an older one. Refuses with `database_in_use` while
 * another process has it, with `database_newer` if a later version of the program wrote it, with `database_unreleased` if
 * one did that was never released.
 */
export async function openLevelStore(directory: string): Promise<DiskStore> {
  await mkdir(directory, { recursive: true });
  const database: Database = new ClassicLevel(directory, { keyEncoding: "view", valueEncoding: "view" });
  try {
    await database.open();
  } catch (error) {
    throw refusalOfOpen(error);
  }
  try {
    await bringUpToDate(database);
    return new LevelStore(database, {
      boundaries: await BoundaryStates.open(database),
      pruned: await PrunedRecords.open(database),
      expiries: await PacketExpiries.open(database),
    });
  } catch (error) {
    await database.close();
    throw error;
  }
}

function refusalOfOpen(error: unknown): unknown {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  if (cause?.code === "LEVEL_LOCKED") return new Refusal("database_in_use", "another process has opened the database");
  return error;
}

/** What reads something of the database ahead. */
interface StoreParts {
  readonly boundaries: BoundaryStates;
  readonly pruned: PrunedRecords;
  readonly expiries: PacketExpiries;
}

class LevelStore implements DiskStore {
  readonly #database: Database;
  readonly #boundaries: BoundaryStates;
  readonly #pruned: PrunedRecords;
  readonly #expiries: PacketExpiries;
  readonly #log: ConsensusLog;
  readonly #nodes = new NodeCache();
  /** The batch shows on the database's own thread before it is known here: nodes held here may be older than leaves. */
  #isCommitting = false;
  #height: Height | undefined;
  #tip: Uint8Array | undefined;
  /** Writes go one after another: a log entry's number and a commit's deletions depend on what was written before. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(database: Database, { boundaries, pruned, expiries }: StoreParts) {
    this.#database = database;
    this.#boundaries = boundaries;
    this.#pruned = pruned;
    this.#expiries = expiries;
    this.#log = new ConsensusLog(database);
    const stored = this.#getSync(metaKey(META.tip));
    if (stored === undefined) return;
    const { height, tip } = decodeTip(stored);
    this.#height = height;
    this.#tip = tip;
  }

  tip(): Uint8Array | undefined {
    return this.#tip;
  }

  leaf(index: LeafIndex): LeafRecord | undefined {
    const bytes = this.#getSync(leafKey(KEY_SPACE.leaf, index));
    return bytes === undefined ? undefined : decodeLeafRecord(bytes);
  }

  node(level: number, position: number): Hash | undefined {
    const load = (): Hash | undefined => {
      const bytes = this.#getSync(nodeKey(level, position));
      return bytes === undefined ? undefined : hash(bytes);
    };
    return this.#isCommitting ? load() : this.#nodes.read(level, position, load);
  }

  tile(index: number): Uint8Array | undefined {
    return this.#getSync(leafKey(KEY_SPACE.tile, index));
  }

  expiredPackets(at: TimeMs, countMax: number): readonly LeafIndex[] {
    return this.#expiries.expired(at, countMax);
  }

  commit(commit: BlockCommit): Promise<void> {
    return this.#write(async () => {
      const expected = this.#height === undefined ? commit.height : this.#height + 1;
      if (commit.height !== expected)
        throw new RangeError(`commit of height ${commit.height} after ${this.#height ?? "none"}`);
      const before = await this.#recordsBefore(commit);
      const operations = [
        ...commitOperations(commit),
        ...this.#pruned.spentOperations(spentOf(commit, before)),
        ...(await this.#boundaries.operations(commit, before)),
      ];
      const gone = [...(await this.#log.keysUpTo(commit.height)), ...(await this.#oldAwardKeys(commit))];
      for (const key of gone) operations.push({ type: "del", key });
      this.#isCommitting = true;
      try {
        await this.#database.batch(operations, { sync: true });
        // From here on a restart would read the new state, so memory must follow at once.
        this.#height = commit.height;
        this.#tip = commit.tip;
        this.#boundaries.committed(commit);
        for (const [name, node] of commit.changes.nodes) this.#nodes.write(...parseNodeName(name), node);
      } finally {
        this.#isCommitting = false;
      }
      await this.#expiries.committed(commit.time);
    });
  }

  appendLog(height: Height, entries: readonly ConsensusLogEntry[]): Promise<void> {
    return this.#write(() => this.#log.append(height, entries));
  }

  async log(height: Height): Promise<readonly ConsensusLogEntry[]> {
    await this.#lastWrite.catch(() => undefined);
    return this.#log.entries(height);
  }

  keepEvidence(encoded: Uint8Array): Promise<void> {
    return this.#write(() => this.#database.put(metaKey(META.evidence), encoded, { sync: true }));
  }

  async evidence(): Promise<Uint8Array | undefined> {
    await this.#lastWrite.catch(() => undefined);
    return this.#get(metaKey(META.evidence));
  }

  header(height: Height): Promise<Uint8Array | undefined> {
    return this.#ofHeight(KEY_SPACE.header, height);
  }

  certificate(height: Height): Promise<Uint8Array | undefined> {
    return this.#ofHeight(KEY_SPACE.certificate, height);
  }

  async block(height: Height): Promise<Uint8Array | undefined> {
    const record = await this.#ofHeight(KEY_SPACE.block, height);
    const block = record && decodeBlockRecord(record);
    if (block === undefined || block instanceof Uint8Array) return block;
    const leaves = block.leftOut.map(({ leaf }) => leaf);
    const [header, payloads] = await Promise.all([this.header(height), this.payloads(leaves)]);
    const found = payloads.filter((payload) => payload !== undefined);
    // They go no sooner than the block, but it may have gone since it was read.
    if (header === undefined || found.length < leaves.length) return undefined;
    return wholeBlock(block, header, found);
  }

  compact(height: Height): Promise<Uint8Array | undefined> {
    return this.#ofHeight(KEY_SPACE.compact, height);
  }

  async heightOfBlock(blockId: Hash): Promise<Height | undefined> {
    const bytes = await this.#get(hashKey(KEY_SPACE.blockHeight, blockId));
    return bytes === undefined ? undefined : decodeHeight(bytes);
  }

  async placeOfTransaction(txid: Hash): Promise<TransactionPlace | undefined> {
    const bytes = await this.#get(hashKey(KEY_SPACE.transactionPlace, txid));
    return bytes === undefined ? undefined : decodePlace(bytes);
  }

  validatorSet(setHash: Hash): Promise<Uint8Array | undefined> {
    return this.#get(hashKey(KEY_SPACE.validatorSet, setHash));
  }

  async awardDraws(countMax: number): Promise<readonly Uint8Array[]> {
    const awards = { gte: Uint8Array.of(KEY_SPACE.award), lt: Uint8Array.of(KEY_SPACE.award + 1) };
    return (await this.#database.values({ ...awards, reverse: true, limit: countMax }).all()).map(plainBytes);
  }

  async core(leaf: LeafIndex): Promise<Uint8Array | undefined> {
    // In this order: the batch that ends a leaf writes its core.
    const live = await this.#get(leafKey(KEY_SPACE.leaf, leaf));
    return live === undefined ? this.#get(leafKey(KEY_SPACE.core, leaf)) : decodeLeafRecord(live).core;
  }

  async payloads(leaves: readonly LeafIndex[]): Promise<readonly (Uint8Array | undefined)[]> {
    const found = await this.#database.getMany(leaves.map((leaf) => leafKey(KEY_SPACE.payload, leaf)));
    return found.map((bytes) => bytes && plainBytes(bytes));
  }

  rangeProof(leaf: LeafIndex): Promise<Uint8Array | undefined> {
    return this.#get(leafKey(KEY_SPACE.rangeProof, leaf));
  }

  boundaries(from: Height, countMax: number): Promise<readonly Height[]> {
    return this.#boundaries.boundaries(from, countMax);
  }

  readableBoundaries(): readonly Height[] {
    return this.#boundaries.readable();
  }

  rangeRoots(boundary: Height): Promise<readonly Hash[] | undefined> {
    return this.#boundaries.rangeRoots(boundary);
  }

  snapshotTail(boundary: Height): Promise<Uint8Array | undefined> {
    return this.#boundaries.snapshotTail(boundary);
  }

  leavesAt(boundary: Height, first: LeafIndex, count: number): Promise<LeavesAt | undefined> {
    return this.#boundaries.leavesAt(boundary, first, count);
  }

  tilesAt(boundary: Height, first: number, count: number): Promise<ReadonlyMap<number, RecordedTile> | undefined> {
    return this.#boundaries.tilesAt(boundary, first, count);
  }

  async publicPayments(recipient: AddressKeys, countMax: number): Promise<readonly PublicPayment[]> {
    const range = { gte: publicPaymentKey(recipient, 0), lte: publicPaymentKey(recipient, LEAF_INDEX_LIMIT - 1) };
    const found = await this.#database.iterator({ ...range, reverse: true, limit: countMax }).all();
    return found.map(([key, value]) => ({
      leaf: leafIndex(leafOfKey(key.subarray(key.length - 6))),
      height: decodeHeight(plainBytes(value)),
    }));
  }

  keptFrom(): KeptFrom {
    return this.#pruned.keptFrom();
  }

  async prune(keep: KeptFrom, heightsMax: number): Promise<boolean> {
    let isMore = false;
    await this.#write(async () => {
      if (this.#height === undefined) return;
      const readable = this.#boundaries.readable()[0] ?? this.#height;
      const slice = await this.#pruned.slice(keep, readable, heightsMax);
      if (slice === undefined) return;
      // Not synced: a slice that is lost is deleted once more, and no vote waits for the disk because of it.
      await this.#database.batch([...slice.operations]);
      this.#pruned.pruned(slice);
      isMore = true;
    });
    return isMore;
  }

  sizes(): Promise<StoreSizes> {
    return readSizes(this.#database, this.#database.location);
  }

  async reclaim(isThorough: boolean): Promise<void> {
    await this.#pruned.reclaim();
    if (isThorough) await this.#pruned.reclaimScattered();
  }

  async *liveLeaves(): AsyncIterable<readonly [LeafIndex, LeafRecord]> {
    const range = { gte: leafKey(KEY_SPACE.leaf, 0), lt: Uint8Array.of(KEY_SPACE.leaf + 1) };
    const iterator = this.#database.iterator(range);
    try {
      for (;;) {
        const entries = await iterator.nextv(LEAVES_AT_ONCE);
        if (entries.length === 0) return;
        for (const [key, value] of entries) yield [leafIndex(leafOfKey(key)), decodeLeafRecord(plainBytes(value))];
      }
    } finally {
      await iterator.close();
    }
  }

  joining(): SnapshotImport {
    if (this.#tip !== undefined) throw new Error("a database that follows a chain joins none");
    return new SnapshotImport(this.#database);
  }

  async close(): Promise<void> {
    await this.#lastWrite.catch(() => undefined);
    await this.#database.close();
  }

  #getSync(key: Uint8Array): Uint8Array | undefined {
    const bytes = this.#database.getSync(key);
    return bytes === undefined ? undefined : plainBytes(bytes);
  }

  async #get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const bytes = await this.#database.get(key);
    return bytes === undefined ? undefined : plainBytes(bytes);
  }

  #ofHeight(space: KeySpace, height: Height): Promise<Uint8Array | undefined> {
    return this.#get(heightKey(space, height));
  }

  /** Runs one write after those before it, whether they succeeded or not. */
  #write(work: () => Promise<void>): Promise<void> {
    const written = this.#lastWrite.then(work, work);
    this.#lastWrite = written;
    return written;
  }

  /** What the block is about to overwrite, as it is stored. New leaves overwrite nothing. */
  async #recordsBefore(commit: BlockCommit): Promise<ReadonlyMap<LeafIndex, Uint8Array>> {
    const changed = [...commit.changes.leaves.keys()].filter((leaf) => !commit.cores.has(leaf));
    if (changed.length === 0) return new Map();
    const records = await this.#database.getMany(changed.map((leaf) => leafKey(KEY_SPACE.leaf, leaf)));
    const before = new Map<LeafIndex, Uint8Array>();
    records.forEach((record, index) => {
      if (record !== undefined) before.set(changed[index]!, plainBytes(record));
    });
    return before;
  }

  /** Keys of the draws that a new one pushes out (AW-4). */
  #oldAwardKeys({ award }: BlockCommit): Promise<Uint8Array[]> {
    const lastWeek = (award?.week ?? 0n) - BigInt(AWARD_WEEKS_KEPT);
    if (lastWeek < 0n) return Promise.resolve([]);
    return this.#database.keys({ gte: weekKey(0n), lte: weekKey(lastWeek) }).all();
  }
}

function spentOf(
  { changes }: BlockCommit,
  before: ReadonlyMap<LeafIndex, Uint8Array>,
): ReadonlyMap<LeafIndex, Uint8Array> {
  return new Map([...before].filter(([leaf]) => changes.leaves.get(leaf) === undefined));
}
