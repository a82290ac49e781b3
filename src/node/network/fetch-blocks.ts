import { blockId } from "../../core/chain/header.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { CertifiedBlock } from "../../core/machines/full-node-events.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { Height } from "../../core/values/height.ts";
import { requestStream } from "../../net/requests/request.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeBlockItem, encodeBlocksRequest } from "../../wire/requests/block.ts";
import { decodeHdrItem, encodeHdrRequest } from "../../wire/requests/hdr.ts";
import type { CertifiedHeader } from "../../wire/requests/certified-header.ts";

const WAIT_MS = 10_000;
const { hdr, block } = PROTOCOL;
const TIMES = { firstMs: WAIT_MS, idleMs: WAIT_MS };

/** Blocks with their certificates, upwards from a height: `hdr` brings the certificates, `block` the blocks. */
export async function fetchBlocks(
  network: NetworkPort,
  peer: PeerId,
  from: Height,
  count: number,
): Promise<readonly CertifiedBlock[]> {
  const headers: CertifiedHeader[] = [];
  const headerRequest = encodeHdrRequest({ from, count, boundariesOnly: false });
  for await (const frame of requestStream(network, peer, hdr.name, hdr.asked, headerRequest, TIMES)) {
    headers.push(decodeHdrItem(frame, headers.length === 0));
    if (headers.length === count) break;
  }
  const blocks: CertifiedBlock[] = [];
  if (headers.length === 0) return blocks;
  const blockRequest = encodeBlocksRequest({ from, count: headers.length });
  for await (const frame of requestStream(network, peer, block.name, block.asked, blockRequest, TIMES)) {
    const fetched = decodeBlockItem(frame);
    const header = headers[blocks.length];
    // Not the block of the header we have a certificate for: what came before may still be good.
    if (header === undefined || !equalBytes(blockId(header.header), blockId(fetched.header))) break;
    blocks.push({ block: fetched, certificate: header.certificate });
    if (blocks.length === headers.length) break;
  }
  return blocks;
}
