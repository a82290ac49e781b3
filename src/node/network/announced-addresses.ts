import type { PeerId } from "../../core/ports/network-port.ts";
import { isWebRtcAddress } from "../../net/host/create-node-host.ts";
import { isAllowed } from "../../net/peers/address-book.ts";
import { parseNodeAddress } from "../../net/peers/peer-addresses.ts";
import { Refusal } from "../refusal.ts";

/** What an announced address is completed with and measured by. */
export interface AnnouncingNode {
  readonly self: PeerId;
  /** Of the certificate for WebRTC-direct; undefined where the node does not listen for it. */
  readonly certhash: string | undefined;
  /** On a dev network local addresses may be told. */
  readonly allowsPrivate: boolean;
}

/**
 * The addresses that a node behind a proxy or a port map tells others instead of those it listens on, completed by what
 * only the node knows: the hash of its certificate and its name. Others list them once they have found it there (NW-15).
 */
export function announcedAddresses(addresses: readonly string[], node: AnnouncingNode): readonly string[] {
  return addresses.map((address) => announced(address, node));
}

function announced(address: string, { self, certhash, allowsPrivate }: AnnouncingNode): string {
  const refuse = (reason: string): Refusal => new Refusal("bad_announce", `${address} cannot be announced: ${reason}`);
  let whole = address;
  if (isWebRtcAddress(whole) && !whole.includes("/certhash/")) {
    if (certhash === undefined) throw refuse("the node does not listen for WebRTC");
    whole = whole.replace(/\/webrtc-direct/, `/webrtc-direct/certhash/${certhash}`);
  }
  if (!whole.includes("/p2p/")) whole = `${whole}/p2p/${self}`;
  const parts = parseNodeAddress(whole);
  if (parts === undefined || parts.port === 0) {
    throw refuse("it is not host, port and one of tcp, ws, wss, webrtc-direct");
  }
  if (parts.peer !== self) throw refuse("it names another node");
  if (!isAllowed(parts, allowsPrivate)) throw refuse("nobody reaches it from elsewhere");
  return whole;
}
