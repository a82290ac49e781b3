import type { ClassicLevel } from "classic-level";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeCompactBlock, type CompactBlock } from "../../core/chain/compact-block.ts";
import { hash32 } from "../../core/crypto/tagged-hash.ts";
import type { KeptFrom } from "../../core/ports/full-node-store.ts";
import { HASH_SIZE } from "../../core/values/hash.ts";
import { height, leafIndex, type Height, type LeafIndex } from "../../core/values/height.ts";
import { META, publicPaymentKeyOf } from "./commit-operations.ts";
import { hashKey, heightKey, KEY_SPACE, leafKey, metaKey, type KeySpace, type StoreOperation } from "./key-spaces.ts";
import { decodeLeafRecord } from "./leaf-record-bytes.ts";
import { plainBytes } from "./plain-bytes.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** A slice ends behind the height that reaches this: 2,000 deletions are a few milliseconds. */
const SLICE_OPERATIONS_MAX = 2_000;

/** Key spaces that lose records all over, a day's worth of which takes as much room again. */
const SCATTERED = [
  KEY_SPACE.leaf,
  KEY_SPACE.node,
  KEY_SPACE.tile,
  KEY_SPACE.rangeProof,
  KEY_SPACE.journal,
  KEY_SPACE.transactionPlace,
  KEY_SPACE.blockHeight,
];

/** Up to where the three kinds have been deleted; each place is that of the next height. */
export interface Places extends KeptFrom {
  /** Spent outputs of lower heights have no range proof any more. */
  readonly proofs: Height;
  /** First output of the window. */
  readonly windowLeaf: LeafIndex;
}

/** What a slice deletes, and the places behind it. */
export interface PrunedSlice {
  readonly operations: readonly StoreOperation[];
  readonly places: Places;
}

/**
 * What leaves the disk with age (5.5), a slice at a time. How far each kind has come is part of the slice's batch, so a
 * start goes on where the last one ended. Nothing is looked for by scanning: each height says what it left behind.
 */
export class PrunedRecords {
  readonly #database: Database;
  #places: Places;
  /** Up to where room has been given back since the start. */
  #reclaimed: Places;

  private constructor(database: Database, places: Places) {
    this.#database = database;
    this.#places = places;
    this.#reclaimed = places;
  }

  static async open(database: Database): Promise<PrunedRecords> {
    const { prunedProofs, prunedBlocks, prunedWindow } = META;
    const keys = [prunedProofs, prunedBlocks, prunedWindow].map(metaKey);
    const [proofs, blocks, window] = await database.getMany(keys);
    const start = decodePlace(window);
    return new PrunedRecords(database, {
      proofs: decodePlace(proofs).at,
      blocks: decodePlace(blocks).at,
      window: start.at,
      windowLeaf: start.leaf,
    });
  }

