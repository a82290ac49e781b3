import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeBlock, type Block } from "../../core/chain/block.ts";
import type { Height } from "../../core/values/height.ts";
import { decodeTypedFrame, encodeFrame } from "../frame.ts";
import { BLOCK_BLOCKS_MAX, BLOCK_FRAME_BYTES_MAX, BLOCK_REQUEST_FRAME_BYTES_MAX } from "../limits.ts";
import { readHeight } from "../read-height.ts";

/** Type 1 asks for blocks by height and is answered by blocks; type 2 is a want and is answered by parts (CO-19). */
export const BLOCK_REQUEST_TYPE = { blocks: 1, want: 2 } as const;
export const BLOCK_ANSWER_TYPE = { block: 1, part: 2 } as const;

/** Whole blocks upwards from a height. */
export interface BlocksRequest {
  readonly from: Height;
  /** 1..BLOCK_BLOCKS_MAX. */
  readonly count: number;
}

export function encodeBlocksRequest(request: BlocksRequest): Uint8Array {
  return new Writer(10).u8(BLOCK_REQUEST_TYPE.blocks).u64(request.from).u8(request.count).finish();
}

export function decodeBlocksRequest(frame: Uint8Array): BlocksRequest {
  return decodeTypedFrame(frame, BLOCK_REQUEST_TYPE.blocks, BLOCK_REQUEST_FRAME_BYTES_MAX, (reader) => {
    const from = readHeight(reader);
    const count = reader.u8();
    if (count === 0 || count > BLOCK_BLOCKS_MAX) throw new DecodeError(`${count} blocks, at most ${BLOCK_BLOCKS_MAX}`);
    return { from, count };
  });
}

/** A stored block's own bytes behind the type. */
export function encodeBlockItem(block: Uint8Array): Uint8Array {
  return encodeFrame(BLOCK_ANSWER_TYPE.block, block);
}

export function decodeBlockItem(frame: Uint8Array): Block {
  return decodeBlock(
    decodeTypedFrame(frame, BLOCK_ANSWER_TYPE.block, BLOCK_FRAME_BYTES_MAX, (reader) => reader.bytes(reader.remaining)),
  );
}
