import { equalBytes } from "../core/bytes/compare-bytes.ts";
import { tryDecode } from "../core/bytes/decode-error.ts";
import { EMPTY_CERTIFICATE } from "../core/chain/certificate.ts";
import { decodeGenesis } from "../core/chain/genesis.ts";
import { decodeValidatorSet, type ValidatorSet } from "../core/chain/validator-set.ts";
import type { CurveBackend } from "../core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../core/crypto/bls-backend.ts";
import type { NetworkPort, PeerId } from "../core/ports/network-port.ts";
import { genesisTip } from "../core/state/genesis-tip.ts";
import type { ChainConstants } from "../core/state/ledger-tip.ts";
import { snapshotTip, stakeOf, type SnapshotTail } from "../core/state/snapshot.ts";
import { SupplySum } from "../core/state/supply-invariant.ts";
import { nextBoundary } from "../core/sync/boundary-chain.ts";
import type { TrustedHeader } from "../core/sync/skip-header.ts";
import { isZeroHash, ZERO_HASH, type Hash } from "../core/values/hash.ts";
import { height, type Height } from "../core/values/height.ts";
import type { ProofPool } from "./crypto/proof-pool.ts";
import { fetchBoundaries, fetchRange, fetchRangeRoots, fetchTail, SnapshotFault } from "./network/fetch-snapshot.ts";
import { Refusal } from "./refusal.ts";
import type { DiskStore } from "./storage/level-store.ts";
import type { CertifiedBoundary, JoinedRange } from "./storage/snapshot-import.ts";

/** Ranges that one peer is asked for at a time. */
const RANGES_PER_PEER = 2;
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
 * the one vouched for.
 */
export async function joinSnapshot(parts: JoinParts): Promise<Height> {
  return new SnapshotJoin(parts).run();
}

/** A boundary to join at, with the nodes of its ranges. */
interface Target {
  readonly boundary: TrustedHeader;
  /** The set of val_hash. */
  readonly validators: ValidatorSet;
  readonly roots: readonly Hash[];
  readonly tail: SnapshotTail;
}

class SnapshotJoin {
  readonly #parts: JoinParts;
  readonly #liars = new Set<PeerId>();

  constructor(parts: JoinParts) {
    this.#parts = parts;
  }

  async run(): Promise<Height> {
    const { store, log } = this.#parts;
    const { chain, last } = await this.#begin();
    await this.#parts.connect();
    const newest = await this.#followBoundaries(last);
    await this.#checkCheckpoint(newest);
    const target = await this.#findTarget();
    const { header } = target.boundary;
    log(`joining at height ${header.height}: ${header.liveCount} live outputs in ${target.roots.length} ranges`);
    await this.#fetchRanges(target);
    const stakes = await this.#checkSupply(target);
    const tip = snapshotTip(
      chain,
      { header, blockId: target.boundary.blockId, validators: target.validators },
      target.tail,
      stakes,
    );
    await store.joining().finish(tip, target.roots);
    log(`joined at height ${header.height}`);
    return header.height;
  }

