import type { ClassicLevel } from "classic-level";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import type { BlockCommit, BoundaryCommit, LeavesAt } from "../../core/ports/full-node-store.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import { RANGE_LEAVES, RANGE_LEVEL } from "../../core/state/range-answer.ts";
import { recordedTile, type RecordedTile } from "../../core/state/tile-record.ts";
import { HALF_LEVEL, TILE_LEAVES } from "../../core/state/tree.ts";
import { hash, HASH_SIZE, ZERO_HASH, type Hash } from "../../core/values/hash.ts";
import { height, LEAF_INDEX_LIMIT, leafIndex, type Height, type LeafIndex } from "../../core/values/height.ts";
import { parseNodeName } from "./commit-operations.ts";
import {
  heightKey,
  heightOfKey,
  journalHeightOfKey,
  journalKey,
  KEY_SPACE,
  leafKey,
  leafOfKey,
  nodeKey,
  positionOfKey,
  type StoreOperation,
} from "./key-spaces.ts";
import { decodeLeafRecord } from "./leaf-record-bytes.ts";
import { plainBytes } from "./plain-bytes.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** Old heights whose journal one commit deletes: above one, so that a busy epoch is cleared by the quiet one after it. */
const PRUNED_HEIGHTS_MAX = 8;
const HEIGHT_MAX = Number.MAX_SAFE_INTEGER;

/**
 * The state as past boundaries left it (5.4), beside the current one: a journal of what blocks changed in place since
 * the oldest readable boundary, and the range roots of each. Every change of it is part of a block's one batch.
 */
export class BoundaryStates {
  readonly #database: Database;
  /** Readable boundaries, ascending. */
  #readable: readonly Height[];

  private constructor(database: Database, readable: readonly Height[]) {
    this.#database = database;
    this.#readable = readable;
  }

  static async open(database: Database): Promise<BoundaryStates> {
    const keys = await database.keys(heightRange(KEY_SPACE.rangeRoots, 0, HEIGHT_MAX)).all();
    return new BoundaryStates(
      database,
      keys.map((key) => height(heightOfKey(key))),
    );
  }

  /** What a block writes and deletes here, whose leaves were stored like this before. Nothing of it may be written yet. */
  async operations(commit: BlockCommit, before: ReadonlyMap<LeafIndex, Uint8Array>): Promise<StoreOperation[]> {
    const readable = this.#readableAfter(commit);
    // Without a boundary below there is nothing to go back to.
    const journaled = this.#readable.length === 0 || before.size === 0 ? [] : journalOperations(commit.height, before);
    const pruned = await this.#prunedJournal(readable[0] ?? commit.height);
    const dropped = this.#readable.filter((at) => !readable.includes(at));
    const deletions = dropped.flatMap((at) =>
      [KEY_SPACE.rangeRoots, KEY_SPACE.snapshotTail].map((space) => ({
        type: "del" as const,
        key: heightKey(space, at),
      })),
    );
    const added = commit.boundary === undefined ? [] : await this.#boundary(commit, commit.boundary);
    return [...journaled, ...pruned, ...deletions, ...added];
  }

  /** The batch of {@link operations} is on disk. */
  committed(commit: BlockCommit): void {
    this.#readable = this.#readableAfter(commit);
  }

  readable(): readonly Height[] {
    return this.#readable;
  }

  async boundaries(from: Height, countMax: number): Promise<readonly Height[]> {
    const keys = await this.#database
      .keys({ ...heightRange(KEY_SPACE.boundary, from, HEIGHT_MAX), limit: countMax })
      .all();
    return keys.map((key) => height(heightOfKey(key)));
  }

  async rangeRoots(boundary: Height): Promise<readonly Hash[] | undefined> {
    const bytes = await this.#database.get(heightKey(KEY_SPACE.rangeRoots, boundary));
    if (bytes === undefined) return undefined;
    return Array.from({ length: bytes.length / HASH_SIZE }, (_, index) =>
      hash(plainBytes(bytes.subarray(HASH_SIZE * index, HASH_SIZE * (index + 1)))),
    );
  }

