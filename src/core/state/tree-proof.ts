import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { hash, isZeroHash, ZERO_HASH, type Hash } from "../values/hash.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import {
  bitmapOf,
  foldLevels,
  nodeHash,
  presentOf,
  scanHash,
  TILE_LEAVES,
  TILE_LEVELS,
  tileAt,
  tileHash,
  tileIndexOf,
  tileLeafHashes,
  TREE_LEVELS,
  type TreeSource,
} from "./tree.ts";

const UPPER_LEVELS = TREE_LEVELS - TILE_LEVELS;
const FLAG_LEAF_LIVE = 1;
const FLAG_TILE_LIVE = 2;

/** Proof of one leaf's state under utxo_root (5.3). Siblings count from the bottom; 0^32 ones are not sent. */
export interface LeafProof {
  readonly leaf: LeafIndex;
  readonly isLive: boolean;
  /** Undefined: no leaf of the whole tile is live. */
  readonly tile: { readonly scan: Hash; readonly siblings: readonly Hash[] } | undefined;
  readonly siblings: readonly Hash[];
}

/** BL-4: bit l of the mask ⇔ the sibling at level l is present, and a zero one must not be. */
export function readSiblings(reader: Reader, mask: number, levels: number): readonly Hash[] {
  if (mask >= 2 ** levels) throw new DecodeError("mask bit above the top");
  return Array.from({ length: levels }, (_, level) => {
    if (Math.floor(mask / 2 ** level) % 2 === 0) return ZERO_HASH;
    const sibling = hash(reader.bytes(32));
    if (isZeroHash(sibling)) throw new DecodeError("zero sibling sent");
    return sibling;
  });
}

/** Mask u40 and siblings of the 33 upper levels, as in both kinds of proof. */
export function writeUpperSiblings(writer: Writer, siblings: readonly Hash[]): Writer {
  return writer.u40(bitmapOf(siblings)).bytes(presentOf(siblings));
}

export function readUpperSiblings(reader: Reader): readonly Hash[] {
  return readSiblings(reader, reader.u40(), UPPER_LEVELS);
}

export function encodeLeafProof(proof: LeafProof): Uint8Array {
  const writer = new Writer(700);
  writer.u8((proof.isLive ? FLAG_LEAF_LIVE : 0) | (proof.tile !== undefined ? FLAG_TILE_LIVE : 0)).u40(proof.leaf);
  if (proof.tile !== undefined) {
    writer.fixed(proof.tile.scan, 32).u8(bitmapOf(proof.tile.siblings)).bytes(presentOf(proof.tile.siblings));
  }
  return writeUpperSiblings(writer, proof.siblings).finish();
}

export function decodeLeafProof(bytes: Uint8Array): LeafProof {
  return decodeWhole(bytes, (reader) => {
    const flags = reader.u8();
    if (flags > (FLAG_LEAF_LIVE | FLAG_TILE_LIVE) || flags === FLAG_LEAF_LIVE)
      throw new DecodeError(`proof flags ${flags}`);
    const leaf = leafIndex(reader.u40());
    const tile =
      (flags & FLAG_TILE_LIVE) === 0
        ? undefined
        : { scan: hash(reader.bytes(32)), siblings: readSiblings(reader, reader.u8(), TILE_LEVELS) };
    return { leaf, isLive: (flags & FLAG_LEAF_LIVE) !== 0, tile, siblings: readUpperSiblings(reader) };
  });
}

/** The siblings of a tile's path to the root. */
export function upperSiblings(source: TreeSource, tile: number): readonly Hash[] {
  const siblings: Hash[] = [];
  let position = tile;
  for (let level = TILE_LEVELS; level < TREE_LEVELS; level++) {
    siblings.push(source.node(level, siblingOf(position)));
    position = Math.floor(position / 2);
  }
  return siblings;
}

/** The other child of the same node. */
export const siblingOf = (position: number): number => (position % 2 === 0 ? position + 1 : position - 1);

export function buildLeafProof(source: TreeSource, leaf: LeafIndex): LeafProof {
  const tileIndex = tileIndexOf(leaf);
  const tile = tileAt(source, tileIndex);
  const siblings = upperSiblings(source, tileIndex);
  if (tile.every((each) => each === undefined)) return { leaf, isLive: false, tile: undefined, siblings };
  const levels = foldLevels(tileLeafHashes(tile));
  let position = leaf % TILE_LEAVES;
  const below = levels.slice(0, TILE_LEVELS).map((level) => {
    const sibling = level[siblingOf(position)]!;
    position = Math.floor(position / 2);
    return sibling;
  });
  const isLive = tile[leaf % TILE_LEAVES] !== undefined;
  return { leaf, isLive, tile: { scan: scanHash(tile), siblings: below }, siblings };
}

/** Folds a node at some position upwards along its siblings. */
export function foldPath(start: Hash, startPosition: number, siblings: readonly Hash[]): Hash {
  let position = startPosition;
  let node = start;
  for (const sibling of siblings) {
    node = position % 2 === 0 ? nodeHash(node, sibling) : nodeHash(sibling, node);
    position = Math.floor(position / 2);
  }
  return node;
}

/** Does the proof show this leaf hash (0^32 = not live) under this root? */
export function verifyLeafProof(root: Hash, proof: LeafProof, leaf: Hash): boolean {
  if (proof.isLive === isZeroHash(leaf)) return false;
  const tileIndex = tileIndexOf(proof.leaf);
  if (proof.tile === undefined) return equalBytes(foldPath(ZERO_HASH, tileIndex, proof.siblings), root);
  const rest = foldPath(leaf, proof.leaf % TILE_LEAVES, proof.tile.siblings);
  // A tile said to be live must show a live leaf; its hash would not be of the form of 5.1 otherwise.
  if (isZeroHash(rest)) return false;
  return equalBytes(foldPath(tileHash(proof.tile.scan, rest), tileIndex, proof.siblings), root);
}

/** BL-5: what a verified proof says under a certified header; a number not made yet says nothing. */
export function leafStatus(proof: LeafProof, nextLeaf: number): "live" | "gone" | "unknown" {
  if (proof.leaf >= nextLeaf) return "unknown";
  return proof.isLive ? "live" : "gone";
}
