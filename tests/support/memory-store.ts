import type {
  BlockCommit,
  ConsensusLogEntry,
  FullNodeStore,
  KeptFrom,
  LeavesAt,
  PublicPayment,
} from "../../src/core/ports/full-node-store.ts";
import type { LeafRecord } from "../../src/core/ports/ledger-reader.ts";
import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../src/core/bytes/hex.ts";
import { decodeOutputCore, OUTPUT_TYPE, type PublicCore } from "../../src/core/chain/output.ts";
import { AWARD_WEEKS_KEPT } from "../../src/core/params/limits.ts";
import type { AddressKeys } from "../../src/core/values/address.ts";
import type { RecordedTile } from "../../src/core/state/tile-record.ts";
import { RANGE_LEAVES, RANGE_LEVEL } from "../../src/core/state/range-answer.ts";
import { ZERO_HASH, type Hash } from "../../src/core/values/hash.ts";
import { height, leafIndex, type Height, type LeafIndex, type TimeMs } from "../../src/core/values/height.ts";
import { expiredAmong } from "./memory-ledger.ts";

/** The whole state as a boundary left it: a copy, where the real store keeps a journal. */
interface StateCopy {
  readonly height: Height;
  readonly nextLeaf: number;
  readonly roots: readonly Hash[];
  readonly tail: Uint8Array;
  readonly leaves: ReadonlyMap<LeafIndex, LeafRecord>;
}

/**
 * The full node's database as plain maps, for simulations and tests. It survives a simulated restart by being handed to
 * the next machine; `close` therefore forgets nothing.
 */
export class MemoryStore implements FullNodeStore {
  #tip: { readonly height: Height; readonly bytes: Uint8Array } | undefined;
  readonly #leaves = new Map<LeafIndex, LeafRecord>();
  readonly #nodes = new Map<string, Hash>();
  readonly #tiles = new Map<number, Uint8Array>();
  readonly #blocks = new Map<Height, BlockCommit>();
  readonly #heights = new Map<string, Height>();
  readonly #places = new Map<string, { readonly height: Height; readonly index: number }>();
  readonly #validatorSets = new Map<string, Uint8Array>();
  readonly #awards = new Map<bigint, Uint8Array>();
  readonly #cores = new Map<LeafIndex, Uint8Array>();
  readonly #payloads = new Map<LeafIndex, Uint8Array>();
  readonly #rangeProofs = new Map<LeafIndex, Uint8Array>();
  readonly #spentAt = new Map<LeafIndex, Height>();
  readonly #boundaries: Height[] = [];
  #states: readonly StateCopy[] = [];
  #proofsFrom = height(0);
  #evidence: Uint8Array | undefined;
  #kept: KeptFrom = { blocks: height(0), window: height(0), payloads: height(0) };
  readonly #logs = new Map<Height, ConsensusLogEntry[]>();

  tip(): Uint8Array | undefined {
    return this.#tip?.bytes;
  }

  leaf(index: LeafIndex): LeafRecord | undefined {
    return this.#leaves.get(index);
  }

  node(level: number, position: number): Hash | undefined {
    return this.#nodes.get(`${level}:${position}`);
  }

  tile(index: number): Uint8Array | undefined {
    return this.#tiles.get(index);
  }

