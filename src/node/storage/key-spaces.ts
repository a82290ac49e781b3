import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import type { AddressKeys } from "../../core/values/address.ts";
import { leafIndex, type LeafIndex } from "../../core/values/height.ts";

/** First byte of every key: one key space per kind of record. Numbers behind it are big-endian, so that keys sort. */
export const KEY_SPACE = {
  meta: 0x00,
  leaf: 0x01,
  node: 0x02,
  header: 0x03,
  certificate: 0x04,
  block: 0x05,
  compact: 0x06,
  blockHeight: 0x07,
  transactionPlace: 0x08,
  validatorSet: 0x09,
  /** Of outputs that are spent; of a live one the leaf holds it. */
  core: 0x0a,
  payload: 0x0b,
  rangeProof: 0x0c,
  log: 0x0d,
  /** Leaf as it was before the block of a height changed it. */
  journal: 0x0e,
  /** Leaves with a journal entry of a height. */
  journalLeaves: 0x0f,
  boundary: 0x10,
  rangeRoots: 0x11,
  /** Public payments by their recipient. */
  publicPayment: 0x12,
  /** What is kept of a tile besides its leaves. */
  tile: 0x13,
  /** Transaction ids of a block, so that their places go with it. */
  txids: 0x14,
  /** Tails of the snapshots of readable boundaries. */
  snapshotTail: 0x15,
  /** Ranges that a node which joins has stored, with their nodes. */
  joinedRange: 0x16,
  /** Draws of the award by their week. */
  award: 0x17,
  /** Coins drawn from a packet, by its leaf, until no readable boundary shows them alive. */
  packetCoin: 0x18,
  /** The packet of such a coin. */
  coinPacket: 0x19,
  /** Packets that have ended while such a coin is known. */
  pinnedPacket: 0x1a,
  /** Live packets by their expiry. */
  packetExpiry: 0x1b,
} as const;

export type KeySpace = (typeof KEY_SPACE)[keyof typeof KEY_SPACE];

/** One write of a batch. */
export type StoreOperation =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

function allocate(space: KeySpace, size: number): DataView {
  const view = new DataView(new ArrayBuffer(1 + size));
  view.setUint8(0, space);
  return view;
}

const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer);

/** Key of a height: 8 bytes. */
export function heightKey(space: KeySpace, height: number): Uint8Array {
  const view = allocate(space, 8);
  view.setBigUint64(1, BigInt(height));
  return bytesOf(view);
}

/** Key of the draw of a week: 8 bytes. */
export function weekKey(week: bigint): Uint8Array {
  const view = allocate(KEY_SPACE.award, 8);
  view.setBigUint64(1, week);
  return bytesOf(view);
}

/** Key of a leaf number: 5 bytes. */
export function leafKey(space: KeySpace, leaf: number): Uint8Array {
  const view = allocate(space, 5);
  view.setUint8(1, Math.floor(leaf / 2 ** 32));
  view.setUint32(2, leaf % 2 ** 32);
  return bytesOf(view);
}

/** Key of a coin drawn from a packet: leaf number of the packet, then of the coin. */
export function packetCoinKey(packet: number, coin: number): Uint8Array {
  return concatBytes(leafKey(KEY_SPACE.packetCoin, packet), leafKey(KEY_SPACE.packetCoin, coin).subarray(1));
}

/** Key of a live packet by its expiry: expiry, then leaf number. */
export function packetExpiryKey(expiry: number, leaf: number): Uint8Array {
  return concatBytes(heightKey(KEY_SPACE.packetExpiry, expiry), leafKey(KEY_SPACE.leaf, leaf).subarray(1));
}

/** Expiry and leaf number of such a key. */
export function expiryOfKey(key: Uint8Array): { readonly expiry: number; readonly leaf: LeafIndex } {
  return { expiry: heightOfKey(key), leaf: leafIndex(leafOfKey(key.subarray(8))) };
}

/** Key of a tree node: its level, then its position like a leaf number. */
export function nodeKey(level: number, position: number): Uint8Array {
  const view = allocate(KEY_SPACE.node, 6);
  view.setUint8(1, level);
  view.setUint8(2, Math.floor(position / 2 ** 32));
  view.setUint32(3, position % 2 ** 32);
  return bytesOf(view);
}

/** Key of a hash. */
export function hashKey(space: KeySpace, hash: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + hash.length);
  key[0] = space;
  key.set(hash, 1);
  return key;
}

/** Key of a log entry: height, then its place within the height. */
export function logKey(height: number, sequence: number): Uint8Array {
  const view = allocate(KEY_SPACE.log, 12);
  view.setBigUint64(1, BigInt(height));
  view.setUint32(9, sequence);
  return bytesOf(view);
}

/** Key of a journal entry: leaf number, then the height whose block changed it. */
export function journalKey(leaf: number, height: number): Uint8Array {
  const view = allocate(KEY_SPACE.journal, 13);
  view.setUint8(1, Math.floor(leaf / 2 ** 32));
  view.setUint32(2, leaf % 2 ** 32);
  view.setBigUint64(6, BigInt(height));
  return bytesOf(view);
}

/** Key of one of the single records: format version, tip. */
export function metaKey(name: number): Uint8Array {
  return Uint8Array.of(KEY_SPACE.meta, name);
}

const viewOf = (key: Uint8Array): DataView => new DataView(key.buffer, key.byteOffset, key.byteLength);

/** Leaf number of a leaf key or of a journal key. */
export function leafOfKey(key: Uint8Array): number {
  const view = viewOf(key);
  return view.getUint8(1) * 2 ** 32 + view.getUint32(2);
}

/** Leaf number of the coin in the key of a coin drawn from a packet. */
export function coinOfKey(key: Uint8Array): number {
  return leafOfKey(key.subarray(5));
}

/** Height of a key that is one. */
export function heightOfKey(key: Uint8Array): number {
  return Number(viewOf(key).getBigUint64(1));
}

/** Height of a journal key. */
export function journalHeightOfKey(key: Uint8Array): number {
  return Number(viewOf(key).getBigUint64(6));
}

/** Position of a node key. */
export function positionOfKey(key: Uint8Array): number {
  const view = viewOf(key);
  return view.getUint8(2) * 2 ** 32 + view.getUint32(3);
}

/** Key of a public payment: the recipient's address, then the leaf, so that one address's payments sort by age. */
export function publicPaymentKey({ spendKey, viewKey }: AddressKeys, leaf: number): Uint8Array {
  return concatBytes(
    Uint8Array.of(KEY_SPACE.publicPayment),
    spendKey,
    viewKey,
    leafKey(KEY_SPACE.leaf, leaf).subarray(1),
  );
}
