import type { PeerId } from "../ports/network-port.ts";
import type { PeerStatus } from "../sync/compact-item.ts";
import type { Checkpoint, NetworkConfig } from "../sync/network-config.ts";
import type { LinkedBlock, SyncDeps, SyncState } from "../sync/step-sync.ts";
import type { BundledCheckpoints } from "../params/bundled-checkpoints.ts";
import type { ForkEvidence } from "../sync/fork-evidence.ts";
import type { KnownNodes } from "../sync/known-nodes.ts";
import type { TrustedHeader } from "../sync/skip-header.ts";
import type { TrustedChain } from "../sync/trusted-chain.ts";
import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";
import type { PaymentProposal } from "../wallet/propose-payment.ts";
import type { WalletState } from "../wallet/wallet-state.ts";
import { IDLE_TRUST, type TrustRun } from "./light-client-trust-state.ts";
import { IDLE_POOL, type PoolRun } from "./light-client-pool-state.ts";
import { IDLE_RESTORE, type RestoreRun } from "./light-client-restore-state.ts";
import { IDLE_FETCH, type BlockScan, type FetchRun } from "./light-client-fetch-state.ts";
import type { LightClientEffect, NodeFault } from "./light-client-effect.ts";

export interface LightClientDeps extends SyncDeps {
  /** What this release vouches for (LC-4). */
  readonly checkpoints: BundledCheckpoints;
  /** The network file's checkpoint counts on every network: somebody has named the node it comes from (LC-4). */
  readonly isOriginTrusted: boolean;
}

/** The network this device belongs to since it first saw one, and where its chain begins for us. */
export interface NetworkAnchor {
  readonly chainId: number;
  readonly genesisHash: Hash;
  readonly checkpoint: Checkpoint;
}

/** What the store holds after the step's write: where a restart goes on. */
export interface DurableState {
  readonly anchor: NetworkAnchor | undefined;
  readonly wallet: WalletState | undefined;
  /** The chain at the block up to which the wallet is scanned. */
  readonly chain: TrustedChain | undefined;
  /** The newest block that a witness has confirmed, or where our trust began: others are judged from here (LC-3). */
  readonly root: TrustedHeader | undefined;
  /** Entered by a person, found at a node (LC-4). */
  readonly checkpoint: Checkpoint | undefined;
  /** Once there is one, nothing runs any more (LC-3). */
  readonly fork: ForkEvidence | undefined;
  /** Where to look without the page's origin (NW-17). */
  readonly known: KnownNodes | undefined;
}

/** One node of the configuration, by its number. */
export interface NodeState {
  readonly phase: "idle" | "connecting" | "connected";
  readonly peer: PeerId | undefined;
  /** Newest answer on this connection; nothing in it is verified. */
  readonly status: PeerStatus | undefined;
  readonly connectedMs: number;
  readonly askedMs: number;
  /** When it was asked which other nodes it knows (NW-17). */
  readonly peersAskedMs: number;
  /** In a row. */
  readonly failures: number;
  readonly retryAtMs: number;
  /** Why we hung up, if it was his fault. */
  readonly fault: NodeFault | undefined;
}

export const FRESH_NODE: NodeState = {
  phase: "idle",
  peer: undefined,
  status: undefined,
  connectedMs: -Infinity,
  askedMs: -Infinity,
  peersAskedMs: -Infinity,
  failures: 0,
  retryAtMs: 0,
  fault: undefined,
};

/** The one node that blocks come from. */
export interface DataSource {
  readonly peer: PeerId;
  readonly node: number;
  readonly stage: "headers" | "blocks";
  /** Height it claimed when the stream was opened: at or above it every block is proven at once. */
  readonly claimedHeight: number;
  /** When the last item came. */
  readonly heardMs: number;
  readonly isPaused: boolean;
  /** Cores and payloads come with the blocks (NW-8). */
  readonly isFull: boolean;
  /** Items of the stream before, of the other kind, may still come. */
  readonly isTurning: boolean;
}

