import { formatHex } from "../bytes/hex.ts";
import type { Block } from "../chain/block.ts";
import type { Certificate } from "../chain/certificate.ts";
import type { Evidence } from "../chain/evidence.ts";
import { outputHash } from "../chain/output.ts";
import type { ConsensusDeps } from "../consensus/consensus-events.ts";
import { createConsensusState, type ConsensusState } from "../consensus/consensus-state.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { AppendMap } from "../values/append-map.ts";
import { EMPTY_MEMPOOL, type Mempool } from "../mempool/mempool.ts";
import type { Place } from "../chain/transaction.ts";
import type { Candidate } from "../mempool/admit-transaction.ts";
import { EMPTY_STEM_POOL, type StemPool } from "../mempool/stem-pool.ts";
import { EMPTY_ROUTE, type StemRoute } from "../mempool/stem-route.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { PeerId } from "../ports/network-port.ts";
import { PacketReads } from "../state/block-packets.ts";
import type { BlockOutcome } from "../state/block-outcome.ts";
import type { ExaminedBlock } from "../state/examine-block.ts";
import type { KeyStanding } from "../state/key-standing.ts";
import type { ProvenOutput } from "../chain/output.ts";
import type { LedgerDeps } from "../state/ledger-deps.ts";
import type { SeatHistory } from "../state/seat-history.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, TimeMs } from "../values/height.ts";
import type { BlockAssembly, ShortIdIndex } from "./block-assembly.ts";
import type { CertifiedBlock, FullNodeEffect, ReplyId, TransactionSource } from "./full-node-events.ts";
import type { WorkPace } from "./work-pace.ts";
import type { HeldEvidence } from "./hold-evidence.ts";

/** What the machine is handed besides events. The reader shows the last committed block, the one of `state.tip`. */
export interface FullNodeDeps {
  readonly ledger: { readonly curve: CurveBackend; readonly bls: BlsBackend };
  readonly reader: LedgerReader;
  readonly consensus: ConsensusDeps;
  /** 32 bytes from which every choice of NW-4 is drawn; fresh at each start, and nobody else's business. */
  readonly stemSecret: Uint8Array;
  /** Whether a validator that is jailed says by itself that it is back (ST-3). */
  readonly unjails: boolean;
}

/** A transaction whose range proofs, or of a claim its signatures or work, are being verified, with everybody who waits for its verdict. */
export interface Intake {
  readonly candidate: Candidate;
  /** What it takes that no other may take beside it. */
  readonly places: readonly Place[];
  readonly replies: readonly ReplyId[];
  /** What its sources come to; "loop": it came over the stem a second time, so that it is made public at once. */
  readonly source: TransactionSource | "loop";
  /** Who brought it first, where that is a peer. */
  readonly from: PeerId | undefined;
}

/** A block found valid at the next height, ready to be committed once it is final. */
export interface ExecutedBlock {
  readonly block: Block;
  readonly outcome: BlockOutcome;
}

/** A version of a block at the next height whose claims are being verified. */
export interface WaitingBlock extends Omit<ExaminedBlock, "claims"> {
  /** Block id as hex. */
  readonly key: string;
  /** Who sent it in parts, and loses its place if signatures are forged. */
  readonly from: readonly PeerId[];
  /** See `verify-claims`. */
  readonly isUrgent: boolean;
}

/** Evidence of a peer, on its way to a verdict. */
export interface JudgedEvidence {
  readonly evidence: Evidence;
  readonly peer: PeerId;
  readonly reply: ReplyId;
}

/** The last block of an epoch; genesis counts as one (GE-5). */
export interface BoundaryBlock {
  readonly height: Height;
  readonly blockId: Hash;
  readonly time: TimeMs;
}

