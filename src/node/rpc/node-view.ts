import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { BlobHoldings } from "../../core/ports/blob-store.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { AddressKeys } from "../../core/values/address.ts";
import type { Amount } from "../../core/values/amount.ts";
import type { Hash } from "../../core/values/hash.ts";
import type { ValidatorAccount } from "../../core/state/aux-records.ts";
import type { KeyStanding } from "../../core/state/key-standing.ts";
import type { Epoch, Height, LeafIndex, TimeMs } from "../../core/values/height.ts";
import type { KernelsForThread } from "../crypto/compiled-kernels.ts";
import type { AwardView } from "../award-view.ts";
import type { StoreSizes } from "../storage/store-sizes.ts";

/** The newest final block and whether others are known to have a newer one. */
export interface NodeStatus {
  readonly height: Height;
  readonly time: TimeMs;
  readonly blockId: Hash;
  /** True until the node has caught up with its peers; `/health` answers 503 as long. */
  readonly isSyncing: boolean;
}

/** A boundary header as a light client may take it for its checkpoint (LC-4). */
export interface CheckpointView {
  readonly height: Height;
  readonly blockId: Hash;
  readonly time: TimeMs;
  /** The multiplier of the epoch that follows (FE-1). */
  readonly feeMultiplier: number;
}

/** Waits of the newest transactions; undefined before the first. */
export interface FinalityView {
  /** Since the start. */
  readonly count: number;
  readonly medianMs: number | undefined;
  readonly maxMs: number | undefined;
}

/** One seat of the current validator set, in seat order. */
export interface ValidatorView {
  /** Live stake that counts, in µSTG. */
  readonly stake: Amount;
  readonly reward: AddressKeys;
  /** Part of this week's blocks it signed among those it could, 0..1; 1 before the first. */
  readonly onlineShare: number;
  /** Missed proposals of this week. */
  readonly missedProposals: number;
  readonly isJailed: boolean;
}

/** Where a validator's key stands behind the tip. */
export interface ValidatorKeyView {
  readonly standing: KeyStanding;
  /** Of the next block: the one that an unjail must name (ST-3). */
  readonly epoch: Epoch;
  /** Its place in the current set. */
  readonly seat: number | undefined;
  /** undefined: the chain has no record of it (CO-18). */
  readonly account: ValidatorAccount | undefined;
  /** Live stake, in µSTG. */
  readonly stake: Amount;
}

/** Supply counters of the tip (SU-1) and the check of SU-3 over all live outputs. */
export interface SupplyView {
  readonly minted: Amount;
  readonly burned: Amount;
  /** supply_out: what all live outputs together must hold. */
  readonly inOutputs: Amount;
  readonly pot: Amount;
  readonly isInvariantOk: boolean;
}

/** `rule` is the number of the broken rule (`TX-4`) or a snake_case reason that is no rule (`already_known`, `pool_full`, `busy`). */
export type SubmitResult = { readonly ok: true; readonly txid: Hash } | { readonly ok: false; readonly rule: string };

/** All that JSON-RPC, metrics, `/network.json` and the faucet see of a running full node. */
export interface NodeView {
  readonly chainId: number;
  readonly genesisHash: Hash;
  /** The genesis as bytes (GE-1). */
  readonly genesis: Uint8Array;
  readonly store: FullNodeStore;
  status(): NodeStatus;
  /** Newest boundary among the final blocks; height 0 counts as one. */
  checkpoint(): CheckpointView;
  /** Multiaddrs others can dial, peer id included. */
  addresses(): readonly string[];
  /** Connected peers. */
  peers(): number;
  mempool(): { readonly count: number; readonly bytes: number };
  /** What it keeps for others (MS-13). */
  blobs(): BlobHoldings;
  /** Calls back after the mempool has changed; returns how to stop it. */
  onMempool(listener: () => void): () => void;
  /** From a transaction's arrival here to its block being final: over the newest ones. */
  finality(): FinalityView;
  validators(): readonly ValidatorView[];
  validatorKey(blsKey: Uint8Array): ValidatorKeyView;
  /** Where the key stands that this node votes with; undefined for a node that does not vote. Never which key it is. */
  ownStanding(): KeyStanding | undefined;
  /** The award to come (AW-1, AW-2). */
  award(): AwardView;
  /** May take a while on a large chain: SU-3 is a sum over all live outputs. */
  supply(): Promise<SupplyView>;
  /** What the database takes on disk, as of the last minute. */
  holdings(): Promise<StoreSizes>;
  /** Encoded proof of 5.3 that a leaf is live, or is not, at the tip; undefined when no leaf of that number was made yet. */
  proveLeaf(leaf: LeafIndex): Promise<Uint8Array | undefined>;
  /** Judges a transaction like one from a client and, if accepted, sends it on. Whatever the bytes, it rejects only where the node has stopped. */
  submit(bytes: Uint8Array): Promise<SubmitResult>;
  /** Calls back after each block is final and stored; returns how to stop it. */
  onBlock(listener: (height: Height) => void): () => void;
}

/** How a command starts a full node; `start-full-node.ts` takes it. */
export interface FullNodeOptions {
  /** Genesis bytes; a database of another genesis is refused with code `other_genesis`. */
  readonly genesis: Uint8Array;
  /** Database, signer file and network identity live below it. Made if missing. */
  readonly directory: string;
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[];
  /** Multiaddrs told to others instead of those listened on: a node behind a proxy or a port map (NW-15). */
  readonly announce?: readonly string[];
  /** Multiaddrs dialled and kept connected. */
  readonly dial: readonly string[];
  /** vseed of PR-7; undefined for a node that does not vote. */
  readonly validatorSeed: Uint8Array | undefined;
  /** With an empty database: join by the state of a boundary instead of from the genesis, on the chain that has this. */
  readonly checkpoint?: { readonly height: Height; readonly blockId: Hash };
  /** A validator that is jailed says by itself that it is back (ST-3); by default it does. */
  readonly unjails?: boolean;
  /** Connections that strangers may have open here, where that is not the usual number (NW-16). */
  readonly strangersMax?: number;
  /** Room on the disk for blobs of others (MS-13); 2 GiB by default. */
  readonly blobQuotaBytes?: number;
  /** Keeps everything (5.5). */
  readonly isArchive: boolean;
  /** One line each; never amounts, keys, addresses or peers' text. */
  readonly log: (line: string) => void;
}

/** What `startFullNode(options)` resolves with; it throws Refusal for what may happen (`database_in_use`, `other_genesis`). */
export interface RunningNode {
  readonly view: NodeView;
  /** What it computes with. */
  readonly curve: CurveBackend;
  /** For further threads of this process. */
  readonly kernels: KernelsForThread;
  /** Settles with the error when the node cannot go on (disk full, failed signer file); never settles before `stop`. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}