  /** The chain's constants, and the boundary up to which everything is stored; genesis at first. */
  async #begin(): Promise<{ readonly chain: ChainConstants; readonly last: TrustedHeader }> {
    const { store, genesis: bytes, curve, bls } = this.#parts;
    const genesis = tryDecode(decodeGenesis, bytes);
    if (!genesis.ok) throw new Refusal("bad_genesis", `the genesis cannot be read: ${genesis.reason}`);
    const made = genesisTip({ curve, bls }, genesis.value);
    if (!made.ok) throw new Refusal("bad_genesis", `the genesis breaks ${made.rule}`);
    const { chain, header, blockId, nextValidators } = made.tip;
    const first = { header, blockId, nextValidators };
    const importer = store.joining();
    const [stored] = await importer.newestBoundaries(1);
    if (stored === undefined) {
      await importer.putBoundaries([{ ...first, certificate: EMPTY_CERTIFICATE }]);
      return { chain, last: first };
    }
    const known = await importer.boundaryHeader(0);
    if (known === undefined || !equalBytes(known.beacon, header.beacon))
      throw new Refusal("other_genesis", "the database belongs to another genesis");
    return { chain, last: stored };
  }

  /** Boundaries of all peers as far as they lead, stored as they come; gives the height of the last one. */
  async #followBoundaries(from: TrustedHeader): Promise<Height> {
    const { network, store, bls } = this.#parts;
    let last = from;
    for (const peer of this.#peers()) {
      for (;;) {
        const start = last;
        const items = await this.#ask(peer, () => fetchBoundaries(network, peer, height(start.header.height + 1)));
        const taken: CertifiedBoundary[] = [];
        for (const item of items ?? []) {
          const next = nextBoundary(bls, taken.at(-1) ?? start, item);
          if (next === undefined) {
            this.#lied(peer, `boundary ${item.header.height}`);
            break;
          }
          taken.push({ ...next, certificate: item.certificate });
        }
        if (taken.length === 0) break;
        await store.joining().putBoundaries(taken);
        last = taken.at(-1)!;
      }
    }
    return last.header.height;
  }

  async #checkCheckpoint(newest: Height): Promise<void> {
    const { checkpoint, store } = this.#parts;
    if (checkpoint.height > newest)
      throw new Refusal("no_snapshot", `no peer leads as far as the checkpoint at height ${checkpoint.height}`);
    const header = await store.joining().boundaryHeader(checkpoint.height);
    if (header === undefined) throw new Refusal("other_checkpoint", "no epoch ends at the checkpoint's height");
    const known = await store.heightOfBlock(checkpoint.blockId);
    if (known !== checkpoint.height)
      throw new Refusal("other_checkpoint", `the chain has another block at height ${checkpoint.height}`);
  }

  /** The newest of the last boundaries that somebody serves. */
  async #findTarget(): Promise<Target> {
    const { network, store } = this.#parts;
    for (const boundary of await store.joining().newestBoundaries(BOUNDARIES_TRIED)) {
      const { header } = boundary;
      if (header.height === 0) break;
      let roots: readonly Hash[] | undefined;
      let tail: SnapshotTail | undefined;
      for (const peer of this.#peers()) {
        roots ??= await this.#ask(peer, () => fetchRangeRoots(network, peer, header));
        tail ??= await this.#ask(peer, () => fetchTail(network, peer, header));
      }
      if (roots === undefined || tail === undefined) continue;
      const set = await store.validatorSet(header.valHash);
      if (set === undefined) throw new Error("a boundary was stored without the set that certifies it");
      return { boundary, validators: decodeValidatorSet(set), roots, tail };
    }
    throw new Refusal("no_snapshot", "no connected peer serves the state of a boundary");
  }

  /** Every range from whoever has nothing else to do; what one peer does not bring another one does. */
  async #fetchRanges({ boundary, roots }: Target): Promise<void> {
    const { store, log } = this.#parts;
    const importer = store.joining();
    const stored = await importer.joinedRanges();
    const isStored = (range: number): boolean => {
      const node = stored.get(range);
      return node !== undefined && equalBytes(node, roots[range] ?? ZERO_HASH);
    };
    for (const range of stored.keys()) if (isZeroHash(roots[range] ?? ZERO_HASH)) await importer.dropRange(range);
    const waiting = roots.flatMap((root, range) => (isZeroHash(root) || isStored(range) ? [] : [range]));
    const total = waiting.length;
    let left = total;
    /** Peers that have brought nothing since somebody last brought something. */
    const idle = new Set<PeerId>();
    const work = async (peer: PeerId): Promise<void> => {
      for (let range = waiting.shift(); range !== undefined; range = waiting.shift()) {
        const joined = await this.#range(peer, boundary, range, roots[range]!);
        if (joined === undefined) {
          waiting.push(range);
          idle.add(peer);
          return;
        }
        idle.clear();
        await importer.putRange(joined);
        left--;
        if (left % Math.ceil(total / 10) === 0) log(`${total - left} of ${total} ranges`);
      }
    };
    while (left > 0) {
      const peers = this.#peers().filter((peer) => !idle.has(peer));
      if (peers.length === 0) throw new Refusal("no_snapshot", `no peer brings the last ${left} ranges`);
      await Promise.all(peers.flatMap((peer) => Array.from({ length: RANGES_PER_PEER }, () => work(peer))));
    }
  }

  /** One range, wholly checked; undefined if the peer does not have it or lied. */
  async #range(peer: PeerId, { header }: TrustedHeader, range: number, root: Hash): Promise<JoinedRange | undefined> {
    const { network, proofs } = this.#parts;
    const fetched = await this.#ask(peer, () => fetchRange(network, peer, header, range, root));
    if (fetched === undefined) return undefined;
    const { claims, ...joined } = fetched;
    const verdicts = await proofs.verify([{ transfer: undefined, rangeProofs: claims }]);
    // The proofs stand under certified cores: what is wrong here was agreed on by two thirds of the power.
    if (verdicts[0] !== undefined) throw new Refusal("bad_snapshot", `a live range proof is wrong (${verdicts[0]})`);
    return joined;
  }

  async #checkSupply({ boundary }: Target): Promise<readonly NonNullable<ReturnType<typeof stakeOf>>[]> {
    const { store, curve } = this.#parts;
    const sum = new SupplySum(curve);
    const stakes: NonNullable<ReturnType<typeof stakeOf>>[] = [];
    for await (const [leaf, record] of store.liveLeaves()) {
      sum.add(record);
      const stake = stakeOf(leaf, record);
      if (stake !== undefined) stakes.push(stake);
    }
    if (!sum.fits(boundary.header))
      throw new Refusal("bad_snapshot", "the live outputs do not sum to the supply (SU-3)");
    return stakes;
  }

  /** Connected peers that have not lied. */
  #peers(): readonly PeerId[] {
    return this.#parts.network.peers().filter((peer) => !this.#liars.has(peer));
  }

  /** The answer of a peer; undefined if it has none, or a false one, which costs it its place. */
  async #ask<T>(peer: PeerId, question: () => Promise<T>): Promise<T | undefined> {
    if (this.#liars.has(peer)) return undefined;
    try {
      return await question();
    } catch (error) {
      if (error instanceof SnapshotFault) this.#lied(peer, error.message);
      else this.#parts.log(`${peer} gave no answer: ${error instanceof Error ? error.message : "unknown"}`);
      return undefined;
    }
  }

  #lied(peer: PeerId, what: string): void {
    if (this.#liars.has(peer)) return;
    this.#liars.add(peer);
    this.#parts.log(`${peer} gave a false snapshot: ${what}`);
    this.#parts.blame(peer);
  }
}
