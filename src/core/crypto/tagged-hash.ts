import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { u32 } from "../bytes/writer.ts";
import { hash, type Hash } from "../values/hash.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import type { Scalar } from "./scalar.ts";
import { scalarAt } from "./scalar-vector.ts";

/** Longest tag (PR-1). */
const TAG_SIZE_MAX = 32;
/** u32 before each part. */
const SIZE_SIZE = 4;

type Sha512 = ReturnType<typeof sha512.create>;

/** Making a hasher takes longer than a short message: one serves all, and every digest wipes it. */
const sha512Hasher = sha512.create();
const sha256Hasher = sha256.create();
const freshSha256 = sha256.create();
const tagHashers = new Map<string, Sha512>();

/** A hasher that has taken u8(|tag|) ‖ tag, made once per tag: tags are literals of ours, so the map stays small. */
function tagHasher(tag: string): Sha512 {
  const known = tagHashers.get(tag);
  if (known !== undefined) return known;
  const hasher = sha512.create().update(tagPrefix(tag));
  tagHashers.set(tag, hasher);
  return hasher;
}

/** u8(|tag|) ‖ tag */
function tagPrefix(tag: string): Uint8Array {
  if (tag.length > TAG_SIZE_MAX) throw new RangeError(`tag too long: ${tag}`);
  const prefix = new Uint8Array(1 + tag.length);
  prefix[0] = tag.length;
  for (let index = 0; index < tag.length; index++) prefix[1 + index] = tag.charCodeAt(index);
  return prefix;
}

/** TH(tag, x1..xn) of PR-1, 64 bytes: SHA-512 over length-prefixed parts, so that no two inputs can be confused. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hasher = tagHasher(tag)._cloneInto(sha512Hasher);
  for (const part of parts) hasher.update(u32(part.length)).update(part);
  return hasher.digest();
}

/**
 * TH of PR-1 for many inputs at once, 64 bytes each: every column has the same part of all of them, one after the other and
 * of one size. Throws RangeError for a column that is no such list.
 */
export function taggedHashes(
  curve: Pick<CurveBackend, "sha512Batch">,
  tag: string,
  count: number,
  ...columns: readonly Uint8Array[]
): Uint8Array {
  const prefix = tagPrefix(tag);
  if (columns.some((column) => column.length % count !== 0))
    throw new RangeError(`columns of other than ${count} parts`);
  const messageSize = columns.reduce((sum, column) => sum + SIZE_SIZE + column.length / count, prefix.length);
  const messages = new Uint8Array(messageSize * count);
  const view = new DataView(messages.buffer);
  for (let index = 0; index < count; index++) {
    let at = messageSize * index;
    messages.set(prefix, at);
    at += prefix.length;
    for (const column of columns) {
      const size = column.length / count;
      view.setUint32(at, size, true);
      at += SIZE_SIZE;
      // Parts are short: a view of each would cost more than its bytes.
      for (let byte = size * index; byte < size * (index + 1); byte++) messages[at++] = column[byte]!;
    }
  }
  return curve.sha512Batch(messages, count);
}

/** H32 of PR-1: the first 32 bytes of the tagged hash. */
export function hash32(tag: string, ...parts: readonly Uint8Array[]): Hash {
  return hash(taggedHash(tag, ...parts).slice(0, 32));
}

/** Hs of PR-1: the tagged hash as a little-endian number modulo ℓ, in fixed time where the backend can (PR-9). */
export function hashToScalar(
  curve: Pick<CurveBackend, "scalars">,
  tag: string,
  ...parts: readonly Uint8Array[]
): Scalar {
  return scalarAt(curve.scalars.reduceWide(taggedHash(tag, ...parts)), 0);
}

/** SHA-256 without a tag: nodes of trees (PR-6, 5.1), and bytes that stand in a core or header by their hash alone. */
export function sha256Hash(...parts: readonly Uint8Array[]): Hash {
  const hasher = freshSha256._cloneInto(sha256Hasher);
  for (const part of parts) hasher.update(part);
  return hash(hasher.digest());
}
