import type { ValidatorSet } from "../../core/chain/validator-set.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { snapshotTip, type SnapshotTail } from "../../core/state/snapshot.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { Hash } from "../../core/values/hash.ts";
import type { Height } from "../../core/values/height.ts";
import type { ProofPool } from "../crypto/proof-pool.ts";
import { fetchRangeRoots, fetchTail } from "../network/fetch-snapshot.ts";
import { Refusal } from "../refusal.ts";
import type { DiskStore } from "../storage/level-store.ts";
import { beginBoundaries, followBoundaries } from "./join-boundaries.ts";
import { joinLive } from "./join-live.ts";
import { joinRecentHeaders, recentIdsOf, storedSet } from "./recent-headers.ts";
import { SnapshotPeers } from "./snapshot-peers.ts";

/** Boundaries tried from the newest down: a node serves the last few (snapshot_keep_epochs). */
const BOUNDARIES_TRIED = 2;

/** What joining needs of the node. */
export interface JoinParts {
  readonly store: DiskStore;
  readonly network: NetworkPort;
  readonly genesis: Uint8Array;
  /** A block that the operator vouches for: a chain without it is refused. */
  readonly checkpoint: { readonly height: Height; readonly blockId: Hash };
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
  readonly proofs: Pick<ProofPool, "verify">;
  /** Keeps a peer away that lied. */
  readonly blame: (peer: PeerId) => void;
  readonly log: (line: string) => void;
  /** Connects to peers, if nobody is here: the genesis takes a while to check, and idle connections end. */
  readonly connect: () => Promise<void>;
}

/**
 * Fills an empty database with the state at the newest boundary that connected peers serve (BL-12): the boundaries from
 * the genesis on, each certified by the set of the one before, then the live outputs in ranges from all peers at once,
 * each under its certified node, every range proof, and the supply. What is stored stays stored: a start after a kill
 * fetches what is missing. Refuses with `no_snapshot` where nobody serves one, `other_checkpoint` where the chain is not
 * the one vouched for, `bad_snapshot` where what two thirds of the power certified breaks a rule: what one peer says, and
 * nobody certifies, ends no join.
 */
export async function joinSnapshot(parts: JoinParts): Promise<Height> {
  const { store, log } = parts;
  const beginning = await beginBoundaries(parts);
  await parts.connect();
  const peers = new SnapshotPeers(parts);
  await followBoundaries(parts, peers, beginning);
  const { claimRefWindow } = beginning.chain.params;
  const { boundary, validators, roots, tail, recent } = await findTarget(parts, peers, claimRefWindow);
  const { header, blockId } = boundary;
  log(`joining at height ${header.height}: ${header.liveCount} live outputs in ${roots.length} ranges`);
  const live = await joinLive(parts, peers, boundary, roots);
  const recentIds = recentIdsOf(recent, boundary, claimRefWindow);
  const tip = snapshotTip(beginning.chain, { header, blockId, validators }, tail, { ...live, recentIds });
  await store.joining().finish(tip, roots, recent);
  log(`joined at height ${header.height}`);
  return header.height;
}

/** A boundary to join at, with the nodes of its ranges. */
interface Target {
  readonly boundary: TrustedHeader;
  /** The set of val_hash. */
  readonly validators: ValidatorSet;
  readonly roots: readonly Hash[];
  readonly tail: SnapshotTail;
  /** Blocks before the boundary, ascending. */
  readonly recent: readonly HeaderItem[];
}

/** The newest of the last boundaries that somebody serves. */
async function findTarget(parts: JoinParts, peers: SnapshotPeers, claimRefWindow: number): Promise<Target> {
  const { network, store } = parts;
  for (const boundary of await store.joining().newestBoundaries(BOUNDARIES_TRIED)) {
    const { header } = boundary;
    if (header.height === 0) break;
    let roots: readonly Hash[] | undefined;
    let tail: SnapshotTail | undefined;
    let recent: readonly HeaderItem[] | undefined;
    for (const peer of peers.list()) {
      roots ??= await peers.ask(peer, () => fetchRangeRoots(network, peer, header));
      tail ??= await peers.ask(peer, () => fetchTail(network, peer, header));
      recent ??= await peers.ask(peer, () => joinRecentHeaders(parts, peer, header, claimRefWindow));
    }
    if (roots === undefined || tail === undefined || recent === undefined) continue;
    return { boundary, validators: await storedSet(store, header.valHash), roots, tail, recent };
  }
  throw new Refusal("no_snapshot", "no connected peer serves the state of a boundary");
}
