import { multiaddr } from "@multiformats/multiaddr";
import { PEERS_ADDRESS_BYTES_MAX } from "../../wire/limits.ts";

/** The binary form of a multiaddr, as protocol `peers` carries it; undefined for what is none or is too long. */
export function encodeAddress(address: string): Uint8Array | undefined {
  try {
    const bytes = multiaddr(address).bytes;
    return bytes.length > 0 && bytes.length <= PEERS_ADDRESS_BYTES_MAX ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a peer's bytes; undefined for what is no multiaddr in its one encoding, or names no peer. */
export function decodeAddress(bytes: Uint8Array): string | undefined {
  try {
    const address = multiaddr(bytes);
    const text = address.toString();
    const again = multiaddr(text).bytes;
    const isCanonical = again.length === bytes.length && again.every((byte, index) => byte === bytes[index]);
    return isCanonical && address.getComponents().some((component) => component.name === "p2p") ? text : undefined;
  } catch {
    return undefined;
  }
}
