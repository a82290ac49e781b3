import type { PeerId } from "../ports/network-port.ts";
import type { PoolOutput } from "../sync/pool-item.ts";
import type { TimeMs } from "../values/height.ts";
import type { Note } from "../wallet/note.ts";
import type { WalletState } from "../wallet/wallet-state.ts";

/** A waiting transaction that pays us, as a node says. It may never become final. */
export interface PoolFind {
  /** What it brings; leaf and height mean nothing yet. */
  readonly notes: readonly Note[];
  readonly seenMs: TimeMs;
  /** It is in a block, as the node says; so long we wait for the block. */
  readonly untilMs: number | undefined;
}

/** The node whose mempool is read. */
export interface PoolSource {
  readonly node: number;
  readonly peer: PeerId;
  readonly openedMs: number;
  /** Outputs it has streamed since then. */
  readonly outputCount: number;
}

/** What waits at a node and pays us (NW-13). In memory only, and never more than something to look at. */
export interface PoolRun {
  readonly source: PoolSource | undefined;
  readonly retryAtMs: number;
  /** The one read last: others are tried first. */
  readonly lastNode: number | undefined;
  /** Waiting for a worker, by txid in hex. */
  readonly waiting: ReadonlyMap<string, readonly PoolOutput[]>;
  /** Txids being looked through; undefined for what has left the mempool meanwhile. */
  readonly scan: { readonly jobId: number; readonly txids: readonly (string | undefined)[] } | undefined;
  /** By txid in hex. */
  readonly finds: ReadonlyMap<string, PoolFind>;
  /** The wallet's notes that the finds have been compared with. */
  readonly notes: WalletState["notes"] | undefined;
}

export const IDLE_POOL: PoolRun = {
  source: undefined,
  retryAtMs: 0,
  lastNode: undefined,
  waiting: new Map(),
  scan: undefined,
  finds: new Map(),
  notes: undefined,
};
