import { isAllowed } from "./address-book.ts";
import { decodeAddress, parseNodeAddress } from "./peer-addresses.ts";

/** What a light client can dial from where it runs. */
export interface ClientReach {
  readonly hasWebRtc: boolean;
  /** A page from https may open encrypted sockets only. */
  readonly isSecurePage: boolean;
  /** On a dev network; elsewhere a lying node would have browsers knock at doors in their own homes. */
  readonly allowsPrivate: boolean;
}

/** A name as the public network has them: no IP address in disguise, and none that only a local network knows. */
const PUBLIC_NAME = /^\/dns[46]?\/(?:[a-z\d-]+\.)+(?!local\/|localhost\/)[a-z][a-z\d-]*\//i;

/** The text of an address that a node told of and that can be dialled here; undefined for any other bytes. */
export function readClientAddress(bytes: Uint8Array, reach: ClientReach): string | undefined {
  const address = decodeAddress(bytes);
  const parts = address === undefined ? undefined : parseNodeAddress(address);
  if (parts === undefined || !isAllowed(parts, reach.allowsPrivate)) return undefined;
  if (parts.ip === undefined) {
    // A name is looked up wherever its owner likes: only one that proves itself is.
    const isUsable = reach.allowsPrivate || PUBLIC_NAME.test(address!);
    return parts.transport === "wss" && isUsable ? address : undefined;
  }
  switch (parts.transport) {
    case "wss":
      return address;
    case "ws":
      return reach.isSecurePage ? undefined : address;
    case "webrtc-direct":
      return reach.hasWebRtc ? address : undefined;
    case "tcp":
      return undefined;
    default:
      return parts.transport satisfies never;
  }
}
