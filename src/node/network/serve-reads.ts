import type { NetworkPort } from "../../core/ports/network-port.ts";
import { height, type Height } from "../../core/values/height.ts";
import {
  BLOCK_FRAME_BYTES_MAX,
  COMPACT_STREAMS_PER_PEER_MAX,
  HDR_ANSWER_BYTES_MAX,
  REQUEST_FRAME_BYTES_MAX,
  REQUEST_STREAMS_PER_PEER_MAX,
  STATUS_FRAME_BYTES_MAX,
} from "../../wire/limits.ts";
import { decodeBlocksRequest, encodeBlockItem } from "../../wire/requests/block.ts";
import { decodeCompactRequest, encodeCompactItem, type CompactRequest } from "../../wire/requests/compact.ts";
import { decodeHdrRequest, encodeHdrItem, type HdrRequest } from "../../wire/requests/hdr.ts";
import { decodePeersRequest, encodePeersItem } from "../../wire/requests/peers.ts";
import { decodeStatus, encodeStatus, type Status } from "../../wire/requests/status.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import { readCertifiedHeader, readCompactItem } from "./stored-items.ts";
import { serveRequests, Unavailable } from "./serve-requests.ts";

/** What the read protocols answer from. */
export interface ReadSource {
  readonly store: FullNodeStore;
  status(): Status;
  /** Addresses of nodes we know, binary multiaddrs. */
  knownAddresses(): readonly Uint8Array[];
  /** Resolves once a block above `at` is final and stored, or when the node stops. */
  nextBlock(at: Height): Promise<void>;
  isStopped(): boolean;
  /** A peer told its status; false closes the connection (another chain). */
  statusReceived(peer: string, status: Status): boolean;
}

const REQUEST_LIMITS = { frameBytesMax: REQUEST_FRAME_BYTES_MAX, streamsPerPeerMax: REQUEST_STREAMS_PER_PEER_MAX };

/** Serves `status, hdr, block, compact, peers`: everything a stranger may read without a trace of who asks (NW-1, NW-2). */
export async function serveReads(network: NetworkPort, source: ReadSource): Promise<void> {
  const statusLimits = { ...REQUEST_LIMITS, frameBytesMax: STATUS_FRAME_BYTES_MAX };
  await serveRequests(network, "status", statusLimits, (request, peer) => answerStatus(source, request, peer));
  await serveRequests(network, "hdr", REQUEST_LIMITS, (request) => answerHeaders(source, decodeHdrRequest(request)));
  await serveRequests(network, "block", { ...REQUEST_LIMITS, frameBytesMax: BLOCK_FRAME_BYTES_MAX }, (request) =>
    answerBlocks(source, request),
  );
  await serveRequests(network, "peers", REQUEST_LIMITS, (request) => answerPeers(source, request));
  await serveRequests(
    network,
    "compact",
    { ...REQUEST_LIMITS, streamsPerPeerMax: COMPACT_STREAMS_PER_PEER_MAX },
    (request) => answerCompact(source, decodeCompactRequest(request)),
  );
}

async function* answerStatus(source: ReadSource, request: Uint8Array, peer: string): AsyncIterable<Uint8Array> {
  if (!source.statusReceived(peer, decodeStatus(request))) throw new Unavailable("another chain");
  yield encodeStatus(source.status());
}

async function* answerHeaders(source: ReadSource, request: HdrRequest): AsyncIterable<Uint8Array> {
  let size = 0;
  let sent = 0;
  const tip = source.status().height;
  for (let at: number = request.from; at <= tip && sent < request.count; at++) {
    const item = await readCertifiedHeader(source.store, height(at), sent === 0);
    if (item === undefined) throw new Unavailable("header dropped");
    if (request.boundariesOnly && !item.header.isEpochEnd) continue;
    const frame = encodeHdrItem(item);
    size += frame.length;
    if (size > HDR_ANSWER_BYTES_MAX) return;
    sent++;
    yield frame;
  }
}

async function* answerBlocks(source: ReadSource, frame: Uint8Array): AsyncIterable<Uint8Array> {
  const { from, count } = decodeBlocksRequest(frame);
  const tip = source.status().height;
  for (let at: number = from; at <= tip && at < from + count; at++) {
    const block = await source.store.block(height(at));
    if (block === undefined) throw new Unavailable("block dropped");
    yield encodeBlockItem(block);
  }
}

async function* answerPeers(source: ReadSource, request: Uint8Array): AsyncIterable<Uint8Array> {
  decodePeersRequest(request);
  for (const address of source.knownAddresses()) yield encodePeersItem(address);
}

/** The one stream that stays open: every stored block, then each new one as it becomes final (NW-6). */
async function* answerCompact(source: ReadSource, request: CompactRequest): AsyncIterable<Uint8Array> {
  for (let at: number = request.from; !source.isStopped(); at++) {
    while (source.status().height < at && !source.isStopped()) await source.nextBlock(height(at - 1));
    if (source.isStopped()) return;
    const item = await readCompactItem(source.store, height(at), request.isFull);
    if (item === undefined) throw new Unavailable("compact data dropped");
    yield encodeCompactItem(item);
  }
}
