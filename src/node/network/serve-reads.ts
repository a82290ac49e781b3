import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { decodeBlock } from "../../core/chain/block.ts";
import { splitParts, type WantFrame } from "../../core/chain/consensus-frames.ts";
import { blockId } from "../../core/chain/header.ts";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { frameType } from "../../wire/frame.ts";
import { height, type Height } from "../../core/values/height.ts";
import { HDR_ANSWER_BYTES_MAX, PEERS_ADDRESSES_MAX } from "../../wire/limits.ts";
import { PROTOCOL, type Protocol } from "../../wire/protocols.ts";
import {
  BLOCK_REQUEST_TYPE,
  decodeBlocksRequest,
  decodeWantRequest,
  encodeBlockItem,
  encodePartItem,
} from "../../wire/requests/block.ts";
import { decodeCompactRequest, type CompactRequest } from "../../wire/requests/compact.ts";
import { decodeHdrRequest, encodeHdrItem, type HdrRequest } from "../../wire/requests/hdr.ts";
import { decodePeersRequest, encodePeersItem } from "../../wire/requests/peers.ts";
import { decodeStatus, encodeStatus, type Status } from "../../wire/requests/status.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import { CompactFrames } from "./compact-frames.ts";
import { readCertifiedHeader } from "./stored-items.ts";
import type { RequestGuard } from "./request-guard.ts";
import { serveRequests, Unavailable, WrongNetwork } from "./serve-requests.ts";

/** What the read protocols answer from. */
export interface ReadSource {
  readonly store: FullNodeStore;
  status(): Status;
  /** Addresses of nodes we know, binary multiaddrs. */
  knownAddresses(): readonly Uint8Array[];
  /** Calls back after each block is final and stored; returns how to stop it. */
  onBlock(listener: () => void): () => void;
  /** A peer told its status; false if it is of another chain. */
  statusReceived(peer: string, status: Status): boolean;
}

/** Serves `status, hdr, block, compact, peers`: everything a stranger may read without a trace of who asks (NW-1, NW-2). */
export async function serveReads(network: NetworkPort, source: ReadSource, guard?: RequestGuard): Promise<void> {
  const serve = (protocol: Protocol, answer: Parameters<typeof serveRequests>[2]): Promise<void> => {
    return serveRequests(network, protocol, answer, guard);
  };
  await serve(PROTOCOL.status, (request, { peer }) => answerStatus(source, request, peer));
  await serve(PROTOCOL.hdr, (request) => answerHeaders(source, decodeHdrRequest(request)));
  await serve(PROTOCOL.block, (request) => answerBlocks(source, request));
  await serve(PROTOCOL.peers, (request) => answerPeers(source, request));
  const frames = new CompactFrames(source.store);
  await serve(PROTOCOL.compact, (request, { closed }) => {
    return answerCompact(source, frames, decodeCompactRequest(request), closed);
  });
}

function* answerStatus(source: ReadSource, request: Uint8Array, peer: string): Iterable<Uint8Array> {
  if (!source.statusReceived(peer, decodeStatus(request))) throw new WrongNetwork("another chain");
  yield encodeStatus(source.status());
}

async function* answerHeaders(source: ReadSource, request: HdrRequest): AsyncIterable<Uint8Array> {
  let size = 0;
  let isFirst = true;
  for (const at of await headerHeights(source, request)) {
    const item = await readCertifiedHeader(source.store, at, isFirst);
    if (item === undefined) throw new Unavailable("header dropped");
    const frame = encodeHdrItem(item);
    size += frame.length;
    if (size > HDR_ANSWER_BYTES_MAX) return;
    isFirst = false;
    yield frame;
  }
}

async function headerHeights(source: ReadSource, request: HdrRequest): Promise<readonly Height[]> {
  const tip = source.status().height;
  const { from, count } = request;
  if (!request.boundariesOnly) {
    return Array.from({ length: Math.max(0, Math.min(count, tip - from + 1)) }, (_, index) => height(from + index));
  }
  const boundaries = await source.store.boundaries(from, count);
  // The store may be a block ahead of what the node has said so far.
  return boundaries.filter((at) => at <= tip);
}

async function* answerBlocks(source: ReadSource, frame: Uint8Array): AsyncIterable<Uint8Array> {
  if (frameType(frame) === BLOCK_REQUEST_TYPE.want) {
    yield* answerWant(source, decodeWantRequest(frame));
    return;
  }
  const { from, count } = decodeBlocksRequest(frame);
  const tip = source.status().height;
  for (let at: number = from; at <= tip && at < from + count; at++) {
    const block = await source.store.block(height(at));
    if (block === undefined) throw new Unavailable("block dropped");
    yield encodeBlockItem(block);
  }
}

/** Transactions of a stored block by their places; a place behind the last one is left out (CO-19). */
async function* answerWant(source: ReadSource, want: WantFrame): AsyncIterable<Uint8Array> {
  const bytes = await source.store.block(want.height);
  const block = bytes === undefined ? undefined : decodeBlock(bytes);
  if (block === undefined || !equalBytes(blockId(block.header), want.blockId)) throw new Unavailable("another block");
  const found = want.indexes.flatMap((index) => {
    const transaction = block.transactions[index];
    return transaction === undefined ? [] : [{ index, transaction }];
  });
  for (const part of splitParts(want.height, want.blockId, found)) yield encodePartItem(part);
}

function* answerPeers(source: ReadSource, request: Uint8Array): Iterable<Uint8Array> {
  decodePeersRequest(request);
  for (const address of source.knownAddresses().slice(0, PEERS_ADDRESSES_MAX)) yield encodePeersItem(address);
}

/**
 * The one stream that stays open: every stored block, then each new one as it becomes final (NW-6). It ends with its
 * reader: one who waits for a height that is far away and leaves would otherwise be kept for ever.
 */
async function* answerCompact(
  source: ReadSource,
  frames: CompactFrames,
  request: CompactRequest,
  closed: Promise<void>,
): AsyncIterable<Uint8Array> {
  const reader = { isGone: false, wake: (): void => undefined };
  const stopListening = source.onBlock(() => reader.wake());
  void closed.then(() => {
    reader.isGone = true;
    reader.wake();
  });
  try {
    for (let at: number = request.from; ; at++) {
      while (source.status().height < at && !reader.isGone)
        await new Promise<void>((resolve) => (reader.wake = resolve));
      if (reader.isGone) return;
      const frame = await frames.get(height(at), request.isFull, source.status().height);
      if (frame === undefined) throw new Unavailable("compact data dropped");
      yield frame;
    }
  } finally {
    stopListening();
  }
}
