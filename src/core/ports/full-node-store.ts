import type { RecordedTile } from "../state/tile-record.ts";
import type { AddressKeys } from "../values/address.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";
import type { LeafRecord, LedgerChanges, LedgerReader } from "./ledger-reader.ts";

/** Everything one final block changes. It is written in one synced batch or not at all. */
export interface BlockCommit {
  readonly height: Height;
  readonly blockId: Hash;
  /** Of its header. */
  readonly time: TimeMs;
  /** Encoded ledger tip (`state/ledger-tip.ts`): where a restart goes on. */
  readonly tip: Uint8Array;
  /** Header, certificate for this block, whole block, compact form: canonical bytes each. */
  readonly header: Uint8Array;
  readonly certificate: Uint8Array;
  readonly block: Uint8Array;
  readonly compact: Uint8Array;
  readonly changes: LedgerChanges;
  /** Payloads of the block's coin outputs by leaf (512 bytes each). */
  readonly payloads: ReadonlyMap<LeafIndex, Uint8Array>;
  /** Range proofs of the block's coin outputs by leaf (576 bytes each). */
  readonly rangeProofs: ReadonlyMap<LeafIndex, Uint8Array>;
  /** Core bytes of every output the block made, dead or alive, by leaf. */
  readonly cores: ReadonlyMap<LeafIndex, Uint8Array>;
  /** Transaction ids in block order. */
  readonly txids: readonly Hash[];
  /** The set that `nextValHash` names, when this block changed it or is genesis. */
  readonly validatorSet: { readonly hash: Hash; readonly bytes: Uint8Array } | undefined;
  /** Present where the block draws the award of a week. */
  readonly award: AwardCommit | undefined;
  /** Present on the last block of an epoch and on genesis. */
  readonly boundary: BoundaryCommit | undefined;
}

/** A draw as the store keeps it, which drops those of AWARD_WEEKS_KEPT weeks before and earlier (AW-4). */
export interface AwardCommit {
  readonly week: bigint;
  /** Encoded draw (`state/award-draw.ts`): 8,704 bytes at most. */
  readonly draw: Uint8Array;
  /** The sets that its two certificates are of, stored like every set. */
  readonly validatorSets: readonly { readonly hash: Hash; readonly bytes: Uint8Array }[];
}

/** What the store needs to keep the state of a boundary readable (5.4). */
export interface BoundaryCommit {
  /** Outputs made so far. */
  readonly nextLeaf: number;
  /** How many boundaries stay readable, counted from this one down. */
  readonly keepCount: number;
  /** What a snapshot carries behind its leaves (`state/snapshot.ts`), kept as long as the state is readable. */
  readonly tail: Uint8Array;
}

/** A part of the state as a boundary left it. */
export interface LeavesAt {
  /** Outputs made until then. */
  readonly nextLeaf: number;
  /** The live ones of those asked for. */
  readonly live: ReadonlyMap<LeafIndex, LeafRecord>;
}

/** Heights that a node which is no archive still has to have (5.5). */
export interface KeptFrom {
  /** Whole blocks and the places of their transactions, from here on. */
  readonly blocks: Height;
  /** Headers, certificates, compact data, payloads and cores of spent outputs, from here on. Boundary headers stay. */
  readonly window: Height;
  /** Payloads of live outputs, from here on: behind a boundary, and at most the window. */
  readonly payloads: Height;
}

/** Where a public payment stands. */
export interface PublicPayment {
  readonly leaf: LeafIndex;
  readonly height: Height;
}

/** One own consensus message or lock, as the machine wrote it before sending (CO-14). */
export type ConsensusLogEntry = Uint8Array;

/**
 * The full node's database. Reads for block execution are synchronous (LedgerReader); everything else may wait.
 * `commit`, `appendLog` and `keepEvidence` resolve when the bytes would survive a kill of the process.
 */
