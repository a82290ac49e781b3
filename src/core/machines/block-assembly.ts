import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { evidenceRoot, shortId, transactionsRoot, type Block } from "../chain/block.ts";
import { certificateHash } from "../chain/certificate.ts";
import type { BlockBody } from "../chain/consensus-frames.ts";
import { encodeTransaction, transactionId, type Transaction } from "../chain/transaction.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { BLOCK_BYTES_MAX, BODY_VERSIONS_MAX } from "../params/limits.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { Hash } from "../values/hash.ts";

/**
 * One peer's word for what a block holds. Nobody has signed short ids, so each peer is judged by its own: by the parts
 * that it sends itself, and never by those of another (CO-19).
 */
export interface BodyVersion {
  /** Undefined: it came by gossip, where nobody is asked for parts and nobody answers for what he passes on. */
  readonly from: PeerId | undefined;
  readonly shortIds: readonly Uint8Array[];
  /** In block order; undefined = not here. */
  readonly transactions: readonly (Transaction | undefined)[];
  /** Where transactions were looked for: nowhere yet, in the pool and at the sender, or at the sender alone. */
  readonly filledFrom: "nowhere" | "pool" | "sender";
  /** Bytes of transactions that the sender sent. */
  readonly partBytes: number;
}

/** A block on its way to being whole. */
export interface BlockAssembly {
  readonly blockId: Hash;
  /** What the block id binds, so that it is the same in every version. */
  readonly bound: Omit<BlockBody, "shortIds">;
  /** The newest last. Once it is being judged a version is here no more. */
  readonly versions: readonly BodyVersion[];
  /** Stood behind by this node before a restart: nothing of it is in doubt, and no version of others is heard. */
  readonly whole: Block | undefined;
}

/**
 * What a pool holds, by short id as hex, behind one block; undefined for an id that fits several (CO-19). Making one
 * costs a hash for each transaction, so it is kept: as many peers as there are may speak of one block.
 */
export interface ShortIdIndex {
  readonly entries: Mempool["entries"];
  readonly prev: Hash;
  readonly byShortId: ReadonlyMap<string, Transaction | undefined>;
}

/** What a search changed. */
export interface AssemblyChange {
  readonly assembly: BlockAssembly;
  /** Versions that give txs_root, to be judged; the assembly holds them no longer. */
  readonly wholes: readonly { readonly block: Block; readonly from: PeerId | undefined }[];
  /** Of the pool as it was searched, or the one given where nothing was looked up. */
  readonly index: ShortIdIndex | undefined;
  /** Who is to be asked for what their versions lack now. */
  readonly ask: readonly PeerId[];
  /** Whose short ids and parts do not give txs_root: nobody honest sends those. */
  readonly liars: readonly PeerId[];
}

export function newAssembly(blockId: Hash, { header, lastCertificate, evidence }: BlockBody): BlockAssembly {
  return { blockId, bound: { header, lastCertificate, evidence }, versions: [], whole: undefined };
}

/** A proposer signs the header alone, so whoever passes a body on could put other contents behind it. */
export function fitsHeader({ header, lastCertificate, evidence }: BlockAssembly["bound"]): boolean {
  return (
    equalBytes(certificateHash(lastCertificate), header.lastCertHash) &&
    equalBytes(evidenceRoot(evidence), header.evidenceRoot)
  );
}

/** Whether nothing of a block but its signatures could be another's: all the rest is under its id. */
export function isUnderItsId(block: Block): boolean {
  return fitsHeader(block) && equalBytes(transactionsRoot(block.transactions), block.header.txsRoot);
}

/** The body that stands for a whole block. */
export function blockBody(block: Block): BlockBody {
  const { header, lastCertificate, evidence, transactions } = block;
  const shortIds = transactions.map((transaction) => shortId(header.prev, transactionId(transaction)));
  return { header, lastCertificate, evidence, shortIds };
}

/**
 * Puts in a peer's version; its first word counts. At the limit the oldest that lacks something makes room, and where all
 * wait for their turn to be judged there is none. The mempool is searched later, once somebody whose word counts has
 * signed for the block.
 */
export function withVersion(
  held: BlockAssembly,
  shortIds: readonly Uint8Array[],
  from: PeerId | undefined,
): BlockAssembly {
  if (held.whole !== undefined || versionOf(held, from) !== undefined) return held;
  const isFull = held.versions.length >= BODY_VERSIONS_MAX;
  const oldest = isFull ? held.versions.find((each) => !isComplete(each)) : undefined;
  if (isFull && oldest === undefined) return held;
  const version = { from, shortIds, transactions: nothing(shortIds), filledFrom: "nowhere", partBytes: 0 } as const;
  return { ...held, versions: [...held.versions.filter((each) => each !== oldest), version] };
}

