import { DecodeError } from "../../core/bytes/decode-error.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { blockId, type Header } from "../../core/chain/header.ts";
import { decodeOutputCore } from "../../core/chain/output.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { RangeClaim } from "../../core/crypto/range-proof.ts";
import { sha256Hash } from "../../core/crypto/tagged-hash.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { RANGE_LEAVES, RANGE_TILES, verifyRangeRoots } from "../../core/state/range-answer.ts";
import { isTailOf, rangeTreeOf, type SnapshotTail } from "../../core/state/snapshot.ts";
import { rangeClaim } from "../../core/state/spend-claims.ts";
import { TILE_LEAVES } from "../../core/state/tree.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import type { Hash } from "../../core/values/hash.ts";
import { height, leafIndex, type Height, type LeafIndex } from "../../core/values/height.ts";
import { requestStream } from "../../net/requests/request.ts";
import { frameType } from "../../wire/frame.ts";
import { HDR_HEADERS_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeHdrItem, encodeHdrRequest } from "../../wire/requests/hdr.ts";
import { decodeRangeRootsItem, encodeRangeRootsRequest } from "../../wire/requests/range.ts";
import {
  decodeSnapPinned,
  decodeSnapTile,
  encodeSnapRequest,
  hasPinnedItem,
  SNAP_ITEM_TYPE,
  type SnapTile,
} from "../../wire/requests/snap.ts";
import { SnapTailParts } from "../../wire/requests/snap-tail.ts";
import type { JoinedRange } from "../storage/joined-range.ts";
import { ShownPackets } from "./shown-packets.ts";

/** An answer that no honest node gives; the message names what of the snapshot is false. */
export class SnapshotFault extends Error {
  override readonly name = "SnapshotFault";
}

const WAIT_MS = 10_000;
/** A peer that sends a tile now and then must not keep a range from the others. */
const ANSWER_MS_MAX = 60_000;
/** Nor one that sends a part now and then: the longest tail is 20 MB. */
const TAIL_MS_MAX = 180_000;
const times = (allMs = ANSWER_MS_MAX) => ({ firstMs: WAIT_MS, idleMs: WAIT_MS, signal: AbortSignal.timeout(allMs) });

/** Boundaries upwards from a height, as many as one answer brings. */
export async function fetchBoundaries(
  network: NetworkPort,
  peer: PeerId,
  from: Height,
): Promise<readonly HeaderItem[]> {
  const { name, asked } = PROTOCOL.hdr;
  const request = encodeHdrRequest({ from, count: HDR_HEADERS_MAX, boundariesOnly: true });
  const items: HeaderItem[] = [];
  for await (const frame of requestStream(network, peer, name, asked, request, times())) {
    if (items.length === HDR_HEADERS_MAX) throw new SnapshotFault("boundaries");
    items.push(decoded("boundaries", () => decodeHdrItem(frame, items.length === 0)));
  }
  return items;
}

/**
 * The blocks before a boundary whose ids work may name behind it (RP-5), ascending: `count` of them, or as many as there are
 * behind the genesis. Each stands by the header after it.
 */
export async function fetchRecentHeaders(
  network: NetworkPort,
  peer: PeerId,
  boundary: Header,
  count: number,
): Promise<readonly HeaderItem[]> {
  const { name, asked } = PROTOCOL.hdr;
  const items: HeaderItem[] = [];
  let next = Math.max(1, boundary.height - count);
  while (next < boundary.height) {
    const before = next;
    const room = Math.min(boundary.height - next, HDR_HEADERS_MAX);
    const request = encodeHdrRequest({ from: height(next), count: room, boundariesOnly: false });
    let isFirst = true;
    for await (const frame of requestStream(network, peer, name, asked, request, times())) {
      const item = decoded("recent headers", () => decodeHdrItem(frame, isFirst));
      if (next === boundary.height || item.header.height !== next) throw new SnapshotFault("recent headers");
      items.push(item);
      isFirst = false;
      next++;
    }
    if (next === before) throw new Error("the peer has dropped recent headers");
  }
  let { prev } = boundary;
  for (const { header } of items.toReversed()) {
    if (!equalBytes(blockId(header), prev)) throw new SnapshotFault("recent headers");
    ({ prev } = header);
  }
  return items;
}

