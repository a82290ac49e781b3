import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { merkleRoot } from "../crypto/merkle.ts";
import { BLOCK_NEW_OUTPUTS_MAX, BLOCK_SPENT_MAX } from "../params/limits.ts";
import { hash, type Hash } from "../values/hash.ts";
import { height, LEAF_INDEX_LIMIT, leafIndex, type Height, type LeafIndex } from "../values/height.ts";
import { outputHash, payloadTagOf, type OutputCore } from "./output.ts";

/** What an online client needs of one new output: 82 bytes (5.2). */
export interface CompactEntry {
  readonly ephemeralKey: Uint8Array;
  readonly viewTag: Uint8Array;
  readonly payloadTag: Uint8Array;
  readonly outputHash: Hash;
}

/** A leaf whose state changed in place (BL-1). */
export interface CompactChange {
  readonly leaf: LeafIndex;
  readonly state: Hash;
}

/** Creation, spending and changes of one block, so that a client asks nothing about what it owns (5.2). */
export interface CompactBlock {
  readonly height: Height;
  readonly firstLeaf: LeafIndex;
  readonly entries: readonly CompactEntry[];
  /** Ascending. */
  readonly spent: readonly LeafIndex[];
  /** Ascending by leaf. */
  readonly changed: readonly CompactChange[];
}

/** Leaf states may change for every stake at a boundary; each is a live output of its own. */
const CHANGES_MAX = 0xffff;
const FLAG_SAME_EPHEMERAL_KEY = 1;

/** What a scan reads of an entry. */
export type ScanEntry = Omit<CompactEntry, "outputHash">;

/** What the compact entry of an output would tell a scan, without the hash, which takes longer than all the rest. */
export function scanEntryOf(core: OutputCore): ScanEntry {
  return { ephemeralKey: core.ephemeralKey, viewTag: core.viewTag, payloadTag: payloadTagOf(core) };
}

/** The compact entry of a new output. */
export function compactEntry(core: OutputCore): CompactEntry {
  return hashedEntry(core, outputHash(core));
}

/** {@link compactEntry} for a caller that holds the hash already. */
export function hashedEntry(core: OutputCore, hashOfCore: Hash): CompactEntry {
  return { ...scanEntryOf(core), outputHash: hashOfCore };
}

function encodeSection0(compact: CompactBlock): Uint8Array {
  const writer = new Writer(64).u64(compact.height).u64(compact.firstLeaf);
  writer.u32(compact.entries.length).u32(compact.spent.length);
  writer.list(compact.spent, (out, leaf) => out.u40(leaf));
  writer.u16(compact.changed.length);
  return writer.list(compact.changed, (out, change) => out.u40(change.leaf).fixed(change.state, 32)).finish();
}

const ENTRY_SIZE = 82;

/** The leaf of a new output under compact_root (5.2). */
export function encodeEntry(entry: CompactEntry): Uint8Array {
  return encodeEntries([entry]);
}

/** One behind the other: an array of its own for each would cost more than its hash. */
function encodeEntries(entries: readonly CompactEntry[]): Uint8Array {
  const writer = new Writer(ENTRY_SIZE * entries.length);
  for (const { ephemeralKey, viewTag, payloadTag, outputHash } of entries) {
    writer.fixed(ephemeralKey, 32).fixed(viewTag, 2).fixed(payloadTag, 16).fixed(outputHash, 32);
  }
  return writer.finish();
}

/** The leaves under compact_root (5.2): what is spent and changed, then one for each new output. */
export function compactLeaves(compact: CompactBlock): readonly Uint8Array[] {
  const encoded = encodeEntries(compact.entries);
  const leaves = compact.entries.map((_, index) => encoded.subarray(ENTRY_SIZE * index, ENTRY_SIZE * (index + 1)));
  return [encodeSection0(compact), ...leaves];
}

/** compact_root of 5.2. */
export function compactRoot(compact: CompactBlock): Hash {
  return merkleRoot(compactLeaves(compact));
}

/** Writes the block as it travels: an entry leaves out D iff it equals the one before (5.2). */
export function encodeCompactBlock(compact: CompactBlock): Uint8Array {
  const writer = new Writer(128 + 83 * compact.entries.length).bytes(encodeSection0(compact));
  compact.entries.forEach((entry, index) => {
    const previous = compact.entries[index - 1];
    const isSame = previous !== undefined && equalBytes(previous.ephemeralKey, entry.ephemeralKey);
    writer.u8(isSame ? FLAG_SAME_EPHEMERAL_KEY : 0);
    if (!isSame) writer.fixed(entry.ephemeralKey, 32);
    writer.fixed(entry.viewTag, 2).fixed(entry.payloadTag, 16).fixed(entry.outputHash, 32);
  });
  return writer.finish();
}

/** Reads the form of {@link encodeCompactBlock}; the caller compares {@link compactRoot} with a certified header. */
export function readCompactBlock(reader: Reader): CompactBlock {
  const blockHeight = height(reader.u53());
  const first = reader.u53();
  const entryCount = reader.u32();
  if (entryCount > BLOCK_NEW_OUTPUTS_MAX) throw new DecodeError(`${entryCount} new outputs`);
  const firstLeaf = firstLeafOf(first, entryCount);
  const spent = reader.list(reader.u32(), BLOCK_SPENT_MAX, (from) => leafIndex(from.u40()));
  const changed = reader.list(reader.u16(), CHANGES_MAX, (from) => ({
    leaf: leafIndex(from.u40()),
    state: hash(from.bytes(32)),
  }));
  checkAscending(spent);
  checkAscending(changed.map((change) => change.leaf));
  const entries: CompactEntry[] = [];
  for (let index = 0; index < entryCount; index++) entries.push(readEntry(reader, entries[index - 1]));
  return { height: blockHeight, firstLeaf, entries, spent, changed };
}

export function decodeCompactBlock(bytes: Uint8Array): CompactBlock {
  return decodeWhole(bytes, readCompactBlock);
}

function readEntry(reader: Reader, previous: CompactEntry | undefined): CompactEntry {
  const flags = reader.u8();
  if (flags > FLAG_SAME_EPHEMERAL_KEY) throw new DecodeError(`entry flags ${flags}`);
  const isSame = flags === FLAG_SAME_EPHEMERAL_KEY;
  if (isSame && previous === undefined) throw new DecodeError("first entry without D");
  const ephemeralKey = isSame ? previous!.ephemeralKey : reader.bytes(32);
  if (!isSame && previous !== undefined && equalBytes(previous.ephemeralKey, ephemeralKey)) {
    throw new DecodeError("repeated D written twice");
  }
  return { ephemeralKey, viewTag: reader.bytes(2), payloadTag: reader.bytes(16), outputHash: hash(reader.bytes(32)) };
}

/** Whoever reads the entries numbers them from here on, so the last must be a leaf number as well. */
function firstLeafOf(value: number, entryCount: number): LeafIndex {
  if (value >= LEAF_INDEX_LIMIT || value + entryCount > LEAF_INDEX_LIMIT) throw new DecodeError("leaf out of range");
  return leafIndex(value);
}

function checkAscending(leaves: readonly LeafIndex[]): void {
  for (let index = 1; index < leaves.length; index++) {
    if (leaves[index - 1]! >= leaves[index]!) throw new DecodeError("leaves not ascending");
  }
}
