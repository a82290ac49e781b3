import { DecodeError } from "../bytes/decode-error.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { hash, HASH_SIZE, type Hash } from "../values/hash.ts";
import { sha256Hash } from "./tagged-hash.ts";

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

const leafHash = (leaf: Uint8Array): Hash => sha256Hash(LEAF_PREFIX, leaf);
const nodeHash = (left: Hash, right: Hash): Hash => sha256Hash(NODE_PREFIX, left, right);

/** MTH of RFC 6962 (PR-6): the empty list gives SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Hash {
  const roots: Hash[] = [];
  for (const [size, leaf] of leaves.entries()) pushLeaf(roots, size, leaf);
  return frontierRoot({ size: leaves.length, roots });
}

/** Adds a leaf to the roots of a tree of this size. */
function pushLeaf(roots: Hash[], size: number, leaf: Uint8Array): void {
  let root = leafHash(leaf);
  // Each trailing one of the size is a full subtree as large as the one just completed.
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) root = nodeHash(roots.pop()!, root);
  roots.push(root);
}

/**
 * All a growing tree needs for its next root: the roots of its full subtrees, largest first, one for each bit of its
 * size. A value, like every state in core: appending makes a new one.
 */
export interface MerkleFrontier {
  /** Leaves so far. */
  readonly size: number;
  readonly roots: readonly Hash[];
}

export const EMPTY_FRONTIER: MerkleFrontier = { size: 0, roots: [] };

export function appendLeaf(frontier: MerkleFrontier, leaf: Uint8Array): MerkleFrontier {
  const roots = [...frontier.roots];
  pushLeaf(roots, frontier.size, leaf);
  return { size: frontier.size + 1, roots };
}

export function frontierRoot(frontier: MerkleFrontier): Hash {
  const { roots } = frontier;
  if (roots.length === 0) return sha256Hash();
  return roots.reduceRight((right, left) => nodeHash(left, right));
}

/** What proves the last leaf of a list, which is not empty: the full subtrees before it, largest first. 32 bytes each. */
export function proveLastLeaf(leaves: readonly Uint8Array[]): readonly Hash[] {
  let frontier = EMPTY_FRONTIER;
  for (const leaf of leaves.slice(0, -1)) frontier = appendLeaf(frontier, leaf);
  return frontier.roots;
}

/**
 * The root of the list that ends with this leaf. Every subtree of the proof stands to the left of the leaf, so whatever
 * the proof, a leaf that leads to a root is the last one under it.
 */
export function rootOfLastLeaf(proof: readonly Hash[], leaf: Uint8Array): Hash {
  return proof.reduceRight((right, left) => nodeHash(left, right), leafHash(leaf));
}

/** Roots of the full subtrees, largest first (BL-12). The size is known from elsewhere. */
export function encodeFrontier(frontier: MerkleFrontier): Uint8Array {
  return concatBytes(...frontier.roots);
}

/** Bytes of the frontier of a tree of this size. */
export function frontierSize(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count * HASH_SIZE;
}

export function decodeFrontier(size: number, bytes: Uint8Array): MerkleFrontier {
  if (bytes.length !== frontierSize(size)) throw new DecodeError(`frontier of ${bytes.length} bytes`);
  const roots: Hash[] = [];
  for (let offset = 0; offset < bytes.length; offset += HASH_SIZE)
    roots.push(hash(bytes.slice(offset, offset + HASH_SIZE)));
  return { size, roots };
}