  async snapshotTail(boundary: Height): Promise<Uint8Array | undefined> {
    const bytes = await this.#database.get(heightKey(KEY_SPACE.snapshotTail, boundary));
    return bytes && plainBytes(bytes);
  }

  async leavesAt(boundary: Height, first: LeafIndex, count: number): Promise<LeavesAt | undefined> {
    // One snapshot: a block that becomes final meanwhile must not mix two states.
    const snapshot = this.#database.snapshot();
    try {
      const isReadable = await this.#database.has(heightKey(KEY_SPACE.rangeRoots, boundary), { snapshot });
      const bytes = await this.#database.get(heightKey(KEY_SPACE.boundary, boundary), { snapshot });
      if (!isReadable || bytes === undefined) return undefined;
      const nextLeaf = decodeNextLeaf(bytes);
      const end = Math.min(first + count, nextLeaf);
      if (end <= first) return { nextLeaf, live: new Map() };
      const leaves = { gte: leafKey(KEY_SPACE.leaf, first), lt: leafKeyBelow(KEY_SPACE.leaf, end), snapshot };
      const journal = { gte: journalKey(first, 0), lt: leafKeyBelow(KEY_SPACE.journal, end), snapshot };
      const [current, changed] = await Promise.all([
        this.#database.iterator(leaves).all(),
        this.#database.iterator(journal).all(),
      ]);
      const since = changed.filter(([key]) => journalHeightOfKey(key) > boundary);
      return { nextLeaf, live: recordsAt(current, since) };
    } finally {
      await snapshot.close();
    }
  }

  /** The whole tiles that nothing has touched since the boundary: their records and halves are those of then. */
  async tilesAt(
    boundary: Height,
    first: number,
    count: number,
  ): Promise<ReadonlyMap<number, RecordedTile> | undefined> {
    const snapshot = this.#database.snapshot();
    try {
      const isReadable = await this.#database.has(heightKey(KEY_SPACE.rangeRoots, boundary), { snapshot });
      const bytes = await this.#database.get(heightKey(KEY_SPACE.boundary, boundary), { snapshot });
      if (!isReadable || bytes === undefined) return undefined;
      const end = Math.min(first + count, Math.floor(decodeNextLeaf(bytes) / TILE_LEAVES));
      if (end <= first) return new Map();
      const journal = {
        gte: journalKey(leafIndex(first * TILE_LEAVES), 0),
        lt: leafKeyBelow(KEY_SPACE.journal, end * TILE_LEAVES),
        snapshot,
      };
      const [changed, nodes, records] = await Promise.all([
        this.#database.keys(journal).all(),
        this.#database
          .iterator({ gte: nodeKey(HALF_LEVEL, 2 * first), lt: nodeKey(HALF_LEVEL, 2 * end), snapshot })
          .all(),
        this.#database
          .iterator({ gte: leafKey(KEY_SPACE.tile, first), lt: leafKey(KEY_SPACE.tile, end), snapshot })
          .all(),
      ]);
      const since = changed.filter((key) => journalHeightOfKey(key) > boundary);
      const touched = new Set(since.map((key) => Math.floor(leafOfKey(key) / TILE_LEAVES)));
      const halves = new Map(nodes.map(([key, node]) => [positionOfKey(key), hash(plainBytes(node))]));
      const half = (position: number): Hash => halves.get(position) ?? ZERO_HASH;
      const untouched = records.filter(([key]) => !touched.has(leafOfKey(key)));
      return new Map(
        untouched.map(([key, record]) => {
          const tile = leafOfKey(key);
          return [tile, recordedTile(plainBytes(record), [half(2 * tile), half(2 * tile + 1)])];
        }),
      );
    } finally {
      await snapshot.close();
    }
  }

  #readableAfter({ height: at, boundary }: BlockCommit): readonly Height[] {
    if (boundary === undefined) return this.#readable;
    return boundary.keepCount === 0 ? [] : [...this.#readable, at].slice(-boundary.keepCount);
  }

