import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Block } from "../../core/chain/block.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeBlockItem, encodeBlocksRequest, type BlocksRequest } from "../../wire/requests/block.ts";
import { REQUEST_MS } from "./header-requests.ts";
import type { Requests } from "./network-edges.ts";

/** The blocks that a node answers with: of ascending heights from the one asked for on, and nothing else checked. */
export async function readBlocks(
  requests: Requests,
  host: NetworkPort,
  peer: PeerId,
  request: BlocksRequest,
  /** Hears the size of each, in bytes, and may throw. */
  onSize: (size: number) => void = () => undefined,
): Promise<readonly Block[]> {
  const wait = { firstMs: REQUEST_MS, idleMs: REQUEST_MS };
  const answer = requests.many(host, peer, PROTOCOL.block, encodeBlocksRequest(request), wait);
  const blocks: Block[] = [];
  try {
    for await (const frame of answer.frames) {
      if (blocks.length === request.count) throw new DecodeError("longer answer than asked for");
      onSize(frame.length);
      const block = decodeBlockItem(frame);
      if (block.header.height !== request.from + blocks.length) throw new DecodeError("another block");
      blocks.push(block);
    }
  } finally {
    answer.cancel();
  }
  return blocks;
}