/** Sending of one pending payment. In memory only: a restart sends again, which is harmless. */
export interface SendingState {
  readonly nextAtMs: number;
  readonly attempts: number;
  readonly lastNode: number | undefined;
}

export interface LightClientState {
  readonly phase: "new" | "running" | "halted";
  /** The latest time of the device's clock, since it was set back last. A time field beside it belongs into `followClock`. */
  readonly clockMs: number;
  readonly config: NetworkConfig | undefined;
  /** undefined while none is needed; when to read `/network.json` again otherwise. */
  readonly fetchAtMs: number | undefined;
  readonly problem: "no_network_file" | "wrong_network" | "checkpoint_too_old" | "fork" | undefined;
  /** Ahead of `durable.wallet` only while blocks wait for a checkpoint above them (LC-4). */
  readonly wallet: WalletState | undefined;
  /** The chain at the scanned block; ahead of `durable.chain` likewise. */
  readonly chain: TrustedChain | undefined;
  readonly durable: DurableState;
  readonly sync: SyncState | undefined;
  /** Proven, not scanned yet; the first `scan.count` are being scanned. */
  readonly queue: readonly LinkedBlock[];
  readonly scan: BlockScan | undefined;
  readonly fetch: FetchRun;
  readonly nextJobId: number;
  readonly restore: RestoreRun;
  readonly pool: PoolRun;
  /** Somebody may be looking: only then is a mempool read (NW-13). */
  readonly isForeground: boolean;
  readonly trust: TrustRun;
  readonly nodes: readonly NodeState[];
  /** Counts the lists of nodes: what was asked of a node of the one before is not answered by a node of this one. */
  readonly nodeList: number;
  readonly data: DataSource | undefined;
  /** Since when nobody who is connected can be the source of blocks, though one is wanted. */
  readonly sourcelessMs: number | undefined;
  readonly building: ReadonlyMap<string, PaymentProposal>;
  /** Keyed by txid in hex. */
  readonly sending: ReadonlyMap<string, SendingState>;
  readonly timerAtMs: number | undefined;
  /** The sync view last told, as text. */
  readonly shownSync: string | undefined;
}

const NOTHING_STORED: DurableState = {
  anchor: undefined,
  wallet: undefined,
  chain: undefined,
  root: undefined,
  checkpoint: undefined,
  fork: undefined,
  known: undefined,
};

export const INITIAL_LIGHT_CLIENT: LightClientState = {
  phase: "new",
  clockMs: -Infinity,
  config: undefined,
  fetchAtMs: undefined,
  problem: undefined,
  wallet: undefined,
  chain: undefined,
  durable: NOTHING_STORED,
  sync: undefined,
  queue: [],
  scan: undefined,
  fetch: IDLE_FETCH,
  nextJobId: 1,
  restore: IDLE_RESTORE,
  pool: IDLE_POOL,
  isForeground: true,
  trust: IDLE_TRUST,
  nodes: [],
  nodeList: 0,
  data: undefined,
  sourcelessMs: undefined,
  building: new Map(),
  sending: new Map(),
  timerAtMs: undefined,
  shownSync: undefined,
};

/** One step in the making: handlers change it in place, nobody outside the step ever sees it. */
export interface Draft {
  state: LightClientState;
  /** What the store holds when the step begins: whatever differs from it at the end is written. */
  stored: DurableState;
  readonly effects: LightClientEffect[];
  readonly nowMs: TimeMs;
  readonly deps: LightClientDeps;
}

export function update(draft: Draft, change: Partial<LightClientState>): void {
  draft.state = { ...draft.state, ...change };
}

/** Blocks above the stored ones wait for a checkpoint, so nothing of them is stored or shown. */
export function isUnconfirmed(state: LightClientState): boolean {
  return state.sync?.confirmAt !== undefined;
}
