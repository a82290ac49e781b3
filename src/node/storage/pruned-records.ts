import type { ClassicLevel } from "classic-level";
import { OUTPUT_TYPE } from "../../core/chain/output.ts";
import { decodeCompactBlock, type CompactBlock } from "../../core/chain/compact-block.ts";
import { hash32 } from "../../core/crypto/tagged-hash.ts";
import type { KeptFrom } from "../../core/ports/full-node-store.ts";
import { HASH_SIZE } from "../../core/values/hash.ts";
import { height, leafIndex, type Height, type LeafIndex } from "../../core/values/height.ts";
import { decodeNextLeaf } from "./boundary-states.ts";
import { publicPaymentKeyOf } from "./commit-operations.ts";
import {
  hashKey,
  heightKey,
  heightOfKey,
  KEY_SPACE,
  leafKey,
  leafOfKey,
  type KeySpace,
  type StoreOperation,
} from "./key-spaces.ts";
import { decodeLeafRecord } from "./leaf-record-bytes.ts";
import { packetExpiryOperations } from "./packet-expiries.ts";
import { endedPacketOperations, pinnedAmong, releasePackets } from "./pinned-packets.ts";
import { plainBytes } from "./plain-bytes.ts";
import { placeOperations, readPlaces, type Places } from "./pruned-places.ts";

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
    return new PrunedRecords(database, await readPlaces(database));
  }

  keptFrom(): KeptFrom {
    const { blocks, window, payloads } = this.#places;
    return { blocks, window, payloads };
  }

  /** What becomes of outputs that a block spends: their cores are kept while the window holds them. */
  spentOperations(before: ReadonlyMap<LeafIndex, Uint8Array>): StoreOperation[] {
    return [...before].flatMap(([leaf, record]): readonly StoreOperation[] => {
      const { core } = decodeLeafRecord(record);
      const pins = endedPacketOperations(leaf, core);
      if (pins.length > 0) return [...pins, ...packetExpiryOperations("del", leaf, core)];
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
    const window = await this.#pruneWindow(from.window, windowEnd, proofs.released);
    const payloads = await this.#prunePayloads(from, Math.min(keep.payloads, from.window), heightsMax);
    const operations = [proofs, blocks, window, payloads].flatMap((kind) => kind.operations);
    const places = {
      proofs: height(proofs.next),
      blocks: height(blocks.next),
      window: height(window.next),
      windowLeaf: window.leaf ?? from.windowLeaf,
      payloads: height(payloads.next),
      payloadLeaf: payloads.leaf,
    };
    const kinds = ["proofs", "blocks", "window", "payloads", "payloadLeaf"] as const;
    if (kinds.every((kind) => places[kind] === from[kind])) return undefined;
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
    const heights = (space: KeySpace, kind: "blocks" | "window") =>
      [heightKey(space, from[kind]), heightKey(space, to[kind])] as const;
    const leaves = (space: KeySpace, kind: "windowLeaf" | "payloadLeaf" = "windowLeaf") =>
      [leafKey(space, from[kind]), leafKey(space, to[kind])] as const;
    const ranges = [
      ...[KEY_SPACE.block, KEY_SPACE.txids].map((space) => heights(space, "blocks")),
      ...[KEY_SPACE.header, KEY_SPACE.certificate, KEY_SPACE.compact].map((space) => heights(space, "window")),
      ...[KEY_SPACE.payload, KEY_SPACE.core].map((space) => leaves(space)),
      leaves(KEY_SPACE.payload, "payloadLeaf"),
    ];
    this.#reclaimed = to;
    for (const [start, end] of ranges) await this.#database.compactRange(start, end);
  }

  /** The same for what is deleted and overwritten everywhere: proofs, the tree, live outputs and their payloads. */
  async reclaimScattered(): Promise<void> {
    const { payloadLeaf, windowLeaf } = this.#places;
    await this.#database.compactRange(leafKey(KEY_SPACE.payload, payloadLeaf), leafKey(KEY_SPACE.payload, windowLeaf));
    for (const space of SCATTERED) await this.#database.compactRange(Uint8Array.of(space), Uint8Array.of(space + 1));
  }

  /** Range proofs of what blocks spent, and payloads of what they spent that the window had left behind. */
  async #pruneProofs(
    from: number,
    end: number,
  ): Promise<PrunedHeights & { readonly released: ReadonlySet<LeafIndex> }> {
    const { windowLeaf, payloadLeaf } = this.#places;
    const spent: LeafIndex[] = [];
    let next = from;
    for (const compact of await this.#read(KEY_SPACE.compact, from, end)) {
      if (spent.length >= SLICE_OPERATIONS_MAX) break;
      next++;
      if (compact !== undefined) spent.push(...decodeCompactBlock(compact).spent);
    }
    const pinned = await pinnedAmong(this.#database, spent);
    const { operations, packets: released } = await releasePackets(this.#database, spent);
    const proofs = [...spent.filter((leaf) => !pinned.has(leaf)), ...released];
    const payloads = spent.filter((leaf) => leaf >= payloadLeaf && leaf < windowLeaf);
    // The window has passed these before; those in it go with it.
    const cores = [...released].filter((leaf) => leaf < windowLeaf);
    const gone = [
      ...proofs.map((leaf) => leafKey(KEY_SPACE.rangeProof, leaf)),
      ...payloads.map((leaf) => leafKey(KEY_SPACE.payload, leaf)),
      ...cores.map((leaf) => leafKey(KEY_SPACE.core, leaf)),
    ];
    return { operations: [...operations, ...gone.map(deletion)], next, released };
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

  async #pruneWindow(
    from: number,
    end: number,
    released: ReadonlySet<LeafIndex>,
  ): Promise<PrunedHeights & { readonly leaf: LeafIndex | undefined }> {
    const operations: StoreOperation[] = [];
    let next = from;
    let leaf: LeafIndex | undefined;
    for (const bytes of await this.#read(KEY_SPACE.compact, from, end)) {
      if (operations.length >= SLICE_OPERATIONS_MAX) break;
      const at = next++;
      if (bytes !== undefined) {
        const compact = decodeCompactBlock(bytes);
        leaf = leafIndex(compact.firstLeaf + compact.entries.length);
        operations.push(deletion(heightKey(KEY_SPACE.compact, at)), ...(await this.#outputsOf(compact, released)));
      }
      operations.push(...(await this.#headerOf(at)));
    }
    return { operations, next, leaf };
  }

  /** What is kept of those of a block's outputs that were spent, but for pinned packets that are not released here. */
  async #outputsOf(
    { firstLeaf, entries }: CompactBlock,
    released: ReadonlySet<LeafIndex>,
  ): Promise<readonly StoreOperation[]> {
    const leaves = entries.map((_, index) => leafIndex(firstLeaf + index));
    const cores = await this.#database.getMany(leaves.map((leaf) => leafKey(KEY_SPACE.core, leaf)));
    const live = await this.#database.hasMany(leaves.map((leaf) => leafKey(KEY_SPACE.leaf, leaf)));
    const packets = leaves.filter((_, index) => cores[index]?.[0] === OUTPUT_TYPE.packet);
    const pinned = await pinnedAmong(this.#database, packets);
    return leaves.flatMap((leaf, index) => {
      if (live[index] === true || (pinned.has(leaf) && !released.has(leaf))) return [];
      const operations = [deletion(leafKey(KEY_SPACE.payload, leaf))];
      const core = cores[index];
      if (core === undefined) return operations;
      const payment = publicPaymentKeyOf(leaf, plainBytes(core));
      if (payment !== undefined) operations.push(deletion(payment));
      return [...operations, deletion(leafKey(KEY_SPACE.core, leaf))];
    });
  }

  /** Payloads that the window has left behind, because their outputs lived, of epochs that ended below a height. */
  async #prunePayloads(
    { payloads, payloadLeaf }: Places,
    end: number,
    epochsMax: number,
  ): Promise<PrunedHeights & { readonly leaf: LeafIndex }> {
    if (end <= payloads) return { operations: [], next: payloads, leaf: payloadLeaf };
    const range = { gte: heightKey(KEY_SPACE.boundary, payloads), lt: heightKey(KEY_SPACE.boundary, end) };
    const boundaries = await this.#database.iterator({ ...range, limit: epochsMax }).all();
    const last = boundaries.at(-1);
    if (last === undefined) return { operations: [], next: payloads, leaf: payloadLeaf };
    const endLeaf = decodeNextLeaf(plainBytes(last[1]));
    const left = { gte: leafKey(KEY_SPACE.payload, payloadLeaf), lt: leafKey(KEY_SPACE.payload, endLeaf) };
    const keys = await this.#database.keys({ ...left, limit: SLICE_OPERATIONS_MAX }).all();
    const operations = keys.map((key) => deletion(plainBytes(key)));
    // More of them are the next slice's: it begins behind the last key.
    if (keys.length === SLICE_OPERATIONS_MAX)
      return { operations, next: payloads, leaf: leafIndex(leafOfKey(keys.at(-1)!) + 1) };
    return { operations, next: heightOfKey(last[0]) + 1, leaf: leafIndex(endLeaf) };
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
