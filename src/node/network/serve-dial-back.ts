import type { NodeNetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { TimeMs } from "../../core/values/height.ts";
import { DialBackDesk } from "../../net/peers/dial-back.ts";
import { decodeAddress } from "../../net/peers/peer-addresses.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeDialBackRequest, encodeDialBackAnswer } from "../../wire/requests/dial-back.ts";
import type { KnownPeers } from "./known-peers.ts";
import type { RequestGuard } from "./request-guard.ts";
import { Busy, serveRequests } from "./serve-requests.ts";

/** Longest look at an address. */
export const PROBE_MS = 5_000;

/** Looks for peers at the addresses they claim (NW-15); those found are handed on from then on. */
export async function serveDialBack(
  host: NodeNetworkPort,
  peers: KnownPeers,
  now: () => TimeMs,
  guard: RequestGuard,
): Promise<void> {
  const { allowsPrivate, book } = peers;
  const desk = new DialBackDesk({ probe: (address) => host.probe(address, PROBE_MS), now, allowsPrivate });
  const answer = async function* (frame: Uint8Array, { peer }: { readonly peer: PeerId }): AsyncIterable<Uint8Array> {
    const address = decodeAddress(decodeDialBackRequest(frame));
    const result = address === undefined ? "not_found" : await desk.look(peer, host.remoteAddress(peer), address);
    if (result === "busy") throw new Busy("too many looks");
    if (result === "found" && address !== undefined) book.prove(address, now());
    yield encodeDialBackAnswer(result === "found");
  };
  await serveRequests(host, PROTOCOL.dialBack, answer, guard);
}
