import type { ClassicLevel } from "classic-level";
import { Writer } from "../../core/bytes/writer.ts";
import { encodeCertificate, type Certificate } from "../../core/chain/certificate.ts";
import { blockId, decodeHeader, encodeHeader, type Header } from "../../core/chain/header.ts";
import { decodeValidatorSet, encodeValidatorSet } from "../../core/chain/validator-set.ts";
import { RANGE_LEVEL, parentNodes } from "../../core/state/range-answer.ts";
import { encodeSnapshotTail } from "../../core/state/snapshot.ts";
import { encodeLedgerTip, type LedgerTip } from "../../core/state/ledger-tip.ts";
import { TREE_LEVELS } from "../../core/state/tree.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { hash, isZeroHash, type Hash } from "../../core/values/hash.ts";
import { META } from "./commit-operations.ts";
import {
  clearingOperations,
  judgePinned,
  rangeOperations,
  type JoinedRange,
  type PacketVerdict,
} from "./joined-range.ts";
import {
  hashKey,
  heightKey,
  heightOfKey,
  KEY_SPACE,
  leafKey,
  leafOfKey,
  metaKey,
  nodeKey,
  type StoreOperation,
} from "./key-spaces.ts";
import { plainBytes } from "./plain-bytes.ts";
import { placeOperations, placesBehind } from "./pruned-places.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** A boundary that the chain of boundaries from the genesis leads to. */
export interface CertifiedBoundary extends TrustedHeader {
  readonly certificate: Certificate;
}

/** So many are forgotten in one batch. */
const BOUNDARIES_DROPPED_MAX = 1_000;

/**
 * The database of a node that joins at a boundary (BL-12): boundaries and ranges as they come, each in a batch of its own,
 * and the tip last. Until then it is no ledger, and a start goes on with what is there.
 */
export class SnapshotImport {
  readonly #database: Database;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The boundaries stored last, the newest first, with the sets they announce; none at the beginning. */
  async newestBoundaries(countMax: number): Promise<readonly TrustedHeader[]> {
    const boundaries = { gte: Uint8Array.of(KEY_SPACE.boundary), lt: Uint8Array.of(KEY_SPACE.boundary + 1) };
    const keys = await this.#database.keys({ ...boundaries, reverse: true, limit: countMax }).all();
    return Promise.all(
      keys.map(async (key) => {
        const header = (await this.boundaryHeader(heightOfKey(key)))!;
        const set = await this.#database.get(hashKey(KEY_SPACE.validatorSet, header.nextValHash));
        return { header, blockId: blockId(header), nextValidators: decodeValidatorSet(plainBytes(set!)) };
      }),
    );
  }

  /** The header of a boundary that has been stored. */
  async boundaryHeader(at: number): Promise<Header | undefined> {
    const bytes = await this.#database.get(heightKey(KEY_SPACE.header, at));
    return bytes && decodeHeader(plainBytes(bytes));
  }

  /** Stores boundaries that follow the last one. */
  async putBoundaries(boundaries: readonly CertifiedBoundary[]): Promise<void> {
    await this.#database.batch(boundaries.flatMap(boundaryOperations), { sync: true });
  }

  /** Forgets all boundaries but the genesis. Sets and ranges stay: they are what their hashes say. */
  async dropBoundaries(): Promise<void> {
    const later = { gt: heightKey(KEY_SPACE.boundary, 0), lt: Uint8Array.of(KEY_SPACE.boundary + 1) };
    for (;;) {
      // The highest first: what a kill leaves is a chain from the genesis on.
      const keys = await this.#database.keys({ ...later, reverse: true, limit: BOUNDARIES_DROPPED_MAX }).all();
      if (keys.length === 0) return;
      const headers = await Promise.all(keys.map(async (key) => (await this.boundaryHeader(heightOfKey(key)))!));
      const operations = headers.flatMap((header) => [
        heightKey(KEY_SPACE.header, header.height),
        heightKey(KEY_SPACE.certificate, header.height),
        heightKey(KEY_SPACE.boundary, header.height),
        hashKey(KEY_SPACE.blockHeight, blockId(header)),
      ]);
      await this.#database.batch(operations.map((key) => ({ type: "del", key })), { sync: true }); // prettier-ignore
    }
  }

