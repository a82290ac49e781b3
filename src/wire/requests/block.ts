import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeBlock, type Block } from "../../core/chain/block.ts";
import {
  decodeConsensusFrame,
  encodeConsensusFrame,
  type ConsensusFrame,
  type PartFrame,
  type WantFrame,
} from "../../core/chain/consensus-frames.ts";
import { height, type Height } from "../../core/values/height.ts";
import { decodeTypedFrame, encodeFrame, frameType } from "../frame.ts";
import {
  BLOCK_BLOCKS_MAX,
  BLOCK_FRAME_BYTES_MAX,
  BLOCK_PART_FRAME_BYTES_MAX,
  BLOCK_REQUEST_FRAME_BYTES_MAX,
} from "../limits.ts";

/** Type 1 asks for blocks by height and is answered by blocks; type 2 is a want and is answered by parts (CO-19). */
export const BLOCK_REQUEST_TYPE = { blocks: 1, want: 2 } as const;
export const BLOCK_ANSWER_TYPE = { block: 1, part: 2 } as const;

/** Bodies of want and part are those of protocol `vote`, where they have these types. */
const VOTE_TYPE_WANT = 3;
const VOTE_TYPE_PART = 4;

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
    const from = height(reader.u53());
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

export function encodeWantRequest(want: WantFrame): Uint8Array {
  return withType(BLOCK_REQUEST_TYPE.want, encodeConsensusFrame({ type: "want", want }));
}

export function decodeWantRequest(frame: Uint8Array): WantFrame {
  if (frame.length > BLOCK_REQUEST_FRAME_BYTES_MAX) throw new DecodeError(`want of ${frame.length} bytes`);
  const decoded = decodeAs(frame, BLOCK_REQUEST_TYPE.want, VOTE_TYPE_WANT);
  if (decoded.type !== "want") throw new DecodeError("not a want");
  return decoded.want;
}

/** One frame of the answer to a want; `splitParts` cuts it to size. */
export function encodePartItem(part: PartFrame): Uint8Array {
  return withType(BLOCK_ANSWER_TYPE.part, encodeConsensusFrame({ type: "part", part }));
}

export function decodePartItem(frame: Uint8Array): PartFrame {
  if (frame.length > BLOCK_PART_FRAME_BYTES_MAX) throw new DecodeError(`part of ${frame.length} bytes`);
  const decoded = decodeAs(frame, BLOCK_ANSWER_TYPE.part, VOTE_TYPE_PART);
  if (decoded.type !== "part") throw new DecodeError("not a part");
  return decoded.part;
}

function withType(type: number, frame: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(type), frame.subarray(1));
}

function decodeAs(frame: Uint8Array, type: number, voteType: number): ConsensusFrame {
  const found = frameType(frame);
  if (found !== type) throw new DecodeError(`frame type ${found}`);
  return decodeConsensusFrame(withType(voteType, frame));
}
