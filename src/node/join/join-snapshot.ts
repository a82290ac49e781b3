import { decodeValidatorSet, type ValidatorSet } from "../../core/chain/validator-set.ts";
import type { Header } from "../../core/chain/header.ts";
import { decodeOutputCore } from "../../core/chain/output.ts";
import { isDrawnFrom } from "../../core/chain/packet-coins.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { LedgerTip } from "../../core/state/ledger-tip.ts";
import { packetOf, type LivePacket } from "../../core/state/live-packets.ts";
import { snapshotTip, stakeOf, type SnapshotTail } from "../../core/state/snapshot.ts";
import type { Stake } from "../../core/state/stakes.ts";
import { SupplySum } from "../../core/state/supply-invariant.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { Hash } from "../../core/values/hash.ts";
import { RANGE_LEAVES } from "../../core/state/range-answer.ts";
import type { Height, LeafIndex } from "../../core/values/height.ts";
import type { ProofPool } from "../crypto/proof-pool.ts";
import { fetchRangeRoots, fetchRecentHeaders, fetchTail } from "../network/fetch-snapshot.ts";
import { Refusal } from "../refusal.ts";
import type { DiskStore } from "../storage/level-store.ts";
import { beginBoundaries, followBoundaries } from "./join-boundaries.ts";
import { joinRanges } from "./join-ranges.ts";
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
 * the one vouched for, `bad_snapshot` where what two thirds of the power certified breaks a rule.
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
  await joinRanges(parts, peers, boundary, roots);
  const live = await checkSupply(parts, header);
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
async function findTarget(
  { network, store }: JoinParts,
  peers: SnapshotPeers,
  claimRefWindow: number,
): Promise<Target> {
  for (const boundary of await store.joining().newestBoundaries(BOUNDARIES_TRIED)) {
    const { header } = boundary;
    if (header.height === 0) break;
    let roots: readonly Hash[] | undefined;
    let tail: SnapshotTail | undefined;
    let recent: readonly HeaderItem[] | undefined;
    for (const peer of peers.list()) {
      roots ??= await peers.ask(peer, () => fetchRangeRoots(network, peer, header));
      tail ??= await peers.ask(peer, () => fetchTail(network, peer, header));
      recent ??= await peers.ask(peer, () => fetchRecentHeaders(network, peer, header, claimRefWindow));
    }
    if (roots === undefined || tail === undefined || recent === undefined) continue;
    const set = await store.validatorSet(header.valHash);
    if (set === undefined) throw new Error("a boundary was stored without the set that certifies it");
    return { boundary, validators: decodeValidatorSet(set), roots, tail, recent };
  }
  throw new Refusal("no_snapshot", "no connected peer serves the state of a boundary");
}

/** RP-5: the ids that work may name behind the boundary, its own last. */
function recentIdsOf(
  recent: readonly HeaderItem[],
  { header, blockId }: TrustedHeader,
  claimRefWindow: number,
): readonly Hash[] {
  const below = [...recent.map((each) => each.header), header].map(({ prev }) => prev);
  return claimRefWindow === 0 ? [] : [...below, blockId].slice(-claimRefWindow);
}

/** Sums all that is live (SU-3); gives the stakes and the packets among it. */
async function checkSupply(
  { store, curve }: JoinParts,
  header: Header,
): Promise<Pick<LedgerTip, "stakes" | "packets">> {
  const sum = new SupplySum(curve);
  const stakes: Stake[] = [];
  const packets: LivePacket[] = [];
  const orphans: LeafIndex[] = [];
  for await (const [leaf, record] of store.liveLeaves()) {
    sum.add(record);
    const stake = stakeOf(leaf, record);
    if (stake !== undefined) stakes.push(stake);
    const packet = packetOf(leaf, record);
    if (packet !== undefined) packets.push(packet);
    if (!(await hasProof(store, curve, record))) orphans.push(leaf);
  }
  if (!sum.fits(header)) throw new Refusal("bad_snapshot", "the live outputs do not sum to the supply (SU-3)");
  if (orphans.length > 0) await forgetOrphans(store, orphans);
  return { stakes, packets };
}

/** BL-12: a coin that was drawn from a packet is one of its packet, live or pinned, whose proof covers it. */
async function hasProof(store: DiskStore, curve: CurveBackend, record: LeafRecord): Promise<boolean> {
  const coin = decodeOutputCore(record.core);
  if (coin.type !== "drawn") return true;
  const bytes = await store.core(coin.packetLeaf);
  const packet = bytes && decodeOutputCore(bytes);
  return packet?.type === "packet" && isDrawnFrom(curve, packet, coin);
}

/** Their ranges are fetched anew by the next start: some peer has left their packets out. */
async function forgetOrphans(store: DiskStore, orphans: readonly LeafIndex[]): Promise<never> {
  for (const range of new Set(orphans.map((leaf) => Math.floor(leaf / RANGE_LEAVES)))) {
    await store.joining().dropRange(range);
  }
  throw new Refusal("no_snapshot", `nobody showed the packets of ${orphans.length} coins (BL-12)`);
}