  /** Entries up to the oldest readable boundary tell nothing any more. */
  async #prunedJournal(upTo: Height): Promise<StoreOperation[]> {
    const range = { ...heightRange(KEY_SPACE.journalLeaves, 0, upTo), limit: PRUNED_HEIGHTS_MAX };
    const old = await this.#database.iterator(range).all();
    return old.flatMap(([key, leaves]): StoreOperation[] => [
      { type: "del", key },
      ...decodeLeaves(leaves).map((leaf) => ({ type: "del" as const, key: journalKey(leaf, heightOfKey(key)) })),
    ]);
  }

  async #boundary(commit: BlockCommit, { nextLeaf, keepCount, tail }: BoundaryCommit): Promise<StoreOperation[]> {
    const key = heightKey(KEY_SPACE.boundary, commit.height);
    const boundary: StoreOperation = { type: "put", key, value: new Writer(5).u40(nextLeaf).finish() };
    if (keepCount === 0) return [boundary];
    const roots = new Writer(1024);
    for (const root of await this.#rangeRootsAfter(commit, nextLeaf)) roots.bytes(root);
    return [
      boundary,
      { type: "put", key: heightKey(KEY_SPACE.rangeRoots, commit.height), value: roots.finish() },
      { type: "put", key: heightKey(KEY_SPACE.snapshotTail, commit.height), value: tail },
    ];
  }

  async #rangeRootsAfter(commit: BlockCommit, nextLeaf: number): Promise<readonly Hash[]> {
    const roots = new Array<Hash>(Math.ceil(nextLeaf / RANGE_LEAVES)).fill(ZERO_HASH);
    const nodes = { gte: nodeKey(RANGE_LEVEL, 0), lt: nodeKey(RANGE_LEVEL + 1, 0) };
    for (const [key, node] of await this.#database.iterator(nodes).all()) roots[positionOfKey(key)] = hash(node);
    for (const [name, node] of commit.changes.nodes) {
      const [level, position] = parseNodeName(name);
      if (level === RANGE_LEVEL) roots[position] = node ?? ZERO_HASH;
    }
    return roots;
  }
}

function journalOperations(at: Height, before: ReadonlyMap<LeafIndex, Uint8Array>): StoreOperation[] {
  const entries = [...before].map(([leaf, value]) => ({ type: "put" as const, key: journalKey(leaf, at), value }));
  const key = heightKey(KEY_SPACE.journalLeaves, at);
  return [...entries, { type: "put", key, value: encodeLeaves([...before.keys()]) }];
}

type Entries = readonly (readonly [key: Uint8Array, value: Uint8Array])[];

/** The earliest change since the boundary says what a leaf was there; without one it is as it is now. */
function recordsAt(current: Entries, since: Entries): ReadonlyMap<LeafIndex, LeafRecord> {
  const values = new Map(current.map(([key, value]) => [leafOfKey(key), value]));
  // Entries of one leaf ascend by height: going down, the earliest is taken last.
  for (const [key, value] of since.toReversed()) values.set(leafOfKey(key), value);
  const leaves = [...values.keys()].sort((left, right) => left - right);
  return new Map(leaves.map((leaf) => [leafIndex(leaf), decodeLeafRecord(plainBytes(values.get(leaf)!))]));
}

const heightRange = (space: Parameters<typeof heightKey>[0], from: number, to: number) => ({
  gte: heightKey(space, from),
  lte: heightKey(space, to),
});

/** Upper bound, not included, of the keys of leaves below `end`; one past the last leaf number is a key space of its own. */
function leafKeyBelow(space: Parameters<typeof leafKey>[0], end: number): Uint8Array {
  return end === LEAF_INDEX_LIMIT ? Uint8Array.of(space + 1) : leafKey(space, end);
}

function encodeLeaves(leaves: readonly LeafIndex[]): Uint8Array {
  return new Writer(5 * leaves.length).list(leaves, (out, leaf) => out.u40(leaf)).finish();
}

function decodeLeaves(bytes: Uint8Array): readonly number[] {
  const count = bytes.length / 5;
  return decodeWhole(bytes, (reader) => reader.list(count, count, (from) => from.u40()));
}

/** Outputs made up to a boundary, by its record. */
export function decodeNextLeaf(bytes: Uint8Array): number {
  return decodeWhole(bytes, (reader) => reader.u40());
}
