import type { AwardCommit, BlockCommit } from "../../src/core/ports/full-node-store.ts";
import type { LeafRecord } from "../../src/core/ports/ledger-reader.ts";
import { decodeCompactBlock, encodeCompactBlock } from "../../src/core/chain/compact-block.ts";
import { encodeOutputCore, OUTPUT_TYPE, type PublicCore } from "../../src/core/chain/output.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { concatBytes } from "../../src/core/bytes/concat-bytes.ts";
import { u32 } from "../../src/core/bytes/writer.ts";
import { RANGE_LEAVES } from "../../src/core/state/range-answer.ts";
import { amount } from "../../src/core/values/amount.ts";
import { ZERO_HASH, type Hash } from "../../src/core/values/hash.ts";
import { height, leafIndex, timeMs, type LeafIndex } from "../../src/core/values/height.ts";

/** Outputs every made-up block creates. It also spends the first one of the block before and changes the last one. */
export const COMMIT_OUTPUT_COUNT = 3;

const bytesOf = (name: string, number: number, size = 32): Uint8Array => {
  const bytes = new Uint8Array(size);
  bytes.set(hash32(`test/${name}`, u32(number)).subarray(0, size));
  return bytes;
};

export const hashOf = (name: string, number: number): Hash => hash32(`test/${name}`, u32(number));

export const leavesOfBlock = (at: number): readonly LeafIndex[] =>
  Array.from({ length: COMMIT_OUTPUT_COUNT }, (_, index) => leafIndex(COMMIT_OUTPUT_COUNT * at + index));

/** Every fourth output of made-up blocks is a public one, to one address; of the others only the type is real. */
export function coreOf(leaf: LeafIndex): Uint8Array {
  if (leaf % 4 === 3) return encodeOutputCore(publicCoreOf(leaf));
  const core = bytesOf("core", leaf, 203);
  core[0] = OUTPUT_TYPE.coin;
  return core;
}

export const PUBLIC_RECIPIENT = { spendKey: bytesOf("spend-key", 0), viewKey: bytesOf("view-key", 0) };

const publicCoreOf = (leaf: number): PublicCore => ({
  type: "public",
  oneTimeKey: bytesOf("key", leaf),
  amount: amount(BigInt(leaf)),
  ephemeralKey: bytesOf("ephemeral", leaf),
  viewTag: bytesOf("tag", leaf, 2),
  recipient: PUBLIC_RECIPIENT,
  anchor: bytesOf("anchor", leaf, 16),
  reference: bytesOf("reference", leaf),
});

export const recordOf = (leaf: LeafIndex): LeafRecord => ({
  height: height(Math.floor(leaf / COMMIT_OUTPUT_COUNT)),
  core: coreOf(leaf),
  stateFields: leaf % 2 === 0 ? new Uint8Array() : bytesOf("state", leaf, 17),
});

/** What the ledger says of a leaf after a block; undefined = not live. */
export function recordAfter(at: number, leaf: LeafIndex): LeafRecord | undefined {
  const made = Math.floor(leaf / COMMIT_OUTPUT_COUNT);
  if (at < made) return undefined;
  const place = leaf % COMMIT_OUTPUT_COUNT;
  if (at === made || place === 1) return recordOf(leaf);
  return place === 0 ? undefined : { ...recordOf(leaf), stateFields: bytesOf("changed", leaf, 17) };
}

/** Every fifth made-up block ends an epoch; the states of this many are kept. */
export const BOUNDARY_STEP = 5;
export const BOUNDARY_KEEP_COUNT = 2;

const rangeOfBlock = (at: number): number => Math.floor((COMMIT_OUTPUT_COUNT * at) / RANGE_LEAVES);

export const tailOf = (at: number): Uint8Array => bytesOf("tail", at, 900);

/** The made-up node of a range after a block: each block writes that of its first output. */
export function rangeRootAfter(at: number, range: number): Hash {
  for (let block = at; block >= 0; block--) if (rangeOfBlock(block) === range) return hashOf("range", block);
  return ZERO_HASH;
}

const headerOf = (at: number): Uint8Array => bytesOf("header", at, 592);

export const blockIdOf = (at: number): Hash => hash32("stg/hdr", headerOf(at));