/** The nodes of all ranges, under the header's root (BL-8). */
export async function fetchRangeRoots(network: NetworkPort, peer: PeerId, header: Header): Promise<readonly Hash[]> {
  const { name, asked } = PROTOCOL.range;
  const request = encodeRangeRootsRequest({ boundary: header.height });
  const roots: Hash[] = [];
  const rootsMax = Math.ceil(header.nextLeaf / RANGE_LEAVES);
  for await (const frame of requestStream(network, peer, name, asked, request, times())) {
    roots.push(...decoded("range roots", () => decodeRangeRootsItem(frame)));
    if (roots.length > rootsMax) throw new SnapshotFault("range roots");
  }
  if (!verifyRangeRoots(header.utxoRoot, roots)) throw new SnapshotFault("range roots");
  return roots;
}

/** What the header commits to besides outputs. */
export async function fetchTail(network: NetworkPort, peer: PeerId, header: Header): Promise<SnapshotTail> {
  const { name, asked } = PROTOCOL.snap;
  const tiles = Math.ceil(header.nextLeaf / TILE_LEAVES);
  const parts = new SnapTailParts();
  const wait = times(TAIL_MS_MAX);
  while (!parts.isWhole) {
    const before = parts.next;
    const request = encodeSnapRequest({ boundary: header.height, fromTile: tiles + before });
    for await (const frame of requestStream(network, peer, name, asked, request, wait)) {
      decoded("tail", () => parts.add(frame));
    }
    if (parts.next === before) throw new SnapshotFault("tail");
  }
  const tail = decoded("tail", () => parts.tail(header.height));
  if (!isTailOf(header, tail)) throw new SnapshotFault("tail");
  return tail;
}

/** A range as fetched: what is live in it, and the range proofs that are still to be verified. */
export interface FetchedRange extends JoinedRange {
  /** Of what is live: two thirds of the power have agreed on them. */
  readonly claims: readonly RangeClaim[];
  /** Of packets that have ended: nobody has but the peer. */
  readonly pinnedClaims: readonly RangeClaim[];
}

/** The live outputs of one range under its certified node, with the range proofs that their cores name. */
export async function fetchRange(
  curve: CurveBackend,
  network: NetworkPort,
  peer: PeerId,
  header: Header,
  range: number,
  root: Hash,
): Promise<FetchedRange> {
  const what = `range ${range}`;
  const { name, asked } = PROTOCOL.snap;
  const live = new Map<LeafIndex, LeafRecord>();
  const rangeProofs = new Map<LeafIndex, Uint8Array>();
  const claims: RangeClaim[] = [];
  const shown = new ShownPackets(curve);
  /** The tile before, whose pinned packets are yet to come. */
  let pinning: SnapTile | undefined;
  const end = Math.min((range + 1) * RANGE_TILES, Math.ceil(header.nextLeaf / TILE_LEAVES));
  let tile = range * RANGE_TILES;
  while (tile < end) {
    const before = tile;
    const request = encodeSnapRequest({ boundary: header.height, fromTile: tile });
    for await (const frame of requestStream(network, peer, name, asked, request, times())) {
      if (pinning !== undefined) {
        const packets = decoded(what, () => decodeSnapPinned(frame));
        if (!shown.add(pinning, packets)) throw new SnapshotFault(what);
        pinning = undefined;
        if (++tile === end) break;
        continue;
      }
      if (frameType(frame) !== SNAP_ITEM_TYPE.tile) throw new SnapshotFault(what);
      const first = tile * TILE_LEAVES;
      const leaves = decoded(what, () => decodeSnapTile(frame));
      for (const [place, leaf] of leaves.entries()) {
        if (leaf === undefined) continue;
        const index = leafIndex(first + place);
        live.set(index, leaf.record);
        const core = decodeOutputCore(leaf.record.core);
        if (core.type !== "coin" && core.type !== "packet") continue;
        if (leaf.rangeProof === undefined) throw new Error("the peer has dropped range proofs");
        if (!equalBytes(sha256Hash(leaf.rangeProof), core.rangeProofHash)) throw new SnapshotFault(what);
        rangeProofs.set(index, leaf.rangeProof);
        claims.push(rangeClaim(header.chainId, { core, rangeProof: leaf.rangeProof }));
      }
      if (hasPinnedItem(leaves)) {
        pinning = leaves;
        continue;
      }
      tile++;
      // The rest of the answer is another range's; leaving ends the stream.
      if (tile === end) break;
    }
    if (tile === before) throw new SnapshotFault(what);
    pinning = undefined;
  }
  const tree = rangeTreeOf(range, live);
  if (!equalBytes(tree.node, root)) throw new SnapshotFault(what);
  const pinned = shown.packets();
  if (pinned.some(({ leaf }) => live.has(leaf))) throw new SnapshotFault(what);
  const pinnedClaims = pinned.map((packet) => rangeClaim(header.chainId, packet));
  return { range, live, rangeProofs, pinned, tree, claims, pinnedClaims };
}

function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) throw new SnapshotFault(what);
    throw error;
  }
}