  keptFrom(): KeptFrom {
    return { blocks: this.#places.blocks, window: this.#places.window };
  }

  /** What becomes of outputs that a block spends: their cores are kept while the window holds them. */
  spentOperations(before: ReadonlyMap<LeafIndex, Uint8Array>): StoreOperation[] {
    return [...before].flatMap(([leaf, record]): readonly StoreOperation[] => {
      const { core } = decodeLeafRecord(record);
      if (leaf >= this.#places.windowLeaf) return [{ type: "put", key: leafKey(KEY_SPACE.core, leaf), value: core }];
      const key = publicPaymentKeyOf(leaf, core);
      return key === undefined ? [] : [{ type: "del", key }];
    });
  }

  /**
   * The next slice; undefined if nothing is to be deleted. `readable`: the oldest boundary whose state is shown, with
   * the proofs of what lived there.
   */
  async slice(keep: KeptFrom, readable: Height, heightsMax: number): Promise<PrunedSlice | undefined> {
    const from = this.#places;
    const proofs = await this.#pruneProofs(from.proofs, Math.min(readable + 1, from.proofs + heightsMax));
    const blocks = await this.#pruneBlocks(from.blocks, Math.min(keep.blocks, from.blocks + heightsMax));
    // Who reads what a height spent must have done so.
    const windowEnd = Math.min(keep.window, proofs.next, blocks.next, from.window + heightsMax);
    const window = await this.#pruneWindow(from.window, windowEnd);
    const operations = [...proofs.operations, ...blocks.operations, ...window.operations];
    const places = {
      proofs: height(proofs.next),
      blocks: height(blocks.next),
      window: height(window.next),
      windowLeaf: window.leaf ?? from.windowLeaf,
    };
    const moved = (["proofs", "blocks", "window"] as const).filter((kind) => places[kind] > from[kind]);
    if (moved.length === 0) return undefined;
    return { operations: [...operations, ...placeOperations(places)], places };
  }

  /** The batch of a slice is on disk. */
  pruned({ places }: PrunedSlice): void {
    this.#places = places;
  }

  /**
   * Compacts the ranges of keys that lost everything since the last call, one after the other. Left to itself the
   * database would come round to them only after writing as much again elsewhere.
   */
  async reclaim(): Promise<void> {
    const [from, to] = [this.#reclaimed, this.#places];
    const heights = (space: KeySpace, kind: keyof KeptFrom) =>
      [heightKey(space, from[kind]), heightKey(space, to[kind])] as const;
    const leaves = (space: KeySpace) => [leafKey(space, from.windowLeaf), leafKey(space, to.windowLeaf)] as const;
    const ranges = [
      ...[KEY_SPACE.block, KEY_SPACE.txids].map((space) => heights(space, "blocks")),
      ...[KEY_SPACE.header, KEY_SPACE.certificate, KEY_SPACE.compact].map((space) => heights(space, "window")),
      ...[KEY_SPACE.payload, KEY_SPACE.core].map(leaves),
    ];
    this.#reclaimed = to;
    for (const [start, end] of ranges) await this.#database.compactRange(start, end);
  }

  /** The same for what is deleted and overwritten everywhere: proofs, the tree, live outputs. */
  async reclaimScattered(): Promise<void> {
    for (const space of SCATTERED) await this.#database.compactRange(Uint8Array.of(space), Uint8Array.of(space + 1));
  }

  async #pruneProofs(from: number, end: number): Promise<PrunedHeights> {
    const operations: StoreOperation[] = [];
    let next = from;
    for (const compact of await this.#read(KEY_SPACE.compact, from, end)) {
      if (operations.length >= SLICE_OPERATIONS_MAX) break;
      next++;
      const spent = compact === undefined ? [] : decodeCompactBlock(compact).spent;
      operations.push(...spent.map((leaf) => deletion(leafKey(KEY_SPACE.rangeProof, leaf))));
    }
    return { operations, next };
  }

  async #pruneBlocks(from: number, end: number): Promise<PrunedHeights> {
    const operations: StoreOperation[] = [];
    let next = from;
    for (const txids of await this.#read(KEY_SPACE.txids, from, end)) {
      if (operations.length >= SLICE_OPERATIONS_MAX) break;
      operations.push(deletion(heightKey(KEY_SPACE.block, next)));
      if (txids !== undefined) operations.push(deletion(heightKey(KEY_SPACE.txids, next)), ...placesOf(txids));
      next++;
    }
    return { operations, next };
  }

  async #pruneWindow(from: number, end: number): Promise<PrunedHeights & { readonly leaf: LeafIndex | undefined }> {
    const operations: StoreOperation[] = [];
    let next = from;
    let leaf: LeafIndex | undefined;
    for (const bytes of await this.#read(KEY_SPACE.compact, from, end)) {
      if (operations.length >= SLICE_OPERATIONS_MAX) break;
      const at = next++;
      if (bytes !== undefined) {
        const compact = decodeCompactBlock(bytes);
        leaf = leafIndex(compact.firstLeaf + compact.entries.length);
        operations.push(deletion(heightKey(KEY_SPACE.compact, at)), ...(await this.#outputsOf(compact)));
      }
      operations.push(...(await this.#headerOf(at)));
    }
    return { operations, next, leaf };
  }

  /** Payloads of a block's outputs, and what is kept of those that were spent. */
  async #outputsOf({ firstLeaf, entries }: CompactBlock): Promise<readonly StoreOperation[]> {
    const leaves = entries.map((_, index) => leafIndex(firstLeaf + index));
    const cores = await this.#database.getMany(leaves.map((leaf) => leafKey(KEY_SPACE.core, leaf)));
    const live = await this.#database.hasMany(leaves.map((leaf) => leafKey(KEY_SPACE.leaf, leaf)));
    return leaves.flatMap((leaf, index) => {
      const operations = [deletion(leafKey(KEY_SPACE.payload, leaf))];
      const core = cores[index];
      if (core === undefined) return operations;
      const payment = live[index] === true ? undefined : publicPaymentKeyOf(leaf, plainBytes(core));
      if (payment !== undefined) operations.push(deletion(payment));
      return [...operations, deletion(leafKey(KEY_SPACE.core, leaf))];
    });
  }

  /** Header, certificate and name of a height that is no boundary. */
  async #headerOf(at: number): Promise<readonly StoreOperation[]> {
    if (await this.#database.has(heightKey(KEY_SPACE.boundary, at))) return [];
    const header = await this.#database.get(heightKey(KEY_SPACE.header, at));
    if (header === undefined) return [];
    const id = hash32("stg/hdr", plainBytes(header));
    const records = [heightKey(KEY_SPACE.header, at), heightKey(KEY_SPACE.certificate, at)];
    return [...records, hashKey(KEY_SPACE.blockHeight, id)].map(deletion);
  }

  async #read(space: KeySpace, from: number, end: number): Promise<readonly (Uint8Array | undefined)[]> {
    if (end <= from) return [];
    const keys = Array.from({ length: end - from }, (_, index) => heightKey(space, from + index));
    return (await this.#database.getMany(keys)).map((bytes) => bytes && plainBytes(bytes));
  }
}

interface PrunedHeights {
  readonly operations: readonly StoreOperation[];
  readonly next: number;
}

const deletion = (key: Uint8Array): StoreOperation => ({ type: "del", key });

function placesOf(txids: Uint8Array): readonly StoreOperation[] {
  return Array.from({ length: txids.length / HASH_SIZE }, (_, index) =>
    deletion(hashKey(KEY_SPACE.transactionPlace, txids.subarray(HASH_SIZE * index, HASH_SIZE * (index + 1)))),
  );
}

/** The records of the places; also what a database begins with that has nothing older. */
export function placeOperations(places: Places): readonly StoreOperation[] {
  const record = (name: number, at: Height, leaf = 0): StoreOperation => ({
    type: "put",
    key: metaKey(name),
    value: new Writer(13).u64(at).u40(leaf).finish(),
  });
  return [
    record(META.prunedProofs, places.proofs),
    record(META.prunedBlocks, places.blocks),
    record(META.prunedWindow, places.window, places.windowLeaf),
  ];
}

function decodePlace(bytes: Uint8Array | undefined): { readonly at: Height; readonly leaf: LeafIndex } {
  if (bytes === undefined) return { at: height(0), leaf: leafIndex(0) };
  return decodeWhole(plainBytes(bytes), (reader) => ({ at: height(reader.u53()), leaf: leafIndex(reader.u40()) }));
}