export interface FullNodeStore extends LedgerReader {
  /** Encoded ledger tip of the last committed block; undefined on an empty database. */
  tip(): Uint8Array | undefined;
  /** Also deletes log entries below the next height. */
  commit(commit: BlockCommit): Promise<void>;

  /** Appends entries of one height, synced, in order. */
  appendLog(height: Height, entries: readonly ConsensusLogEntry[]): Promise<void>;
  /** Entries of one height in the order they were written. */
  log(height: Height): Promise<readonly ConsensusLogEntry[]>;

  /** Puts the evidence that waits for a block (ST-10, `machines/hold-evidence.ts`) in place of what was kept, synced. */
  keepEvidence(encoded: Uint8Array): Promise<void>;
  /** As it was kept last. */
  evidence(): Promise<Uint8Array | undefined>;

  header(height: Height): Promise<Uint8Array | undefined>;
  certificate(height: Height): Promise<Uint8Array | undefined>;
  block(height: Height): Promise<Uint8Array | undefined>;
  compact(height: Height): Promise<Uint8Array | undefined>;
  heightOfBlock(blockId: Hash): Promise<Height | undefined>;
  /** Where a final transaction stands, while its block is kept. */
  placeOfTransaction(txid: Hash): Promise<{ readonly height: Height; readonly index: number } | undefined>;
  validatorSet(hash: Hash): Promise<Uint8Array | undefined>;
  /** Encoded draws that were stored with their blocks, newest week first. Pruning leaves them alone. */
  awardDraws(countMax: number): Promise<readonly Uint8Array[]>;
  /** Core bytes of an output whether live or spent, while kept. */
  core(leaf: LeafIndex): Promise<Uint8Array | undefined>;
  /** Payloads of outputs while kept, in the order asked for. */
  payloads(leaves: readonly LeafIndex[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Of an output that is live, at the tip or at a readable boundary. */
  rangeProof(leaf: LeafIndex): Promise<Uint8Array | undefined>;
  /** Boundaries from a height on, ascending, whether their state is still readable or not. */
  boundaries(from: Height, countMax: number): Promise<readonly Height[]>;
  /** Those of the last whose state is readable, ascending. */
  readableBoundaries(): readonly Height[];
  /** Level-10 nodes of the state at a boundary, 0 to that of the last output; undefined if it is not readable. */
  rangeRoots(boundary: Height): Promise<readonly Hash[] | undefined>;
  /** The tail of the snapshot of a boundary; undefined if its state is not readable. */
  snapshotTail(boundary: Height): Promise<Uint8Array | undefined>;
  /** Leaves `first` to `first + count - 1` of that state, read at once; undefined if it is not readable. */
  leavesAt(boundary: Height, first: LeafIndex, count: number): Promise<LeavesAt | undefined>;
  /**
   * Some of the tiles `first` to `first + count - 1` of that state, by number: those that the store can tell without
   * their leaves. Undefined if the state is not readable.
   */
  tilesAt(boundary: Height, first: number, count: number): Promise<ReadonlyMap<number, RecordedTile> | undefined>;
  /** Public payments made to an address whose cores are kept, live or spent, newest first. */
  publicPayments(recipient: AddressKeys, countMax: number): Promise<readonly PublicPayment[]>;
  /** The lowest heights of which everything is here. */
  keptFrom(): KeptFrom;
  /**
   * Deletes a slice of what is not to be kept any more, of at most `heightsMax` heights for each kind (of payloads,
   * which go by whole epochs, so many epochs): blocks, the window, payloads of live outputs, and of outputs that no
   * readable boundary shows alive the range proofs and what payloads the window has left. Boundary headers with their
   * certificates and sets, live outputs and public payments that live stay. False once there is nothing to delete. A
   * kill leaves a slice deleted or not at all.
   */
  prune(keep: KeptFrom, heightsMax: number): Promise<boolean>;
  /** Every live leaf, ascending. */
  liveLeaves(): AsyncIterable<readonly [LeafIndex, LeafRecord]>;
  close(): Promise<void>;
}