/** One full node (machines joined): ledger, mempool, consensus, catch-up. */
export interface FullNodeState {
  readonly tip: LedgerTip;
  /** What made the tip final; undefined for genesis. */
  readonly tipCertificate: Certificate | undefined;
  /** Newest last block of an epoch: what a light client may start from (LC-4). */
  readonly boundary: BoundaryBlock;
  readonly consensus: ConsensusState;
  readonly mempool: Mempool;
  /** What the pool has read of packets; it changes with the tip, and nothing but time hangs on it. */
  readonly packetReads: PacketReads;
  readonly stemPool: StemPool;
  readonly stemRoute: StemRoute;
  /** How long the held transactions of the block being committed have waited, in ms. */
  readonly waitedMs: readonly number[];
  /** Since when the mempool has not been empty (CO-15). */
  readonly transactionsSince: TimeMs | undefined;
  /** Work of claims begun within the last second (RP-12). */
  readonly workPace: WorkPace;
  /** By txid as hex, of a claim with its signatures. */
  readonly intake: ReadonlyMap<string, Intake>;
  /** out_hash as hex of outputs whose range proof verified; the core's hash covers the proof's (RG-6). */
  readonly verifiedProofs: AppendMap<string, true>;
  /** Blocks proposed at the next height or the one after, by block id as hex. */
  readonly assemblies: ReadonlyMap<string, BlockAssembly>;
  /** Of the pool in which a block was last searched for. */
  readonly shortIds: ShortIdIndex | undefined;
  /** By block id as hex. */
  readonly executed: ReadonlyMap<string, ExecutedBlock>;
  /** By the number of the job; several may be of one block id, which does not cover signatures. */
  readonly examined: ReadonlyMap<number, WaitingBlock>;
  /** Blocks of the next height of which a forged version was seen, by block id as hex. */
  readonly doubted: ReadonlySet<string>;
  /** Jobs of `verify-claims` begun since the start. */
  readonly claimJobs: number;
  /** Certificates of blocks that are final but not executed yet, by block id as hex: parts or a verdict are missing. */
  readonly certified: ReadonlyMap<string, Certificate>;
  /** Wants answered at this height, by `peer block`: each costs us up to a block. */
  readonly answeredWants: ReadonlyMap<string, number>;
  /** Best height each peer has shown. */
  readonly peers: ReadonlyMap<PeerId, Height>;
  /** Wrong signatures passed on by each connected peer. */
  readonly blame: ReadonlyMap<PeerId, number>;
  /** The peer blocks are being fetched from. */
  readonly fetchingFrom: PeerId | undefined;
  /** How often in a row each connected peer gave no block that it had shown. */
  readonly fetchFailures: ReadonlyMap<PeerId, number>;
  /** The peer whose fetched blocks were the last to become final here. */
  readonly deliveredBy: PeerId | undefined;
  /** Fetched blocks that are executed one after the other. */
  readonly backlog: { readonly peer: PeerId; readonly blocks: readonly CertifiedBlock[] } | undefined;
  /** Evidence for blocks of our own, verified (ST-10). */
  readonly evidence: readonly HeldEvidence[];
  /** Evidence of peers, by the number of the job that verifies it. */
  readonly judgedEvidence: ReadonlyMap<number, JudgedEvidence>;
  readonly seatHistory: SeatHistory;
  /** Of the own key, as it was last told; undefined without a key, and before the start. */
  readonly standing: KeyStanding | undefined;
  /** Final blocks in a row that were stored on time, as far as it matters. */
  readonly steadyBlocks: number;
  readonly isStarted: boolean;
}

export function createFullNodeState(
  tip: LedgerTip,
  tipCertificate: Certificate | undefined,
  boundary: BoundaryBlock,
  seatHistory: SeatHistory,
): FullNodeState {
  return {
    tip,
    tipCertificate,
    boundary,
    consensus: createConsensusState(),
    mempool: EMPTY_MEMPOOL,
    packetReads: new PacketReads(),
    stemPool: EMPTY_STEM_POOL,
    stemRoute: EMPTY_ROUTE,
    waitedMs: [],
    transactionsSince: undefined,
    workPace: [],
    intake: new Map(),
    verifiedProofs: AppendMap.of(),
    assemblies: new Map(),
    shortIds: undefined,
    executed: new Map(),
    examined: new Map(),
    doubted: new Set(),
    claimJobs: 0,
    certified: new Map(),
    answeredWants: new Map(),
    peers: new Map(),
    blame: new Map(),
    fetchingFrom: undefined,
    fetchFailures: new Map(),
    deliveredBy: undefined,
    backlog: undefined,
    evidence: [],
    judgedEvidence: new Map(),
    seatHistory,
    standing: undefined,
    steadyBlocks: 0,
    isStarted: false,
  };
}

/** One step in the making: the state so far and the effects so far. Handlers write to it; nobody keeps it. */
export class FullNodeStep {
  state: FullNodeState;
  readonly effects: FullNodeEffect[] = [];
  readonly deps: FullNodeDeps;
  readonly now: TimeMs;

  constructor(deps: FullNodeDeps, state: FullNodeState, now: TimeMs) {
    this.deps = deps;
    this.state = state;
    this.now = now;
  }

  update(change: Partial<FullNodeState>): void {
    this.state = { ...this.state, ...change };
  }

  emit(...effects: readonly FullNodeEffect[]): void {
    this.effects.push(...effects);
  }

  /**
   * What the ledger needs to examine a block here: proofs that were verified before are not verified again (RG-6), nor
   * is what the pool holds. The same id under other signatures is another object and vouches for nothing.
   */
  ledgerDeps(): LedgerDeps {
    const { verifiedProofs, mempool, seatHistory } = this.state;
    return {
      ...this.deps.ledger,
      seatHistory,
      isRangeProofVerified: (coin) => verifiedProofs.has(proofKey(coin)),
      isAdmitted: (transaction, txid) => mempool.entries.get(formatHex(txid))?.transaction === transaction,
    };
  }
}

/** Names the range proof of an output: out_hash covers the proof's hash. */
export function proofKey(coin: ProvenOutput): string {
  return formatHex(outputHash(coin.core));
}

/** A copy of a map with one entry set, or removed for undefined. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