function compactOf(at: number): Uint8Array {
  const entries = leavesOfBlock(at).map((leaf) => ({
    ephemeralKey: bytesOf("ephemeral", leaf),
    viewTag: bytesOf("tag", leaf, 2),
    payloadTag: bytesOf("payload tag", leaf, 16),
    outputHash: hash32("stg/out", coreOf(leaf)),
  }));
  const spent = at === 0 ? [] : [leavesOfBlock(at - 1)[0]!];
  return encodeCompactBlock({ height: height(at), firstLeaf: leavesOfBlock(at)[0]!, entries, spent, changed: [] });
}

/** Every third made-up block draws; each fourth of those draws is missing, as where nobody was eligible. */
export function awardOf(at: number): AwardCommit | undefined {
  const week = at / 3;
  if (!Number.isInteger(week) || week % 4 === 2) return undefined;
  const validatorSets = [{ hash: hashOf("award set", at), bytes: bytesOf("award set", at, 226) }];
  return { week: BigInt(week), draw: bytesOf("draw", at, 400), validatorSets };
}

const payloadOf = (leaf: LeafIndex): Uint8Array => bytesOf("payload", leaf, 512);

/** Like a real one in what a store may leave out of it: its header, and payloads one after the other. */
function blockOf(at: number): Uint8Array {
  const [first, second, third] = leavesOfBlock(at).map(payloadOf);
  const [certificate, middle] = [bytesOf("last certificate", at, 102), bytesOf("middle", at, 1_500)];
  return concatBytes(headerOf(at), certificate, first!, second!, middle, third!, bytesOf("end", at, 64));
}

/** A commit whose every byte follows from its height: not a valid block, but one that touches every key space. */
export function commitOf(at: number): BlockCommit {
  const leaves = leavesOfBlock(at);
  const changes = new Map<LeafIndex, LeafRecord | undefined>(leaves.map((leaf) => [leaf, recordOf(leaf)]));
  const nodes = new Map<string, Hash | undefined>([
    ["40:0", hashOf("root", at)],
    [`7:${at}`, hashOf("tile", at)],
    [`10:${rangeOfBlock(at)}`, hashOf("range", at)],
  ]);
  if (at > 0) {
    for (const leaf of leavesOfBlock(at - 1)) {
      const record = recordAfter(at, leaf);
      if (leaf % COMMIT_OUTPUT_COUNT !== 1) changes.set(leaf, record);
    }
    nodes.set(`7:${at - 1}`, undefined);
  }
  return {
    height: height(at),
    blockId: blockIdOf(at),
    time: timeMs(1_000 * at),
    tip: bytesOf("tip", at, 300),
    header: headerOf(at),
    certificate: bytesOf("certificate", at, 102),
    block: blockOf(at),
    compact: compactOf(at),
    changes: {
      leaves: changes,
      nodes,
      tiles: new Map([
        [at, bytesOf("tile record", at, 100)],
        [at - 1, undefined],
      ]),
    },
    payloads: new Map(leaves.map((leaf) => [leaf, payloadOf(leaf)])),
    rangeProofs: new Map(leaves.map((leaf) => [leaf, bytesOf("proof", leaf, 576)])),
    cores: new Map(leaves.map((leaf) => [leaf, coreOf(leaf)])),
    txids: [hashOf("txid", 2 * at), hashOf("txid", 2 * at + 1)],
    validatorSet: at % 5 === 0 ? { hash: hashOf("set", at), bytes: bytesOf("set-bytes", at, 226) } : undefined,
    award: awardOf(at),
    boundary:
      at % BOUNDARY_STEP === 0
        ? { nextLeaf: COMMIT_OUTPUT_COUNT * (at + 1), keepCount: BOUNDARY_KEEP_COUNT, tail: tailOf(at) }
        : undefined,
  };
}

/** The made-up commit of a height that spends these leaves as well. */
export function commitSpending(at: number, leaves: readonly LeafIndex[]): BlockCommit {
  const commit = commitOf(at);
  const compact = decodeCompactBlock(commit.compact);
  const spent = [...compact.spent, ...leaves].sort((left, right) => left - right);
  const gone = leaves.map((leaf) => [leaf, undefined] as const);
  return {
    ...commit,
    compact: encodeCompactBlock({ ...compact, spent }),
    changes: { ...commit.changes, leaves: new Map([...commit.changes.leaves, ...gone]) },
  };
}

/** Entries a test writes to the log of a height before it commits that height. */
export const logOf = (at: number): readonly Uint8Array[] =>
  [0, 1, 2].map((index) => bytesOf("log", 3 * at + index, 120));
