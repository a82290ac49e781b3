import { decodeOutputCore } from "../../core/chain/output.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { FrameStream, NetworkPort } from "../../core/ports/network-port.ts";
import { TILE_LEAVES } from "../../core/state/tree.ts";
import { leafIndex, type Height, type LeafIndex } from "../../core/values/height.ts";
import { HeldBytes } from "../../net/held-bytes.ts";
import { ANSWERS_SENDING_BYTES_MAX, SNAP_ANSWER_BYTES_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import {
  decodeSnapRequest,
  encodeSnapPinned,
  encodeSnapTile,
  hasPinnedItem,
  type PinnedPacket,
  type SnapLeaf,
  type SnapRequest,
  type SnapTile,
} from "../../wire/requests/snap.ts";
import { encodeSnapTailPart } from "../../wire/requests/snap-tail.ts";
import type { RequestGuard } from "./request-guard.ts";
import { Busy, serveRequests, Unavailable } from "./serve-requests.ts";

/** Serves `snap`: the live outputs of a readable boundary for a node that joins (BL-12). */
export async function serveSnap(
  network: NetworkPort,
  store: FullNodeStore,
  guard?: RequestGuard,
  sending = new HeldBytes(ANSWERS_SENDING_BYTES_MAX),
): Promise<void> {
  const answer = async function* (frame: Uint8Array, asker: Pick<FrameStream, "abort">): AsyncIterable<Uint8Array> {
    try {
      for await (const item of answerSnap(store, decodeSnapRequest(frame))) {
        if (!sending.hold(asker, item.length)) throw new Busy("too many snapshots are being read");
        yield item;
        // Whoever takes item after item is not slow.
        sending.release(asker);
      }
    } finally {
      sending.release(asker);
    }
  };
  await serveRequests(network, PROTOCOL.snap, answer, guard);
}

/** A tile or part at a time, each tile read when the one before has been taken. */
async function* answerSnap(store: FullNodeStore, request: SnapRequest): AsyncIterable<Uint8Array> {
  const { boundary, fromTile } = request;
  let size = 0;
  for (let tile = fromTile; ; tile++) {
    const first = leafIndex(Math.min(tile * TILE_LEAVES, MAX_FIRST));
    const state = await store.leavesAt(boundary, first, TILE_LEAVES);
    if (state === undefined) throw new Unavailable("not a boundary this node keeps");
    const tileCount = Math.ceil(state.nextLeaf / TILE_LEAVES);
    if (tile >= tileCount) {
      yield* answerTail(store, boundary, tile - tileCount, size);
      return;
    }
    const leaves = Array.from({ length: TILE_LEAVES }, async (_, place): Promise<SnapLeaf | undefined> => {
      const leaf = leafIndex(first + place);
      const record = state.live.get(leaf);
      return record && { record, rangeProof: await store.rangeProof(leaf) };
    });
    const read = await Promise.all(leaves);
    const frames = [encodeSnapTile(read)];
    if (hasPinnedItem(read)) frames.push(encodeSnapPinned(await pinnedOf(store, boundary, read)));
    size += frames.reduce((sum, frame) => sum + frame.length, 0);
    if (size > SNAP_ANSWER_BYTES_MAX) return;
    yield* frames;
  }
}

/** The packets of a tile's coins that do not live at the boundary, as far as they are kept (BL-12). */
async function pinnedOf(store: FullNodeStore, boundary: Height, tile: SnapTile): Promise<readonly PinnedPacket[]> {
  const leaves = tile.flatMap((leaf) => {
    const core = leaf && decodeOutputCore(leaf.record.core);
    return core?.type === "drawn" ? [core.packetLeaf] : [];
  });
  const ascending = [...new Set(leaves)].sort((left, right) => left - right);
  const packets = await Promise.all(ascending.map((leaf) => readPinned(store, boundary, leaf)));
  return packets.filter((packet) => packet !== undefined);
}

async function readPinned(store: FullNodeStore, boundary: Height, leaf: LeafIndex): Promise<PinnedPacket | undefined> {
  const state = await store.leavesAt(boundary, leaf, 1);
  if (state?.live.has(leaf) === true) return undefined;
  const [bytes, rangeProof] = await Promise.all([store.core(leaf), store.rangeProof(leaf)]);
  const core = bytes && decodeOutputCore(bytes);
  return core?.type === "packet" && rangeProof !== undefined ? { leaf, core, rangeProof } : undefined;
}

/** The parts of the tail from one on, in what room the answer has left. */
async function* answerTail(
  store: FullNodeStore,
  boundary: Height,
  fromPart: number,
  sizeBefore: number,
): AsyncIterable<Uint8Array> {
  const tail = await store.snapshotTail(boundary);
  if (tail === undefined) throw new Unavailable("not a boundary this node keeps");
  let size = sizeBefore;
  for (let part = fromPart; ; part++) {
    const frame = encodeSnapTailPart(tail, part);
    if (frame === undefined && part === fromPart) throw new Unavailable("behind the last part");
    size += frame?.length ?? 0;
    if (frame === undefined || size > SNAP_ANSWER_BYTES_MAX) return;
    yield frame;
  }
}

/** The last tile there can be. */
const MAX_FIRST = 2 ** 40 - TILE_LEAVES;
