import { blockId } from "../../core/chain/header.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { CertifiedBlock } from "../../core/machines/full-node-events.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { Height } from "../../core/values/height.ts";
import type { PeerFault } from "../../net/peers/peer-score.ts";
import { RequestError, requestStream } from "../../net/requests/request.ts";
import { ERROR_CODE } from "../../wire/frame.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeBlockItem, encodeBlocksRequest } from "../../wire/requests/block.ts";
import { decodeHdrItem, encodeHdrRequest } from "../../wire/requests/hdr.ts";
import type { CertifiedHeader } from "../../wire/requests/certified-header.ts";

const WAIT_MS = 10_000;
/** A peer that sends a frame now and then must not keep us from the others. */
const FETCH_MS_MAX = 30_000;
const { hdr, block } = PROTOCOL;

/**
 * Blocks with their certificates, upwards from a height: `hdr` brings the certificates, `block` the blocks. What has come
 * before an answer breaks or our patience ends is kept; throws only if that is nothing.
 */
export async function fetchBlocks(
  network: NetworkPort,
  peer: PeerId,
  from: Height,
  count: number,
  patienceMs = FETCH_MS_MAX,
): Promise<readonly CertifiedBlock[]> {
  const times = { firstMs: WAIT_MS, idleMs: WAIT_MS, signal: AbortSignal.timeout(patienceMs) };
  const headerRequest = encodeHdrRequest({ from, count, boundariesOnly: false });
  const headerFrames = requestStream(network, peer, hdr.name, hdr.asked, headerRequest, times);
  const headers: CertifiedHeader[] = [];
  await takeFrames(headerFrames, headers, count, (frame) => decodeHdrItem(frame, headers.length === 0));
  if (headers.length === 0) return [];
  const blockRequest = encodeBlocksRequest({ from, count: headers.length });
  const blockFrames = requestStream(network, peer, block.name, block.asked, blockRequest, times);
  const blocks: CertifiedBlock[] = [];
  await takeFrames(blockFrames, blocks, headers.length, (frame) => {
    const fetched = decodeBlockItem(frame);
    const { header, certificate } = headers[blocks.length]!;
    // Not the block of the header we have a certificate for: what came before may still be good.
    return equalBytes(blockId(header), blockId(fetched.header)) ? { block: fetched, certificate } : undefined;
  });
  return blocks;
}

/** What a fetch that brought nothing says of the peer; a connection that broke, a busy peer or one that has dropped them says nothing. */
export function fetchFault(error: unknown): PeerFault | undefined {
  if (error instanceof DecodeError) return "malformed_answer";
  if (!(error instanceof RequestError) || error.code === "broken") return undefined;
  const code = error.refusal?.code;
  return code === ERROR_CODE.busy || code === ERROR_CODE.unavailable ? undefined : "empty_promise";
}

/** Adds what frames hold to a list, until there are enough or one holds something else. */
async function takeFrames<T>(
  frames: AsyncIterable<Uint8Array>,
  taken: T[],
  countMax: number,
  read: (frame: Uint8Array) => T | undefined,
): Promise<void> {
  try {
    for await (const frame of frames) {
      const item = read(frame);
      if (item === undefined) return;
      taken.push(item);
      if (taken.length === countMax) return;
    }
  } catch (error) {
    if (taken.length === 0) throw error;
  }
}
