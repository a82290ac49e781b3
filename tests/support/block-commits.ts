import type { BlockCommit } from "../../src/core/ports/full-node-store.ts";
import type { LeafRecord } from "../../src/core/ports/ledger-reader.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { u32 } from "../../src/core/bytes/writer.ts";
import type { Hash } from "../../src/core/values/hash.ts";
import { height, leafIndex, type LeafIndex } from "../../src/core/values/height.ts";

/** Outputs every made-up block creates. The block also spends the first output of the block before. */
export const COMMIT_OUTPUT_COUNT = 3;

const bytesOf = (name: string, number: number, size = 32): Uint8Array => {
  const bytes = new Uint8Array(size);
  bytes.set(hash32(`test/${name}`, u32(number)).subarray(0, size));
  return bytes;
};

export const hashOf = (name: string, number: number): Hash => hash32(`test/${name}`, u32(number));

export const leavesOfBlock = (at: number): readonly LeafIndex[] =>
  Array.from({ length: COMMIT_OUTPUT_COUNT }, (_, index) => leafIndex(COMMIT_OUTPUT_COUNT * at + index));

export const recordOf = (leaf: LeafIndex): LeafRecord => ({
  height: height(Math.floor(leaf / COMMIT_OUTPUT_COUNT)),
  core: bytesOf("core", leaf, 203),
  stateFields: leaf % 2 === 0 ? new Uint8Array() : bytesOf("state", leaf, 17),
});

/** A commit whose every byte follows from its height: not a valid block, but one that touches every key space. */
export function commitOf(at: number): BlockCommit {
  const leaves = leavesOfBlock(at);
  const changes = new Map<LeafIndex, LeafRecord | undefined>(leaves.map((leaf) => [leaf, recordOf(leaf)]));
  const nodes = new Map<string, Hash | undefined>([
    ["40:0", hashOf("root", at)],
    [`7:${at}`, hashOf("tile", at)],
  ]);
  if (at > 0) {
    changes.set(leavesOfBlock(at - 1)[0]!, undefined);
    nodes.set(`7:${at - 1}`, undefined);
  }
  return {
    height: height(at),
    blockId: hashOf("block", at),
    tip: bytesOf("tip", at, 300),
    header: bytesOf("header", at, 592),
    certificate: bytesOf("certificate", at, 102),
    block: bytesOf("whole", at, 5_000),
    compact: bytesOf("compact", at, 400),
    changes: { leaves: changes, nodes },
    payloads: new Map(leaves.map((leaf) => [leaf, bytesOf("payload", leaf, 512)])),
    rangeProofs: new Map(leaves.map((leaf) => [leaf, bytesOf("proof", leaf, 576)])),
    cores: new Map(leaves.map((leaf) => [leaf, bytesOf("core", leaf, 203)])),
    txids: [hashOf("txid", 2 * at), hashOf("txid", 2 * at + 1)],
    validatorSet: at % 5 === 0 ? { hash: hashOf("set", at), bytes: bytesOf("set-bytes", at, 226) } : undefined,
  };
}

/** Entries a test writes to the log of a height before it commits that height. */
export const logOf = (at: number): readonly Uint8Array[] =>
  [0, 1, 2].map((index) => bytesOf("log", 3 * at + index, 120));
