import type { ClassicLevel } from "classic-level";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { encodeOutputCore, OUTPUT_TYPE } from "../../core/chain/output.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import { RANGE_LEAVES, RANGE_LEVEL } from "../../core/state/range-answer.ts";
import type { RangeTree } from "../../core/state/snapshot.ts";
import { HALF_LEVEL } from "../../core/state/tree.ts";
import { leafIndex, type LeafIndex } from "../../core/values/height.ts";
import type { PinnedPacket } from "../../wire/requests/snap.ts";
import { parseNodeName, publicPaymentKeyOf, publicPaymentOperations } from "./commit-operations.ts";
import { KEY_SPACE, leafKey, leafOfKey, nodeKey, type KeySpace, type StoreOperation } from "./key-spaces.ts";
import { decodeLeafRecord, encodeLeafRecord } from "./leaf-record-bytes.ts";
import { packetExpiryOperations } from "./packet-expiries.ts";
import {
  coinsOfPacket,
  drawnCoinOperations,
  endedPacketOperations,
  pinnedAmong,
  releasePackets,
} from "./pinned-packets.ts";
import { plainBytes } from "./plain-bytes.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** The live outputs of one range, checked, with the tree over them. */
export interface JoinedRange {
  readonly range: number;
  readonly live: ReadonlyMap<LeafIndex, LeafRecord>;
  readonly rangeProofs: ReadonlyMap<LeafIndex, Uint8Array>;
  /** Packets that have ended, of which coins live in the range; their proofs are checked, and nothing certifies them. */
  readonly pinned: readonly PinnedPacket[];
  readonly tree: RangeTree;
}

/** Does what a range shows of ended packets go with the ranges that are stored (BL-12)? */
export type PacketVerdict =
  | { readonly type: "fits" }
  /** One of them lives in a range that is stored. */
  | { readonly type: "false" }
  /** These ranges show these packets otherwise, and nothing certified tells who is right. */
  | { readonly type: "disputed"; readonly ranges: readonly number[]; readonly packets: ReadonlySet<LeafIndex> };

const TILES_PER_RANGE = 8;

export async function judgePinned(database: Database, { pinned }: JoinedRange): Promise<PacketVerdict> {
  if (pinned.length === 0) return { type: "fits" };
  const leaves = pinned.map(({ leaf }) => leaf);
  const areLive = await database.hasMany(leaves.map((leaf) => leafKey(KEY_SPACE.leaf, leaf)));
  if (areLive.includes(true)) return { type: "false" };
  const stored = await pinnedAmong(database, leaves);
  const packets = new Set<LeafIndex>();
  const ranges = new Set<number>();
  for (const { leaf, core } of pinned) {
    if (!stored.has(leaf)) continue;
    // The core names the proof.
    const before = await database.get(leafKey(KEY_SPACE.core, leaf));
    if (equalBytes(plainBytes(before!), encodeOutputCore(core))) continue;
    packets.add(leaf);
    for (const coin of await coinsOfPacket(database, leaf)) ranges.add(Math.floor(coin / RANGE_LEAVES));
  }
  return packets.size === 0 ? { type: "fits" } : { type: "disputed", ranges: [...ranges], packets };
}

/** Stores a range of which nothing is stored. */
export function rangeOperations({ range, live, rangeProofs, pinned, tree }: JoinedRange): readonly StoreOperation[] {
  const put = (key: Uint8Array, value: Uint8Array): StoreOperation => ({ type: "put", key, value });
  return [
    ...[...live].flatMap(([leaf, record]) => [
      put(leafKey(KEY_SPACE.leaf, leaf), encodeLeafRecord(record)),
      ...publicPaymentOperations(leaf, record.core, record.height),
      ...drawnCoinOperations(leaf, record.core),
      ...packetExpiryOperations("put", leaf, record.core),
      ...(record.core[0] === OUTPUT_TYPE.packet ? unpinOperations(leaf) : []),
    ]),
    ...[...rangeProofs].map(([leaf, proof]) => put(leafKey(KEY_SPACE.rangeProof, leaf), proof)),
    ...pinned.flatMap(({ leaf, core, rangeProof }) => [
      ...endedPacketOperations(leaf, encodeOutputCore(core)),
      put(leafKey(KEY_SPACE.rangeProof, leaf), rangeProof),
    ]),
    ...[...tree.tiles].map(([index, record]) => put(leafKey(KEY_SPACE.tile, index), record)),
    ...[...tree.nodes].map(([name, node]) => put(nodeKey(...parseNodeName(name)), node)),
    put(leafKey(KEY_SPACE.joinedRange, range), tree.node),
  ];
}

/** A packet that lives is pinned by nothing, whoever has shown it as ended. */
function unpinOperations(leaf: LeafIndex): readonly StoreOperation[] {
  return [deletion(leafKey(KEY_SPACE.pinnedPacket, leaf)), deletion(leafKey(KEY_SPACE.core, leaf))];
}

/** Forgets a range, its coins, and the packets that nothing else pins. */
export async function clearingOperations(database: Database, range: number): Promise<readonly StoreOperation[]> {
  const [from, to] = [range * RANGE_LEAVES, (range + 1) * RANGE_LEAVES];
  const within = (space: KeySpace, first: number, end: number) => ({
    gte: leafKey(space, first),
    lt: leafKey(space, end),
  });
  const live = await database.iterator(within(KEY_SPACE.leaf, from, to)).all();
  const leaves = live.map(([key]) => leafIndex(leafOfKey(key)));
  const cores = live.map(([, record]) => decodeLeafRecord(plainBytes(record)).core);
  const payments = leaves.flatMap((leaf, index) => publicPaymentKeyOf(leaf, cores[index]!) ?? []);
  const expiries = leaves.flatMap((leaf, index) => packetExpiryOperations("del", leaf, cores[index]!));
  const proofs = await database.keys(within(KEY_SPACE.rangeProof, from, to)).all();
  const pinned = await pinnedAmong(
    database,
    proofs.map((key) => leafIndex(leafOfKey(key))),
  );
  const tiles = within(KEY_SPACE.tile, range * TILES_PER_RANGE, (range + 1) * TILES_PER_RANGE);
  const { operations, packets } = await releasePackets(database, leaves);
  const gone = [
    ...leaves.map((leaf) => leafKey(KEY_SPACE.leaf, leaf)),
    ...payments,
    ...proofs.filter((key) => !pinned.has(leafIndex(leafOfKey(key)))),
    ...[...packets].flatMap((leaf) => [leafKey(KEY_SPACE.core, leaf), leafKey(KEY_SPACE.rangeProof, leaf)]),
    ...(await database.keys(tiles).all()),
    ...nodeKeysOf(range),
    leafKey(KEY_SPACE.joinedRange, range),
  ];
  return [...operations, ...expiries, ...gone.map((key) => deletion(plainBytes(key)))];
}

function nodeKeysOf(range: number): readonly Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (let level = HALF_LEVEL; level <= RANGE_LEVEL; level++) {
    const width = 2 ** (RANGE_LEVEL - level);
    for (let place = 0; place < width; place++) keys.push(nodeKey(level, range * width + place));
  }
  return keys;
}

const deletion = (key: Uint8Array): StoreOperation => ({ type: "del", key });