  expiredPackets(at: TimeMs, countMax: number): readonly LeafIndex[] {
    return expiredAmong(this.#leaves, at, countMax);
  }

  commit(commit: BlockCommit): Promise<void> {
    const expected = this.#tip === undefined ? commit.height : this.#tip.height + 1;
    if (commit.height !== expected) return Promise.reject(new RangeError(`commit of height ${commit.height}`));
    this.#tip = { height: commit.height, bytes: commit.tip };
    this.#blocks.set(commit.height, commit);
    this.#heights.set(formatHex(commit.blockId), commit.height);
    commit.txids.forEach((txid, index) => this.#places.set(formatHex(txid), { height: commit.height, index }));
    if (commit.validatorSet !== undefined) {
      this.#validatorSets.set(formatHex(commit.validatorSet.hash), commit.validatorSet.bytes);
    }
    this.#keepAward(commit);
    for (const [leaf, record] of commit.changes.leaves)
      if (record === undefined) this.#spentAt.set(leaf, commit.height);
    change(this.#leaves, commit.changes.leaves);
    change(this.#nodes, commit.changes.nodes);
    change(this.#tiles, commit.changes.tiles);
    change(this.#cores, commit.cores);
    change(this.#payloads, commit.payloads);
    change(this.#rangeProofs, commit.rangeProofs);
    this.#dropSpentCores();
    this.#keepState(commit);
    for (const logged of [...this.#logs.keys()]) if (logged <= commit.height) this.#logs.delete(logged);
    return Promise.resolve();
  }

  appendLog(at: Height, entries: readonly ConsensusLogEntry[]): Promise<void> {
    this.#logs.set(at, [...(this.#logs.get(at) ?? []), ...entries]);
    return Promise.resolve();
  }

  log(at: Height): Promise<readonly ConsensusLogEntry[]> {
    return Promise.resolve([...(this.#logs.get(at) ?? [])]);
  }

  keepEvidence(encoded: Uint8Array): Promise<void> {
    this.#evidence = encoded;
    return Promise.resolve();
  }

  evidence(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#evidence);
  }

  header(at: Height): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#hasHeader(at) ? this.#blocks.get(at)?.header : undefined);
  }

  certificate(at: Height): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#hasHeader(at) ? this.#blocks.get(at)?.certificate : undefined);
  }

  block(at: Height): Promise<Uint8Array | undefined> {
    return Promise.resolve(at < this.#kept.blocks ? undefined : this.#blocks.get(at)?.block);
  }

  compact(at: Height): Promise<Uint8Array | undefined> {
    return Promise.resolve(at < this.#kept.window ? undefined : this.#blocks.get(at)?.compact);
  }

  #hasHeader(at: Height): boolean {
    return at >= this.#kept.window || this.#boundaries.includes(at);
  }

  heightOfBlock(blockId: Hash): Promise<Height | undefined> {
    const at = this.#heights.get(formatHex(blockId));
    return Promise.resolve(at !== undefined && this.#hasHeader(at) ? at : undefined);
  }

  placeOfTransaction(txid: Hash): Promise<{ readonly height: Height; readonly index: number } | undefined> {
    const place = this.#places.get(formatHex(txid));
    return Promise.resolve(place !== undefined && place.height >= this.#kept.blocks ? place : undefined);
  }

  validatorSet(setHash: Hash): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#validatorSets.get(formatHex(setHash)));
  }

  awardDraws(countMax: number): Promise<readonly Uint8Array[]> {
    const weeks = [...this.#awards.keys()].sort((left, right) => Number(right - left));
    return Promise.resolve(weeks.slice(0, countMax).map((week) => this.#awards.get(week)!));
  }

  #keepAward({ award }: BlockCommit): void {
    if (award === undefined) return;
    for (const { hash, bytes } of award.validatorSets) this.#validatorSets.set(formatHex(hash), bytes);
    this.#awards.set(award.week, award.draw);
    for (const week of [...this.#awards.keys()])
      if (week <= award.week - BigInt(AWARD_WEEKS_KEPT)) this.#awards.delete(week);
  }

  core(leaf: LeafIndex): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#cores.get(leaf));
  }

  payloads(leaves: readonly LeafIndex[]): Promise<readonly (Uint8Array | undefined)[]> {
    return Promise.resolve(leaves.map((leaf) => this.#payloads.get(leaf)));
  }

  rangeProof(leaf: LeafIndex): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#rangeProofs.get(leaf));
  }

  boundaries(from: Height, countMax: number): Promise<readonly Height[]> {
    return Promise.resolve(this.#boundaries.filter((at) => at >= from).slice(0, countMax));
  }

  readableBoundaries(): readonly Height[] {
    return this.#states.map((state) => state.height);
  }

  rangeRoots(boundary: Height): Promise<readonly Hash[] | undefined> {
    return Promise.resolve(this.#states.find((state) => state.height === boundary)?.roots);
  }

  snapshotTail(boundary: Height): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#states.find((state) => state.height === boundary)?.tail);
  }

  leavesAt(boundary: Height, first: LeafIndex, count: number): Promise<LeavesAt | undefined> {
    const state = this.#states.find(({ height: at }) => at === boundary);
    if (state === undefined) return Promise.resolve(undefined);
    const live = new Map<LeafIndex, LeafRecord>();
    for (let leaf = first as number; leaf < Math.min(first + count, state.nextLeaf); leaf++) {
      const record = state.leaves.get(leafIndex(leaf));
      if (record !== undefined) live.set(leafIndex(leaf), record);
    }
    return Promise.resolve({ nextLeaf: state.nextLeaf, live });
  }

  /** Knows its leaves alone. */
  tilesAt(boundary: Height): Promise<ReadonlyMap<number, RecordedTile> | undefined> {
    return Promise.resolve(this.readableBoundaries().includes(boundary) ? new Map() : undefined);
  }

  #keepState({ height: at, boundary }: BlockCommit): void {
    if (boundary === undefined) return;
    const { nextLeaf, keepCount, tail } = boundary;
    this.#boundaries.push(at);
    const roots = Array.from(
      { length: Math.ceil(nextLeaf / RANGE_LEAVES) },
      (_, range) => this.node(RANGE_LEVEL, range) ?? ZERO_HASH,
    );
    const state = { height: at, nextLeaf, roots, tail, leaves: new Map(this.#leaves) };
    this.#states = keepCount === 0 ? [] : [...this.#states, state].slice(-keepCount);
  }

  publicPayments(recipient: AddressKeys, countMax: number): Promise<readonly PublicPayment[]> {
    const found: PublicPayment[] = [];
    for (const { height, cores } of this.#blocks.values()) {
      for (const [leaf, bytes] of cores) {
        if (bytes[0] !== OUTPUT_TYPE.public || !this.#cores.has(leaf)) continue;
        const core = decodeOutputCore(bytes) as PublicCore;
        const isHis =
          equalBytes(core.recipient.spendKey, recipient.spendKey) &&
          equalBytes(core.recipient.viewKey, recipient.viewKey);
        if (isHis) found.push({ leaf, height });
      }
    }
    return Promise.resolve(found.reverse().slice(0, countMax));
  }

  keptFrom(): KeptFrom {
    return this.#kept;
  }

  prune(keep: KeptFrom, heightsMax: number): Promise<boolean> {
    const last = this.#tip?.height ?? -1;
    const readable = this.#states[0]?.height ?? last;
    const proofsFrom = height(Math.min(Math.max(this.#proofsFrom, readable + 1), this.#proofsFrom + heightsMax));
    const blocks = height(Math.min(Math.max(this.#kept.blocks, keep.blocks), this.#kept.blocks + heightsMax));
    const windowEnd = Math.min(keep.window, proofsFrom, blocks, this.#kept.window + heightsMax);
    const window = height(Math.max(this.#kept.window, windowEnd));
    const { window: oldWindow } = this.#kept;
    const payloadsEnd = Math.min(keep.payloads, oldWindow);
    const left = this.#boundaries.filter((at) => at >= this.#kept.payloads && at < payloadsEnd).slice(0, heightsMax);
    const payloads = left.length === 0 ? this.#kept.payloads : height(left.at(-1)! + 1);
    const isMore =
      proofsFrom > this.#proofsFrom ||
      blocks > this.#kept.blocks ||
      window > this.#kept.window ||
      payloads > this.#kept.payloads;
    for (const leaf of [...this.#rangeProofs.keys()]) {
      const spent = this.#spentAt.get(leaf);
      if (spent !== undefined && spent < proofsFrom) this.#rangeProofs.delete(leaf);
    }
    this.#proofsFrom = proofsFrom;
    this.#kept = { blocks, window, payloads };
    for (const [at, { cores }] of this.#blocks) {
      if (at >= window) break;
      for (const leaf of cores.keys()) {
        const spent = this.#spentAt.get(leaf);
        const isGone = spent !== undefined && (at >= oldWindow || spent < proofsFrom);
        if (at < payloads || isGone) this.#payloads.delete(leaf);
      }
    }
    this.#dropSpentCores();
    return Promise.resolve(isMore);
  }

  /** Cores of what the window no longer holds live as long as the output does. */
  #dropSpentCores(): void {
    for (const [at, { cores }] of this.#blocks) {
      if (at >= this.#kept.window) break;
      for (const leaf of cores.keys()) if (!this.#leaves.has(leaf)) this.#cores.delete(leaf);
    }
  }

  async *liveLeaves(): AsyncIterable<readonly [LeafIndex, LeafRecord]> {
    for (const leaf of [...this.#leaves.keys()].sort((left, right) => left - right)) {
      await Promise.resolve();
      const record = this.#leaves.get(leaf);
      if (record !== undefined) yield [leafIndex(leaf), record];
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function change<Key, Value>(target: Map<Key, Value>, changes: ReadonlyMap<Key, Value | undefined>): void {
  for (const [key, value] of changes) {
    if (value === undefined) target.delete(key);
    else target.set(key, value);
  }
}
