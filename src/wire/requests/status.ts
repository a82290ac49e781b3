import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import { height, type Height } from "../../core/values/height.ts";
import { decodeTypedFrame } from "../frame.ts";
import { STATUS_FRAME_BYTES_MAX } from "../limits.ts";

const TYPE_STATUS = 1;
const STATUS_FRAME_SIZE = 89;

/** Where a node stands; both sides say it, and a different chain or genesis closes the connection (11.1). */
export interface Status {
  readonly chainId: number;
  readonly genesis: Hash;
  readonly height: Height;
  readonly blockId: Hash;
  /** Lowest height whose block the node still gives. */
  readonly oldestBlock: Height;
}

/** Request and answer are the same frame. */
export function encodeStatus(status: Status): Uint8Array {
  const writer = new Writer(STATUS_FRAME_SIZE).u8(TYPE_STATUS).u32(status.chainId).fixed(status.genesis, 32);
  return writer.u64(status.height).fixed(status.blockId, 32).u64(status.oldestBlock).u32(0).finish();
}

export function decodeStatus(frame: Uint8Array): Status {
  return decodeTypedFrame(frame, TYPE_STATUS, STATUS_FRAME_BYTES_MAX, (reader) => {
    const status = {
      chainId: reader.u32(),
      genesis: hash(reader.bytes(32)),
      height: height(reader.u53()),
      blockId: hash(reader.bytes(32)),
      oldestBlock: height(reader.u53()),
    };
    const flags = reader.u32();
    if (flags !== 0) throw new DecodeError(`status flags ${flags}`);
    return status;
  });
}
