import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeTypedFrame, encodeFrame } from "../frame.ts";
import { PEERS_ADDRESS_BYTES_MAX, PEERS_FRAME_BYTES_MAX, REQUEST_FRAME_BYTES_MAX } from "../limits.ts";

const TYPE_REQUEST = 1;
const TYPE_ADDRESS = 1;

/** Asks for addresses of other nodes; at most PEERS_ADDRESSES_MAX come back. */
export function encodePeersRequest(): Uint8Array {
  return encodeFrame(TYPE_REQUEST, new Uint8Array(0));
}

/** Throws unless the frame is the one request there is. */
export function decodePeersRequest(frame: Uint8Array): void {
  decodeTypedFrame(frame, TYPE_REQUEST, REQUEST_FRAME_BYTES_MAX, () => undefined);
}

/** One multiaddr in its binary form; what it means is known to `net` alone. */
export function encodePeersItem(address: Uint8Array): Uint8Array {
  if (address.length === 0 || address.length > PEERS_ADDRESS_BYTES_MAX) throw new RangeError("size of an address");
  return encodeFrame(TYPE_ADDRESS, address);
}

export function decodePeersItem(frame: Uint8Array): Uint8Array {
  return decodeTypedFrame(frame, TYPE_ADDRESS, PEERS_FRAME_BYTES_MAX, (reader) => {
    if (reader.remaining === 0) throw new DecodeError("empty address");
    return reader.bytes(reader.remaining);
  });
}
