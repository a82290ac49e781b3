import { equalBytes } from "../bytes/compare-bytes.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import { hash, isZeroHash, ZERO_HASH, type Hash } from "../values/hash.ts";
import {
  foldRoot,
  HALF_LEVEL,
  nodeHash,
  scanHash,
  tileAt,
  tileHash,
  tileLeafHashes,
  type Tile,
  type TreeSource,
} from "./tree.ts";
import { recordedTile, type RecordedTile } from "./tile-record.ts";
import { foldPath, readUpperSiblings, upperSiblings, writeUpperSiblings } from "./tree-proof.ts";

/** Leaves of one bucket, half a tile (BL-15). */
export const BUCKET_LEAVES = 64;
/** Buckets there are: the leaf numbers' 40 bits in halves of tiles. */
export const BUCKET_LIMIT = 2 ** 34;

/** Proof of all 64 leaves of a bucket at once (BL-15). */
export interface BucketProof {
  /** half of the other bucket of the tile. */
  readonly other: Hash;
  readonly scan: Hash;
  readonly siblings: readonly Hash[];
}

export function encodeBucketProof(proof: BucketProof): Uint8Array {
  const writer = new Writer(700).fixed(proof.other, 32).fixed(proof.scan, 32);
  return writeUpperSiblings(writer, proof.siblings).finish();
}

export function decodeBucketProof(bytes: Uint8Array): BucketProof {
  return decodeWhole(bytes, (reader) => {
    const other = hash(reader.bytes(32));
    const scan = hash(reader.bytes(32));
    return { other, scan, siblings: readUpperSiblings(reader) };
  });
}

/** Out of what is kept of the tile, where anything is: its 128 leaves need not be hashed for one look at a packet. */
export function buildBucketProof(source: TreeSource, bucket: number): BucketProof {
  const tile = Math.floor(bucket / 2);
  const siblings = upperSiblings(source, tile);
  const record = source.record(tile);
  if (record === undefined) return bucketProofOf(tileAt(source, tile), bucket, siblings);
  const halves = [source.node(HALF_LEVEL, 2 * tile), source.node(HALF_LEVEL, 2 * tile + 1)] as const;
  return recordedBucketProof(recordedTile(record, halves), bucket, siblings);
}

/** The proof of one half of a tile whose path is known. */
export function bucketProofOf(tile: Tile, bucket: number, siblings: readonly Hash[]): BucketProof {
  const hashes = tileLeafHashes(tile);
  const other = bucket % 2 === 0 ? hashes.slice(BUCKET_LEAVES) : hashes.slice(0, BUCKET_LEAVES);
  const isDead = tile.every((leaf) => leaf === undefined);
  return { other: foldRoot(other), scan: isDead ? ZERO_HASH : scanHash(tile), siblings };
}

/** The same of a tile with live leaves that a store has told, without hashing them. */
export function recordedBucketProof(tile: RecordedTile, bucket: number, siblings: readonly Hash[]): BucketProof {
  return { other: tile.halves[bucket % 2 === 0 ? 1 : 0], scan: sha256Hash(tile.bitmap, tile.entries), siblings };
}

/** Are these exactly the leaves of the bucket (0^32 where not live) under this root? */
export function verifyBucketProof(root: Hash, bucket: number, leaves: readonly Hash[], proof: BucketProof): boolean {
  if (leaves.length !== BUCKET_LEAVES) return false;
  const half = foldRoot(leaves);
  const isDead = isZeroHash(half) && isZeroHash(proof.other);
  if (isDead && !isZeroHash(proof.scan)) return false;
  const rest = bucket % 2 === 0 ? nodeHash(half, proof.other) : nodeHash(proof.other, half);
  const tile = isDead ? ZERO_HASH : tileHash(proof.scan, rest);
  return equalBytes(foldPath(tile, Math.floor(bucket / 2), proof.siblings), root);
}
