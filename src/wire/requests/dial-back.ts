import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeTypedFrame, encodeFrame } from "../frame.ts";
import { PEERS_ADDRESS_BYTES_MAX, PEERS_FRAME_BYTES_MAX, REQUEST_FRAME_BYTES_MAX } from "../limits.ts";

const TYPE_REQUEST = 1;
const TYPE_ANSWER = 1;

/** Asks a node to find us at this address of ours, one multiaddr in its binary form (NW-15). */
export function encodeDialBackRequest(address: Uint8Array): Uint8Array {
  if (address.length === 0 || address.length > PEERS_ADDRESS_BYTES_MAX) throw new RangeError("size of an address");
  return encodeFrame(TYPE_REQUEST, address);
}

export function decodeDialBackRequest(frame: Uint8Array): Uint8Array {
  return decodeTypedFrame(frame, TYPE_REQUEST, PEERS_FRAME_BYTES_MAX, (reader) => {
    if (reader.remaining === 0) throw new DecodeError("empty address");
    return reader.bytes(reader.remaining);
  });
}

/** Whether the asker was found there. Why not is not told: it would tell what else is on that host. */
export function encodeDialBackAnswer(isFound: boolean): Uint8Array {
  return encodeFrame(TYPE_ANSWER, Uint8Array.of(isFound ? 1 : 0));
}

export function decodeDialBackAnswer(frame: Uint8Array): boolean {
  return decodeTypedFrame(frame, TYPE_ANSWER, REQUEST_FRAME_BYTES_MAX, (reader) => {
    const found = reader.u8();
    if (found > 1) throw new DecodeError(`dial-back answer ${found}`);
    return found === 1;
  });
}
