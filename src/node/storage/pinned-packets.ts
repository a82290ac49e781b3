import type { ClassicLevel } from "classic-level";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeOutputCore, OUTPUT_TYPE } from "../../core/chain/output.ts";
import { leafIndex, type LeafIndex } from "../../core/values/height.ts";
import { coinOfKey, KEY_SPACE, leafKey, packetCoinKey, type StoreOperation } from "./key-spaces.ts";
import { plainBytes } from "./plain-bytes.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/**
 * Pinned packets (BL-12): what a coin that was drawn from a packet is worth is proven by the packet's proof, and opened
 * with its core. So both stay as long as one such coin lives, or a readable boundary shows it alive, however old the
 * packet is. These are the records by which a database knows.
 */

/** What tells of a new output that it was drawn from a packet; nothing for others. */
export function drawnCoinOperations(leaf: LeafIndex, core: Uint8Array): readonly StoreOperation[] {
  if (core[0] !== OUTPUT_TYPE.drawn) return [];
  const drawn = decodeOutputCore(core);
  if (drawn.type !== "drawn") return [];
  const packet = new Writer(5).u40(drawn.packetLeaf).finish();
  return [
    { type: "put", key: packetCoinKey(drawn.packetLeaf, leaf), value: new Uint8Array(0) },
    { type: "put", key: leafKey(KEY_SPACE.coinPacket, leaf), value: packet },
  ];
}

/** What pins a packet that ends: the block that ends it makes a coin of it (RP-6, RP-7). Nothing for other outputs. */
export function endedPacketOperations(leaf: LeafIndex, core: Uint8Array): readonly StoreOperation[] {
  if (core[0] !== OUTPUT_TYPE.packet) return [];
  return [
    { type: "put", key: leafKey(KEY_SPACE.pinnedPacket, leaf), value: new Uint8Array(0) },
    { type: "put", key: leafKey(KEY_SPACE.core, leaf), value: core },
  ];
}

/** Those of these leaves that are pinned packets. */
export async function pinnedAmong(database: Database, leaves: readonly LeafIndex[]): Promise<ReadonlySet<LeafIndex>> {
  if (leaves.length === 0) return new Set();
  const found = await database.hasMany(leaves.map((leaf) => leafKey(KEY_SPACE.pinnedPacket, leaf)));
  return new Set(leaves.filter((_, index) => found[index] === true));
}

/** Coins drawn from a packet that are known, ascending. */
export async function coinsOfPacket(database: Database, leaf: LeafIndex): Promise<readonly LeafIndex[]> {
  const keys = await database.keys({ gte: packetCoinKey(leaf, 0), lt: packetCoinKey(leaf + 1, 0) }).all();
  return keys.map((key) => leafIndex(coinOfKey(key)));
}

/** Pinned packets whose last coin is among those that nobody can see alive any more. */
export interface ReleasedPackets {
  /** Forget coins and pins; cores and proofs are the caller's. */
  readonly operations: readonly StoreOperation[];
  readonly packets: ReadonlySet<LeafIndex>;
}

/** What becomes of pins once these spent outputs are forgotten. */
export async function releasePackets(database: Database, spent: readonly LeafIndex[]): Promise<ReleasedPackets> {
  const records =
    spent.length === 0 ? [] : await database.getMany(spent.map((leaf) => leafKey(KEY_SPACE.coinPacket, leaf)));
  const operations: StoreOperation[] = [];
  const forgotten = new Map<LeafIndex, number>();
  for (const [index, record] of records.entries()) {
    if (record === undefined) continue;
    const coin = spent[index]!;
    const packet = decodeWhole(plainBytes(record), (reader) => leafIndex(reader.u40()));
    operations.push(deletion(leafKey(KEY_SPACE.coinPacket, coin)), deletion(packetCoinKey(packet, coin)));
    forgotten.set(packet, (forgotten.get(packet) ?? 0) + 1);
  }
  const packets = new Set<LeafIndex>();
  for (const leaf of await pinnedAmong(database, [...forgotten.keys()])) {
    if ((await coinsOfPacket(database, leaf)).length > forgotten.get(leaf)!) continue;
    packets.add(leaf);
    operations.push(deletion(leafKey(KEY_SPACE.pinnedPacket, leaf)));
  }
  return { operations, packets };
}

const deletion = (key: Uint8Array): StoreOperation => ({ type: "del", key });