/** The version a peer answers for. */
export function versionOf(held: BlockAssembly, from: PeerId | undefined): BodyVersion | undefined {
  return held.versions.find((version) => version.from === from);
}

/**
 * Fills in what the mempool knows and takes out versions that have become whole, the oldest first, as many as are wanted.
 * `kept` is the index of an earlier search.
 */
export function searchAssembly(
  held: BlockAssembly,
  mempool: Mempool,
  wanted: number,
  kept?: ShortIdIndex,
): AssemblyChange {
  let index = kept;
  const unchanged = { assembly: held, wholes: [], ask: [], liars: [] };
  const versions: BodyVersion[] = [];
  const wholes: { readonly block: Block; readonly from: PeerId | undefined }[] = [];
  const ask: PeerId[] = [];
  const liars: PeerId[] = [];
  for (const before of held.versions) {
    let version = before;
    if (version.filledFrom === "nowhere") {
      index = indexOf(mempool, held.bound.header.prev, index);
      version = { ...version, transactions: lookUp(version.shortIds, index), filledFrom: "pool" };
    }
    const whole = wholeBlock(held.bound, version);
    if (whole !== undefined) {
      if (wholes.length < wanted) wholes.push({ block: whole, from: version.from });
      else versions.push(version);
      continue;
    }
    const hasAll = isComplete(version);
    // A held transaction may share a short id with the one meant. Then the sender is asked for all.
    if (hasAll && version.filledFrom === "pool" && version.shortIds.length > 0)
      version = { ...version, transactions: nothing(version.shortIds), filledFrom: "sender", partBytes: 0 };
    else if (hasAll || version.partBytes > BLOCK_BYTES_MAX) {
      if (version.from !== undefined) liars.push(version.from);
      continue;
    }
    versions.push(version);
    if (version.filledFrom !== before.filledFrom && version.from !== undefined) ask.push(version.from);
  }
  const isSame = versions.every((version, place) => version === held.versions[place]);
  if (isSame && versions.length === held.versions.length) return { ...unchanged, index };
  return { assembly: { ...held, versions }, index, wholes, ask, liars };
}

function isComplete(version: BodyVersion): boolean {
  return version.filledFrom !== "nowhere" && missingPlaces(version).length === 0;
}

/** Places whose transaction is not here yet. */
export function missingPlaces(version: BodyVersion): readonly number[] {
  return version.transactions.flatMap((transaction, place) => (transaction === undefined ? [place] : []));
}

/**
 * Takes the parts that fit their sender's short ids. Nobody looks at what they hold before all of them are here: the
 * thread that votes would have to, and a part costs more to look at than to send.
 */
export function fillVersion(
  held: BlockAssembly,
  version: BodyVersion,
  parts: readonly { readonly index: number; readonly transaction: Transaction }[],
): BlockAssembly {
  const transactions = [...version.transactions];
  let { partBytes } = version;
  for (const { index, transaction } of parts) {
    const expected = version.shortIds[index];
    if (expected === undefined || transactions[index] !== undefined) continue;
    if (!equalBytes(expected, shortId(held.bound.header.prev, transactionId(transaction)))) continue;
    transactions[index] = transaction;
    partBytes += encodeTransaction(transaction).length;
  }
  const filled = { ...version, transactions, partBytes };
  return { ...held, versions: held.versions.map((each) => (each === version ? filled : each)) };
}

/** The block, once every transaction of a version is here and they give txs_root; undefined before, or otherwise. */
function wholeBlock(bound: BlockAssembly["bound"], version: BodyVersion): Block | undefined {
  const transactions = version.transactions.filter((transaction) => transaction !== undefined);
  if (transactions.length !== version.transactions.length) return undefined;
  return equalBytes(transactionsRoot(transactions), bound.header.txsRoot) ? { ...bound, transactions } : undefined;
}

function indexOf(mempool: Mempool, prev: Hash, kept: ShortIdIndex | undefined): ShortIdIndex {
  const { entries } = mempool;
  if (kept?.entries === entries && equalBytes(kept.prev, prev)) return kept;
  const byShortId = new Map<string, Transaction | undefined>();
  for (const entry of entries.values()) {
    const key = formatHex(shortId(prev, entry.txid));
    byShortId.set(key, byShortId.has(key) ? undefined : entry.transaction);
  }
  return { entries, prev, byShortId };
}

const lookUp = (shortIds: readonly Uint8Array[], { byShortId }: ShortIdIndex): readonly (Transaction | undefined)[] =>
  shortIds.map((id) => byShortId.get(formatHex(id)));

const nothing = (shortIds: readonly Uint8Array[]): readonly undefined[] => shortIds.map(() => undefined);