  /** Ranges that are stored, with their nodes. */
  async joinedRanges(): Promise<ReadonlyMap<number, Hash>> {
    const range = { gte: Uint8Array.of(KEY_SPACE.joinedRange), lt: Uint8Array.of(KEY_SPACE.joinedRange + 1) };
    const entries = await this.#database.iterator(range).all();
    return new Map(entries.map(([key, node]) => [leafOfKey(key), hash(Uint8Array.from(node))]));
  }

  /** Stores a range that is not stored, if what it shows of packets fits those that are (BL-12). */
  putRange(joined: JoinedRange): Promise<PacketVerdict> {
    return this.#inTurn(async () => {
      const verdict = await judgePinned(this.#database, joined);
      if (verdict.type === "fits") await this.#database.batch([...rangeOperations(joined)]);
      return verdict;
    });
  }

  /** Forgets a range: it is another one by now, or is not to be believed. */
  dropRange(range: number): Promise<void> {
    return this.#inTurn(async () => this.#database.batch([...(await clearingOperations(this.#database, range))]));
  }

  /**
   * All of it is here and checked: the next start follows the chain from this tip on. `recent` are headers before it, kept
   * for those who join by this node (RP-5).
   */
  async finish(tip: LedgerTip, roots: readonly Hash[], recent: readonly HeaderItem[]): Promise<void> {
    const { header } = tip;
    const at = header.height;
    const put = (key: Uint8Array, value: Uint8Array): StoreOperation => ({ type: "put", key, value });
    const encoded = encodeLedgerTip(tip);
    const markers = await this.joinedRanges();
    const rootBytes = new Writer(32 * roots.length).list(roots, (out, root) => out.bytes(root)).finish();
    const operations = [
      ...[...markers.keys()].map((range) => ({ type: "del" as const, key: leafKey(KEY_SPACE.joinedRange, range) })),
      ...upperNodes(roots),
      ...recent.flatMap(({ header: each, certificate }) => [
        put(heightKey(KEY_SPACE.header, each.height), encodeHeader(each)),
        put(heightKey(KEY_SPACE.certificate, each.height), encodeCertificate(certificate)),
      ]),
      put(heightKey(KEY_SPACE.rangeRoots, at), rootBytes),
      put(heightKey(KEY_SPACE.snapshotTail, at), encodeSnapshotTail(tip)),
      ...placeOperations(placesBehind(at, header.nextLeaf)),
      put(metaKey(META.tip), new Writer(8 + encoded.length).u64(at).bytes(encoded).finish()),
    ];
    await this.#database.batch(operations, { sync: true });
  }

  /** What ranges say of packets is compared with what is stored, so they come one after the other. */
  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(write);
    this.#lastWrite = turn.catch(() => undefined);
    return turn;
  }
}

function boundaryOperations({ header, blockId: id, certificate, nextValidators }: CertifiedBoundary): StoreOperation[] {
  const at = header.height;
  const put = (key: Uint8Array, value: Uint8Array): StoreOperation => ({ type: "put", key, value });
  return [
    put(heightKey(KEY_SPACE.header, at), encodeHeader(header)),
    put(heightKey(KEY_SPACE.certificate, at), encodeCertificate(certificate)),
    put(heightKey(KEY_SPACE.boundary, at), new Writer(5).u40(header.nextLeaf).finish()),
    put(hashKey(KEY_SPACE.blockHeight, id), new Writer(8).u64(at).finish()),
    put(hashKey(KEY_SPACE.validatorSet, header.nextValHash), encodeValidatorSet(nextValidators)),
  ];
}

/** Levels above the ranges. */
function upperNodes(roots: readonly Hash[]): readonly StoreOperation[] {
  const operations: StoreOperation[] = [];
  let nodes = roots;
  for (let level = RANGE_LEVEL + 1; level <= TREE_LEVELS; level++) {
    nodes = parentNodes(nodes);
    nodes.forEach((node, position) => {
      if (!isZeroHash(node)) operations.push({ type: "put", key: nodeKey(level, position), value: node });
    });
  }
  return operations;
}
