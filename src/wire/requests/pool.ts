import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Reader } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { encodeOutputCore, readOutputCore } from "../../core/chain/output.ts";
import { PAYLOAD_SIZE, TX_OUTPUTS_MAX } from "../../core/params/limits.ts";
import type { PoolItem, PoolOutput } from "../../core/sync/pool-item.ts";
import { hash } from "../../core/values/hash.ts";
import { decodeTypedFrame, encodeFrame } from "../frame.ts";
import { POOL_FRAME_BYTES_MAX, REQUEST_FRAME_BYTES_MAX } from "../limits.ts";

const TYPE_REQUEST = 1;
const TYPE_ITEM = 1;

/** First byte of an item. */
const FLAG = { new: 0, dropped: 1, included: 2 } as const;

/** Asks for the whole mempool and then for every change; there is no filter. The stream stays open. */
export function encodePoolRequest(): Uint8Array {
  return encodeFrame(TYPE_REQUEST, new Uint8Array(0));
}

/** Throws unless the frame is the one request there is. */
export function decodePoolRequest(frame: Uint8Array): void {
  decodeTypedFrame(frame, TYPE_REQUEST, REQUEST_FRAME_BYTES_MAX, () => undefined);
}

export function encodePoolItem(item: PoolItem): Uint8Array {
  const outputs = item.notice === "new" ? item.outputs : [];
  if (outputs.length > TX_OUTPUTS_MAX) throw new RangeError(`${outputs.length} outputs`);
  const writer = new Writer(35 + 715 * outputs.length).u8(TYPE_ITEM).u8(FLAG[item.notice]);
  return writer
    .fixed(item.txid, 32)
    .u8(outputs.length)
    .list(outputs, (out, { core, payload }) => out.bytes(encodeOutputCore(core)).fixed(payload, PAYLOAD_SIZE))
    .finish();
}

export function decodePoolItem(frame: Uint8Array): PoolItem {
  return decodeTypedFrame(frame, TYPE_ITEM, POOL_FRAME_BYTES_MAX, (reader) => {
    const flag = reader.u8();
    const txid = hash(reader.bytes(32));
    const outputs = reader.list(reader.u8(), TX_OUTPUTS_MAX, readPoolOutput);
    if (flag === FLAG.new) return { notice: "new", txid, outputs };
    if (flag !== FLAG.dropped && flag !== FLAG.included) throw new DecodeError(`pool flags ${flag}`);
    if (outputs.length > 0) throw new DecodeError("outputs behind a notice");
    return { notice: flag === FLAG.dropped ? "dropped" : "included", txid };
  });
}

function readPoolOutput(reader: Reader): PoolOutput {
  const core = readOutputCore(reader);
  if (core.type !== "coin") throw new DecodeError(`a ${core.type} output in a pool item`);
  return { core, payload: reader.bytes(PAYLOAD_SIZE) };
}
